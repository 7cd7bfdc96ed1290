"""The inbox as a person sees it: wide and narrow, without an accessibility finding."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from notifications.models import CapturedMessage, Channel, State
from tests.conftest import Server
from tests.notifications.conftest import make_practice
from tests.processes import wait_until


def _is_there(page: Page, address: str) -> bool:
    response = page.goto(address)
    return bool(response and response.ok)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_inbox_is_accessible_and_does_not_scroll_sideways(
    committed_db: None, portal_server: Server, new_page: Callable[..., Page], width: int
) -> None:
    practice, to = make_practice(), f"maria-{width}@example.com"
    link = practice.address(f"/verify/{'x' * 43}")
    CapturedMessage.objects.create(
        practice=practice, channel=Channel.EMAIL, to=to, subject="Please verify", body=f"Here: {link}",
        links=[link], state=State.SENT,
    )  # fmt: skip
    for channel in (Channel.SMS, Channel.VOICE):
        CapturedMessage.objects.create(
            practice=practice,
            channel=channel,
            to=to,
            body="Your code is 012345.",
            state=State.DELIVERED,
        )
    page = new_page(width=width)
    address = portal_server.url(practice.host, f"/inbox/?to={to}")
    wait_until(lambda: _is_there(page, address))  # the server hears of a new practice within a second
    assert page.get_by_role("link", name=link).get_attribute("href") == link
    assert page.get_by_role("button", name="Text STOP back").count() == 1
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
