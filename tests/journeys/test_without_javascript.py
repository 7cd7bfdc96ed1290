"""Scripts only add: without them everything works."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Account
from practices.models import Practice
from tests.journeys import cast
from tests.journeys.flow import Visit


def test_box_wins_over_the_field_and_no_email_is_sent(practice: Practice, new_page: Callable[..., Page]) -> None:
    mia = cast.patient(practice, email="")
    username = cast.new_address("mia").partition("@")[0]
    visit = Visit(new_page(java_script_enabled=False), practice)
    visit.come_to_token()
    visit.fill_token(mia, email="typed@example.com")
    visit.tick("I do not wish to provide an email address")
    visit.press("Next")
    visit.choose_new_account()
    visit.at("Account credentials", "username")
    visit.type("Username", username)
    visit.set_password()
    visit.at("You're enrolled", "done without email")
    expect(visit.page.get_by_text("You gave no email address")).to_be_visible()
    expect(visit.page.get_by_role("definition").filter(has_text=username)).to_be_visible()
    assert Account.objects.get(sign_in_name=username).email == ""
    assert not practice.messages.filter(channel="email").exists()

    visit.follow("Continue")
    visit.at_home()
    visit.sign_out()
    visit.follow("Sign in")
    visit.sign_in(username)
    visit.at_home()


def test_errors_keep_what_was_typed_and_say_where(practice: Practice, new_page: Callable[..., Page]) -> None:
    mia = cast.patient(practice)
    visit = Visit(new_page(java_script_enabled=False), practice)
    visit.come_to_token()
    visit.press("Next")
    visit.at("Token details", "token, nothing typed")
    visit.enter_token(mia, email="not an email")
    visit.at("Token details", "token, one error")
    expect(visit.page).to_have_title(re.compile(r"^Error: Token details .*" + practice.name))
    expect(visit.page.get_by_label("Token number")).to_have_value(mia.token)
    summary = visit.page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(visit.page).to_have_url(practice.address("/enroll/token/#id_email"))
