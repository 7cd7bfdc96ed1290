"""**Confirm that it is you**: nothing about options changes without a fresh proof (docs/flows.md D)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Account
from practices.models import Practice
from tests.accounts.options_kit import (
    CONFIRM,
    KEY,
    SECURITY,
    a_day_later,
    a_sheet,
    a_text_option,
    an_app,
    code_sent,
    confirm_by_app,
    confirm_by_text,
    proof_is_old,
    rested,
    shown,
    signed_in,
    week_later,
)
from tests.people import PASSWORD, Browser, a_practice, an_account, h1, mail, path_of, trail, words
from verification import backup
from verification.models import AuthenticatorOption, Challenge, CodeOption, Purpose

pytestmark = pytest.mark.django_db

STRONGER = "/settings/security/confirm/stronger/"
WAIT = "/settings/security/confirm/wait/"


def pages_that_change(account: Account) -> list[str]:
    ids = [one.persistent_id for one in CodeOption.objects.filter(user=account)]
    return [
        "/settings/security/authenticator/",
        "/settings/security/backup-codes/",
        "/protect/",
        "/protect/text/",
        "/settings/password/",
        "/settings/email/",
        *(reverse(page, args=[one]) for page in ("option_rename", "option_remove") for one in ids),
    ]


def test_every_page_that_changes_options_asks_first(practice: Practice, account: Account) -> None:
    option = a_text_option(account)
    browser = signed_in(practice, account)
    for page in pages_that_change(account):
        assert browser.get(page).url == CONFIRM, page
        assert browser.post(page, {"option_name": "x", "code": "123456"}).url == CONFIRM, page
    option.refresh_from_db()
    assert (option.confirmed, option.name) == (True, "")


def test_five_minutes_after_a_sign_in_nothing_more_is_asked(practice: Practice, account: Account) -> None:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    assert browser.get("/settings/security/authenticator/").status_code == 200
    proof_is_old(browser)
    assert browser.get("/settings/security/authenticator/").url == CONFIRM


def test_the_password_and_then_the_code_lead_back_to_where_one_was_going(practice: Practice, account: Account) -> None:
    a_text_option(account)
    browser = signed_in(practice, account)
    browser.get("/settings/security/authenticator/")
    assert h1(browser.get(CONFIRM)) == "Confirm that it is you"
    assert confirm_by_text(browser).url == "/settings/security/authenticator/"
    assert browser.get("/settings/security/authenticator/").status_code == 200
    assert trail(practice, "step_up.proven") == [str(account.pk)]


def test_without_options_the_password_is_enough(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    browser.get("/settings/security/authenticator/")
    assert browser.post(CONFIRM, {"password": PASSWORD}).url == "/settings/security/authenticator/"
    assert browser.get("/settings/security/authenticator/").status_code == 200


def test_the_password_alone_is_not_enough_where_there_is_an_option(practice: Practice, account: Account) -> None:
    a_text_option(account)
    browser = signed_in(practice, account)
    browser.get("/settings/security/authenticator/")
    browser.post(CONFIRM, {"password": PASSWORD})
    assert browser.get("/settings/security/authenticator/").url == CONFIRM


def test_a_wrong_password_is_counted_as_at_sign_in(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    for _ in range(10):
        answer = browser.post(CONFIRM, {"password": "Wrong-guess-1"})
        assert answer.status_code == 200
        assert "do not match" in words(answer)
    assert browser.post(CONFIRM, {"password": PASSWORD}).status_code == 429


def test_a_sign_in_by_password_alone_does_not_count_where_there_is_an_option(account: Account) -> None:
    """At a practice that asks for no code at sign-in."""
    practice = a_practice("oak", code_when="reset_only")
    other = an_account(practice, name="maria.oak")
    a_text_option(other)
    browser = Browser(practice)
    assert browser.sign_in("maria.oak").url == "/home/"
    assert browser.get("/settings/security/authenticator/").url == CONFIRM
    assert confirm_by_text(browser).url == "/settings/security/authenticator/"


def test_its_codes_are_for_this_and_not_for_signing_in(practice: Practice, account: Account) -> None:
    a_text_option(account)
    browser = signed_in(practice, account)
    browser.post(CONFIRM, {"password": PASSWORD})
    newest = Challenge.objects.filter(account=account).latest("pk")
    assert newest.purpose == Purpose.STEP_UP


def test_a_get_sends_nothing(practice: Practice, account: Account) -> None:
    a_text_option(account)
    browser = signed_in(practice, account)
    before = Challenge.objects.count()
    for page in (CONFIRM, "/second-step/", "/second-step/code/", "/second-step/ways/", STRONGER):
        browser.get(page)
    assert Challenge.objects.count() == before


# --- An account with an authenticator app or a passkey -------------------------------------------------------------


def test_the_app_is_asked_for_before_the_recommended_text(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    a_text_option(account)
    an_app(account)
    assert confirm_by_app(browser).url == SECURITY
    assert browser.get("/protect/text/").status_code == 200


def weak(practice: Practice, account: Account) -> Browser:
    """Who has an app, and proved the text option instead."""
    a_text_option(account)
    browser = signed_in(practice, account)
    an_app(account)
    browser.get("/protect/text/")
    browser.post(CONFIRM, {"password": PASSWORD})
    [text] = CodeOption.objects.filter(user=account)
    browser.post("/second-step/choose/", {"option": text.persistent_id})
    answer = browser.post("/second-step/code/", {"code": code_sent()})
    assert answer.url == "/protect/text/"
    return browser


def test_another_option_changes_nothing_at_once(practice: Practice, account: Account) -> None:
    browser = weak(practice, account)
    for page in pages_that_change(account):
        assert browser.get(page).url == STRONGER, page
    said = words(browser.get(STRONGER))
    assert "Wait 24 hours instead" in said
    assert "Use my authenticator app or passkey" in said


def test_backup_codes_are_no_stronger(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    an_app(account)
    codes = a_sheet(account)
    browser.post(CONFIRM, {"password": PASSWORD})
    sheet = backup.sheet_of(account)
    assert sheet is not None
    browser.post("/second-step/choose/", {"option": sheet.persistent_id})
    assert browser.post("/second-step/typed/", {"code": codes[0]}).url == SECURITY
    assert browser.get("/protect/text/").url == STRONGER


def test_a_day_after_asking_another_option_is_enough(practice: Practice, account: Account) -> None:
    browser = weak(practice, account)
    assert browser.post(WAIT).url == STRONGER
    assert "That is possible from" in words(browser.get(STRONGER))
    assert browser.get("/protect/text/").url == STRONGER
    a_day_later(account)
    assert browser.get("/protect/text/").status_code == 200
    [app] = AuthenticatorOption.objects.filter(user=account)
    assert browser.post(reverse("option_remove", args=[app.persistent_id])).url == SECURITY
    assert not AuthenticatorOption.objects.filter(user=account, confirmed=True).exists()


def test_the_wish_is_told_to_every_address_once_and_lapses_after_a_week(practice: Practice, account: Account) -> None:
    browser = weak(practice, account)
    for _ in range(2):
        browser.post(WAIT)
    assert [one["to"] for one in mail("option_change_asked")] == ["maria@example.com", "+12125550123"]
    week_later(account)
    assert browser.get("/protect/text/").url == STRONGER


def test_who_was_told_stops_the_wish(practice: Practice, account: Account) -> None:
    browser = weak(practice, account)
    browser.post(WAIT)
    owner = Browser(practice, address="203.0.113.5")
    link = path_of(mail("option_change_asked")[0]["not_me"])
    assert owner.get(link).url == "/not-my-change/"
    owner.post("/not-my-change/")
    assert not browser.is_signed_in
    a_day_later(account)
    rested(account)
    again = Browser(practice)
    assert again.post(again.sign_in(account.sign_in_name).url, {"code": code_sent()}).url == "/home/"
    assert again.get("/protect/text/").url == STRONGER
    assert "answered that it was not them" in words(again.get(STRONGER))


def test_the_app_changes_at_once_although_somebody_objected(practice: Practice, account: Account) -> None:
    weak(practice, account).post(WAIT)
    told = Browser(practice)
    told.get(path_of(mail("option_change_asked")[0]["not_me"]))
    told.post("/not-my-change/")
    rested(account)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    [app] = AuthenticatorOption.objects.filter(user=account)
    browser.post("/second-step/choose/", {"option": app.persistent_id})
    assert browser.post("/second-step/typed/", {"code": shown(KEY)}).url == "/home/"
    assert browser.get("/protect/text/").status_code == 200


def test_asking_to_wait_needs_a_proof_too(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    an_app(account)
    browser.post(WAIT)
    assert mail("option_change_asked") == []
