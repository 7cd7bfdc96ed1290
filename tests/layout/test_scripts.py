"""What scripts add to the pages (docs/flows.md, rule 7: nothing but that), in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from tests.layout.sample import SampleForm, page, typed

STATIC = settings.BASE_DIR / "static"
POLICY = "default-src 'self'"
ADDRESS = "http://practice.test/"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Site:
    """Answers the browser out of this process: a page at `/`, the static files, and a count of what is posted."""

    def __init__(self) -> None:
        self.html = page(SampleForm())
        self.posted: list[str] = []

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self.posted.append(route.request.post_data or "")
            route.fulfill(status=204)  # the page stays, as it does while an answer is on its way
            return
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=KINDS[file.suffix])
        else:
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
            route.fulfill(body=self.html, headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def visit(site: Site, new_page: Callable[..., Page]) -> Callable[..., Page]:
    def opened(**options: Any) -> Page:
        tab = new_page(**options)
        tab.route("**/*", site.answer)
        tab.goto(ADDRESS)
        return tab

    return opened


@pytest.fixture
def tab(visit: Callable[..., Page]) -> Page:
    return visit()


def test_errors_are_focused_and_lead_to_their_fields(site: Site, tab: Page) -> None:
    site.html = page(SampleForm(typed()))
    tab.reload()
    expect(tab.locator("[data-error-summary]")).to_be_focused()
    tab.get_by_role("link", name="Enter last name.").click()
    expect(tab.locator("#id_last_name")).to_be_focused()
    tab.get_by_role("link", name="Choose an answer: Whose is it?").click()
    expect(tab.locator("#id_whose_0")).to_be_focused()


def test_errors_are_focused_without_scripts(site: Site, visit: Callable[..., Page]) -> None:
    site.html = page(SampleForm(typed()))
    expect(visit(java_script_enabled=False).locator("[data-error-summary]")).to_be_focused()


def test_password_is_shown_and_hidden_again_before_it_goes(site: Site, tab: Page) -> None:
    field, button = tab.locator("#id_password"), tab.locator("[data-shows=id_password]")
    field.fill("Kite")
    expect(button).to_have_text("Show Password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_text("Hide Password")
    tab.get_by_role("button", name="Next").click()
    expect(field).to_have_attribute("type", "password")


def test_rules_that_are_met_are_marked_and_told(tab: Page) -> None:
    rules = tab.locator("[data-password-rules] li")
    met = re.compile("is-met")
    tab.locator("#id_email").fill("ann@example.com")
    tab.locator("#id_password").fill("ann@example.com")
    expect(rules.nth(0)).to_have_class(met)
    expect(rules.nth(1)).not_to_have_class(met)
    expect(rules.nth(1)).to_contain_text("not yet")
    expect(tab.locator("[data-progress]")).to_have_text("Password rules met: 1/2")
    tab.locator("#id_email").fill("bob@example.com")
    expect(rules.nth(1)).to_have_class(met)
    tab.locator("#id_password").fill("")
    expect(tab.locator("[data-password-rules] li.is-met")).to_have_count(0)


def test_box_hides_and_empties_the_email_and_gives_it_back(tab: Page) -> None:
    field, box = tab.locator("#id_email"), tab.get_by_text("No email")
    field.fill("ann@example.com")
    box.click()
    expect(field).to_be_hidden()
    expect(field).to_have_value("")
    box.click()
    expect(field).to_be_visible()
    expect(field).to_have_value("ann@example.com")


@pytest.mark.parametrize("typed_date", ["3/4/1950", "03041950", "1950-03-04", "03-04-1950"])
def test_date_is_said_in_words_while_it_is_typed(typed_date: str, tab: Page) -> None:
    field, echo = tab.locator("#id_birth_date"), tab.locator("#id_birth_date_echo")
    field.fill(typed_date)
    expect(echo).to_have_text("We read this as March 4, 1950.")
    for wrong in ("2/30/1950", "3/4/50", "3/4/1874", "3/4/2999", ""):
        field.fill(wrong)
        expect(echo).to_have_text("")


def test_form_goes_once_and_again_after_coming_back(site: Site, tab: Page) -> None:
    button = tab.get_by_role("button", name="Next")
    button.dblclick()
    expect(button).to_have_attribute("aria-disabled", "true")
    assert len(site.posted) == 1
    tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    assert len(site.posted) == 2


def test_everything_is_there_without_scripts(visit: Callable[..., Page]) -> None:
    tab = visit(java_script_enabled=False)
    expect(tab.locator("#id_email")).to_be_visible()
    expect(tab.locator("[data-password-rules]")).to_contain_text("eight characters")
    expect(tab.locator("[data-shows]")).to_be_hidden()  # it could do nothing


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_enough(width: int, visit: Callable[..., Page]) -> None:
    """WCAG 2.2, 2.5.8 asks for 24 px; phones in the hands of patients deserve 44."""
    tab = visit(width=width)
    tab.evaluate("document.querySelectorAll('[hidden]').forEach((one) => one.hidden = false)")
    for control in tab.locator(
        "main button, main input:not([type=hidden], [type=radio], [type=checkbox]), header a, header button"
    ).all():
        box = control.bounding_box()
        assert box is None or box["height"] >= 44, control.evaluate("one => one.outerHTML")
