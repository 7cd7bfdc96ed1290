"""**Settings → Security**: the options of an account, where it is signed in, and what happened to it lately."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from practices.models import Practice
from tests.accounts.options_kit import (
    PHONE,
    SECURITY,
    a_sheet,
    a_text_option,
    an_app,
    code_sent,
    proof_is_old,
    sessions_of,
    signed_in,
)
from tests.people import HER_FATHER, Browser, a_practice, an_account, h1, trail, words

pytestmark = pytest.mark.django_db

PHONE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)


def test_the_menu_leads_to_settings_and_from_there_to_security(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    assert 'href="/settings/"' in browser.get("/home/").content.decode()
    settings = browser.get("/settings/")
    assert h1(settings) == "Settings"
    assert "maria@example.com (verified)" in words(settings)
    assert f'href="{SECURITY}"' in settings.content.decode()
    assert h1(browser.get(SECURITY)) == "Security"


def test_who_is_not_signed_in_has_no_menu(practice: Practice) -> None:
    assert 'href="/settings/"' not in Browser(practice).get("/").content.decode()


def test_options_are_listed_masked_with_what_is_left_of_them(practice: Practice, account: Account) -> None:
    a_text_option(account)
    a_sheet(account)
    browser = signed_in(practice, account)
    said = words(browser.get(SECURITY))
    assert "Text me •••-•••-0123" in said
    assert PHONE not in browser.get(SECURITY).content.decode()
    assert "10 codes are left" in said
    assert "Your password is all that protects your account" not in said


def test_an_account_without_options_is_told_so(practice: Practice, account: Account) -> None:
    assert "Your password is all that protects your account" in words(signed_in(practice, account).get(SECURITY))


def test_a_locked_option_says_until_when(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    option = an_app(account)
    option.locked_until = timezone.now() + timedelta(minutes=20)
    option.save()
    assert "on it is open again" in words(browser.get(SECURITY))


def test_options_of_others_are_neither_shown_nor_found(practice: Practice, account: Account) -> None:
    his = a_text_option(an_account(a_practice("oak"), HER_FATHER), "+12125550199")
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    assert "0199" not in words(browser.get(SECURITY))
    for page in ("option_rename", "option_remove"):
        address = reverse(page, args=[his.persistent_id])
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"option_name": "x"}).status_code == 404
    his.refresh_from_db()
    assert (his.confirmed, his.name) == (True, "")


def test_sessions_say_device_practice_and_address(practice: Practice, account: Account) -> None:
    signed_in(practice, account, address="203.0.113.9", HTTP_USER_AGENT=PHONE_AGENT)
    browser = signed_in(practice, account)
    said = words(browser.get(SECURITY))
    assert "Safari on iPhone" in said
    assert "from address 203.0.113.9" in said
    assert "A browser that we do not know (this one)" in said
    assert said.index("(this one)") < said.index("Safari on iPhone")


def test_sign_out_everywhere_else_ends_the_others_at_once(practice: Practice, account: Account) -> None:
    elsewhere = [signed_in(practice, account) for _ in range(3)]
    his = signed_in(practice, an_account(practice, HER_FATHER))
    browser = signed_in(practice, account)
    assert browser.post("/settings/security/sign-out-elsewhere/").url == SECURITY
    assert "You are signed out everywhere else." in words(browser.get(SECURITY))
    assert sessions_of(account) == 1
    assert browser.is_signed_in
    assert his.is_signed_in
    assert not [one for one in elsewhere if one.is_signed_in]
    assert trail(practice, "sessions.ended") == [str(account.pk)]


def test_browsers_that_were_asked_for_no_code_are_asked_again(account: Account) -> None:
    practice = a_practice("oak", code_when="new_devices")
    account = an_account(practice, name="maria.oak")
    a_text_option(account)
    phone = signed_in(practice, account)
    phone.post("/sign-out/")
    assert phone.sign_in("maria.oak").url == "/home/"
    signed_in(practice, account).post("/settings/security/sign-out-elsewhere/")
    assert phone.sign_in("maria.oak").url == "/second-step/code/"


def test_it_asks_for_no_fresh_proof_to_sign_others_out(practice: Practice, account: Account) -> None:
    """Who sees a stranger in the list is not to look for the phone first."""
    a_text_option(account)
    browser = signed_in(practice, account)
    proof_is_old(browser)
    assert browser.post("/settings/security/sign-out-elsewhere/").url == SECURITY


def test_recent_activity_is_in_plain_words_newest_first(practice: Practice, account: Account) -> None:
    stranger = Browser(practice, address="203.0.113.66")
    stranger.sign_in(account.sign_in_name, "Wrong-guess-1")
    said = words(signed_in(practice, account).get(SECURITY))
    activity = said.partition("Recent activity")[2]
    assert (
        activity.index("Signed in")
        < activity.index("A wrong password was typed")
        < activity.index("Access to a record")
    )
    assert "from address 203.0.113.66" in activity
    assert "sign_in." not in said


def test_recent_activity_names_the_kind_of_option(practice: Practice, account: Account) -> None:
    a_text_option(account)
    browser = Browser(practice)
    browser.post(browser.sign_in(account.sign_in_name).url, {"code": code_sent()})
    browser.post("/settings/security/backup-codes/")
    assert "A security option was added: backup codes" in words(browser.get(SECURITY))


def test_recent_activity_is_ones_own(practice: Practice, account: Account) -> None:
    father = an_account(practice, HER_FATHER)
    Browser(practice, address="203.0.113.77").sign_in(father.sign_in_name, "Wrong-guess-1")
    assert "203.0.113.77" not in words(signed_in(practice, account).get(SECURITY))


def test_last_seen_is_when_somebody_was_there(practice: Practice, account: Account) -> None:
    before = int(time.time())
    browser = signed_in(practice, account)
    assert before <= browser.session["seen"] <= int(time.time())
