"""After a password was reset, options and email stay as they are for a day (docs/flows.md D)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts import email_address
from accounts.models import Account
from practices.models import Practice
from tests.accounts.options_kit import (
    CONFIRM,
    KEY,
    SECURITY,
    a_text_option,
    an_app,
    confirm_by_app,
    rested,
    shown,
    signed_in,
)
from tests.people import PASSWORD, Browser, a_practice, a_request, an_account, h1, mail, path_of, words
from verification import changes, options, step_up
from verification.models import CodeOption, OptionChange
from verification.step_up import Standing

pytestmark = pytest.mark.django_db
RESTS = f"{CONFIRM}stronger/"
HEADING = "Your account stays as it is for now"


def reset(account: Account, practice: Practice) -> None:
    """What a reset of the password leaves behind."""
    with transaction.atomic():
        changes.rest(account=account, practice=practice)


def a_day_later(account: Account) -> None:
    """The clock of the rest alone: a wish to change is another matter."""
    for row in OptionChange.objects.filter(user=account).exclude(rests_until=None):
        OptionChange.objects.filter(pk=row.pk).update(rests_until=timezone.now(), at=row.at - timedelta(days=1))


def proven(practice: Practice, account: Account) -> Browser:
    """Signed in by the app a moment ago: there is no stronger proof."""
    browser = signed_in(practice, account)
    browser.post(CONFIRM, {"password": PASSWORD})
    browser.post("/second-step/typed/", {"code": shown(KEY)})
    rested(account)
    return browser


def pages(option: CodeOption) -> list[str]:
    named = [reverse(page, args=[option.persistent_id]) for page in ("option_rename", "option_remove")]
    others = ["protect", "protect_text", "authenticator", "passkey_set_up", "backup_codes", "change_email"]
    return [*named, *map(reverse, others)]


def test_no_option_and_no_email_changes_not_even_with_the_app(practice: Practice, account: Account) -> None:
    option = a_text_option(account)
    an_app(account)
    browser = proven(practice, account)
    assert browser.get(reverse("option_remove", args=[option.persistent_id])).status_code == 200  # but for the reset
    reset(account, practice)
    before = {one.persistent_id: one.name for one in options.of(account)}
    typed = {"email": "other@example.com", "phone": "(212) 555-0177", "option_name": "mine"}
    for page in pages(option):
        for answer in (browser.get(page), browser.post(page, typed)):
            assert (answer.status_code, answer.url) == (302, RESTS), page
    assert {one.persistent_id: one.name for one in options.of(account)} == before
    assert mail("verify_email", to="other@example.com") == []
    assert mail("code", to="+12125550177") == []


def test_its_page_says_until_when_and_whom_to_call(practice: Practice, account: Account) -> None:
    an_app(account)
    browser = proven(practice, account)
    reset(account, practice)
    page = browser.get(RESTS)
    assert h1(page) == HEADING
    until = changes.lately(account).rests_until
    assert until is not None
    with timezone.override(practice.time_zone):
        assert f"until {date_format(timezone.localtime(until), 'DATETIME_FORMAT')}" in words(page)
    assert practice.phone in words(page)
    assert "sign out everywhere else" in words(page)
    assert "Wait 24 hours instead" not in words(page)
    assert "Use my authenticator app" not in words(page)
    assert "security options and email address stay as they are." in words(browser.get(SECURITY))


def test_who_proved_nothing_lately_reads_it_before_they_prove_anything(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    assert browser.get(reverse("change_email")).url == CONFIRM
    reset(account, practice)
    assert browser.get(reverse("change_email")).url == RESTS


def test_no_wish_to_change_is_noted_meanwhile(practice: Practice, account: Account) -> None:
    """Else the thief's day would begin with the reset."""
    a_text_option(account)
    an_app(account)
    browser = signed_in(practice, account)
    reset(account, practice)
    assert browser.post(reverse("step_up_wait")).url == RESTS
    assert changes.waiting(account) is None


def test_password_may_change_and_others_be_signed_out(practice: Practice, account: Account) -> None:
    an_app(account)
    elsewhere = signed_in(practice, account)
    browser = proven(practice, account)
    reset(account, practice)
    typed = {"current_password": PASSWORD, "password": "Other-boat-88", "confirm_password": "Other-boat-88"}
    assert browser.post(reverse("change_password"), typed).url == reverse("settings")
    assert not elsewhere.is_signed_in
    assert browser.post(reverse("sign_out_elsewhere")).url == SECURITY


def test_password_still_asks_for_a_fresh_proof(practice: Practice, account: Account) -> None:
    an_app(account)
    browser = signed_in(practice, account)
    reset(account, practice)
    assert browser.get(reverse("change_password")).url == CONFIRM
    assert confirm_by_app(browser).url == reverse("change_password")
    assert h1(browser.get(reverse("change_password"))) == "Change your password"


