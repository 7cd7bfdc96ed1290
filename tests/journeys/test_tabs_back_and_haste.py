"""Two tabs, the back button, double clicks, pages that were open for too long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.flow import Visit

# The account's email, and the mobile on the record (rule 12).
TOLD = [("enrollment_complete", "email"), ("record_enrolled", "sms")]


@pytest.mark.parametrize("scripts", [True, False])
def test_double_click_makes_one_account(practice: Practice, new_page: Callable[..., Page], *, scripts: bool) -> None:
    mia = cast.patient(practice)
    visit = Visit(new_page(java_script_enabled=scripts), practice)
    visit.come_to_token()
    visit.enter_token(mia)
    visit.choose_new_account()
    visit.type("Password", cast.PASSWORD)
    visit.type("Confirm password", cast.PASSWORD)
    visit.page.get_by_role("button", name="Create account").dblclick()
    visit.at("You're enrolled", "done")
    assert Account.objects.filter(sign_in_name=mia.email).count() == 1
    assert sorted(practice.messages.values_list("notice", "channel")) == TOLD


def test_back_after_finishing_shows_no_old_page(practice: Practice, page: Page) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice)
    visit.enroll(mia)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Account credentials")
    expect(page.get_by_role("button", name="Create account")).to_have_count(0)

    visit.go("/home/")
    visit.at_home()
    visit.sign_out()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text(mia.chart.mrn)).to_have_count(0)
    visit.go("/enroll/done/")
    visit.at("Sign in", "sign-in")
    assert Account.objects.filter(sign_in_name=mia.email).count() == 1


def test_other_tab_finished_first(practice: Practice, page: Page) -> None:
    """The tab left behind leads on, and makes nothing twice."""
    mia = cast.patient(practice)
    behind = Visit(page, practice)
    behind.come_to_token()
    behind.enter_token(mia)
    behind.choose_new_account()
    behind.at("Account credentials", "credentials")
    ahead = Visit(page.context.new_page(), practice)
    ahead.go("/enroll/credentials/")
    ahead.at("Account credentials", "credentials")
    ahead.set_password()
    ahead.at("You're enrolled", "done")

    behind.set_password("Another-kite-88")
    behind.at("Please send that once more", "stale")
    behind.follow("Go on")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Account credentials")
    assert Account.objects.filter(sign_in_name=mia.email).count() == 1


def test_other_tab_enrolls_somebody_else(practice: Practice, page: Page) -> None:
    """A form of one person's enrollment never acts on another's that was begun later in the same browser."""
    mia = cast.patient(practice)
    leo = cast.patient(practice, given="Leo")
    hers = Visit(page, practice)
    hers.come_to_token()
    hers.enter_token(mia)
    hers.choose_new_account()
    hers.at("Account credentials", "credentials")
    his = Visit(page.context.new_page(), practice)
    his.come_to_token()
    his.enter_token(leo)
    his.choose_new_account()
    his.at("Account credentials", "credentials")

    hers.set_password("Password-of-mia-1")
    hers.at("Account credentials", "credentials of the newer enrollment")
    assert not Account.objects.filter(sign_in_name__in=[mia.email, leo.email]).exists()
    his.set_password("Password-of-leo-1")
    his.at("You're enrolled", "done")
    assert Account.objects.get(sign_in_name=leo.email).check_password("Password-of-leo-1")


def test_lost_cookie_leads_to_a_page_that_goes_on(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    visit.open_sign_in()
    page.context.clear_cookies()
    visit.type("Email or username", "somebody")
    visit.press("Next")
    visit.at("Please send that once more", "stale form")
    visit.follow("Go on")
    visit.at("Sign in", "sign-in")
    visit.type("Email or username", "somebody")
    visit.press("Next")
    visit.at("Enter your password", "password")
