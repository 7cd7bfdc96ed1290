"""Idle sign-out, with a warning before it (docs/flows.md, rule 9)."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from guard.sessions import SessionStore
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.flow import Visit

IDLE = 120  # seconds, in these practices


def begin(opens: Opens, page: Page) -> Visit:
    practice = opens(idle_minutes=IDLE // 60)
    page.clock.install()
    visit = Visit(page, practice)
    visit.enroll(cast.patient(practice))
    visit.follow("Continue")
    visit.at_home()
    return visit


def pass_time(page: Page, seconds: int) -> None:
    """On both clocks: the browser's, and the session's on the server."""
    session = session_of(page)
    session["seen"] -= seconds
    session.save()
    page.clock.run_for(seconds * 1000)


def session_of(page: Page) -> SessionStore:
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"]
    return SessionStore(key)


def test_stay_signed_in(opens: Opens, page: Page) -> None:
    visit = begin(opens, page)
    dialog = page.get_by_role("dialog", name="Are you still there?")
    pass_time(page, IDLE - 70)
    expect(dialog).to_be_hidden()
    pass_time(page, 20)
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    checks.clean(page, "idle warning")
    with page.expect_response("**/stay-signed-in/") as answer:
        visit.press("Stay signed in")
    assert answer.value.status == 204
    expect(dialog).to_be_hidden()
    assert time.time() - session_of(page)["seen"] < IDLE / 2
    pass_time(page, 40)
    visit.go("/home/")
    visit.at_home()


def test_signed_out_when_nobody_is_there(opens: Opens, page: Page) -> None:
    visit = begin(opens, page)
    pass_time(page, IDLE + 5)
    visit.at("Sign in", "signed out")
    expect(page.get_by_text("we signed you out")).to_be_visible()
    checks.everything(page, "signed out for idleness")
    visit.go("/home/")
    visit.at("Sign in", "signed out")