def test_access_may_be_ended_but_nobody_be_invited(practice: Practice, account: Account) -> None:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    reset(account, practice)
    assert browser.get(reverse("invite_someone")).url == RESTS
    assert browser.get(reverse("end_access", args=[0])).status_code == 404  # nobody of that number, but no refusal


def test_it_is_over_after_a_day(practice: Practice, account: Account) -> None:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    reset(account, practice)
    a_day_later(account)
    assert browser.get(reverse("change_email")).status_code == 200
    assert browser.get(RESTS).url == SECURITY


def test_email_that_somebody_typed_before_is_not_sent_again_after(practice: Practice, account: Account) -> None:
    """The page was open already when the password was reset: the action looks once more."""
    request: Any = a_request(practice)
    request.session = {}
    step_up.note(request, account, None)
    reset(account, practice)
    assert step_up.standing(request, account) is Standing.RESTS
    assert email_address.send(account=account, email="other@example.com", request=request) is None
    assert email_address.waiting(account) == ""
    assert mail("verify_email", to="other@example.com") == []


def test_own_email_may_still_be_verified(practice: Practice) -> None:
    account = an_account(practice, verified=False)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    reset(account, practice)
    browser.post(reverse("verify_email_again"))
    link = path_of(str(mail("verify_email", to=account.email)[-1]["link"]))
    browser.get(link)
    assert browser.post(reverse("verify_email")).url == reverse("email_verified")


# --- At the gate ------------------------------------------------------------------------------------------------------


def test_first_option_is_set_up_at_the_gate() -> None:
    """Who had none proved the record, and would stand before a closed gate for a day."""
    practice = a_practice(option_required=True)
    account = an_account(practice)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    assert browser.get("/home/").url == reverse("protect")
    reset(account, practice)
    assert h1(browser.get(reverse("protect"))) == "Protect your account"
    browser.post(reverse("protect_text"), {"phone": "(212) 555-0123"})
    code = str(mail("code", to="+12125550123")[-1]["code"])
    browser.post(reverse("protect_code"), {"code": code})
    assert [one.target for one in options.of(account)] == ["+12125550123"]
    assert browser.is_signed_in
    assert browser.get(reverse("backup_codes")).url == RESTS  # and no second one


def test_who_has_an_option_sets_none_up_at_the_gate() -> None:
    practice = a_practice(option_required=True)
    account = an_account(practice)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    reset(account, practice)
    a_text_option(account, "+12125550188")
    assert browser.get(reverse("protect")).url == RESTS
    page = browser.get(RESTS)
    assert "Sign in with your security option" in words(page)
    assert "records stay closed" not in words(page)


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_one_look_tells_whether_something_waits_was_stopped_or_rests(practice: Practice, account: Account) -> None:
    a_text_option(account)
    an_app(account)
    request: Any = a_request(practice)
    request.session = {}
    step_up.note(request, account, None)
    with CaptureQueriesContext(connection) as queries:
        step_up.standing(request, account)
    assert len(queries) == 2


# --- After a reset by its pages ---------------------------------------------------------------------------------------


def reset_by_its_pages(account: Account, practice: Practice, *, phone: str) -> Browser:
    """**Forgot your password?** to home, with the link and a code by text."""
    browser = Browser(practice)
    browser.post(reverse("forgot_password"), {"name": account.sign_in_name})
    browser.get(path_of(str(mail("password_reset_link", to=account.email)[-1]["link"])))
    typed = {"password": "Other-boat-88", "confirm_password": "Other-boat-88"}
    assert browser.post(reverse("reset_password"), typed).url == reverse("reset_password_check")
    answer = browser.post(reverse("reset_password_check"))
    assert browser.type_code(phone, answer.url).url == "/home/"
    return browser


def test_email_that_waited_for_its_verification_is_not_verified_any_more(practice: Practice, account: Account) -> None:
    """Whoever typed it had the session that the owner has just ended."""
    option = a_text_option(account)
    thief = Browser(practice)
    thief.type_code(option.target, thief.sign_in(account.sign_in_name).url)
    thief.post(reverse("change_email"), {"email": "thief@example.com"})
    waiting = path_of(str(mail("verify_email", to="thief@example.com")[-1]["link"]))
    owner = reset_by_its_pages(account, practice, phone=option.target)
    assert changes.lately(account).rests_until is not None
    assert not thief.is_signed_in
    owner.get(waiting)
    assert owner.post(reverse("verify_email")).status_code in {302, 400}
    account.refresh_from_db()
    assert account.email == "maria@example.com"
    assert email_address.waiting(account) == ""
    assert owner.get(reverse("change_email")).url == RESTS
    assert "The password was forgotten, and a new one was set, with codes by text" in words(
        owner.get("/settings/activity/")
    )
