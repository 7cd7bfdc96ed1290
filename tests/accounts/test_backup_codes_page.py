"""**Backup codes**: made, shown once, put away."""

from __future__ import annotations

import re

import pytest

from accounts.models import Account
from practices.models import Practice
from tests.accounts.options_kit import SECURITY, a_text_option, code_sent
from tests.people import Browser, an_account, h1, mail, words
from verification.models import BackupCodes

pytestmark = pytest.mark.django_db

PAGE = "/settings/security/backup-codes/"
MADE = "/settings/security/backup-codes/made/"


@pytest.fixture
def account(practice: Practice) -> Account:
    account = an_account(practice)
    a_text_option(account)
    return account


@pytest.fixture
def browser(practice: Practice, account: Account) -> Browser:
    """Signed in just now, with a code."""
    browser = Browser(practice)
    browser.post(browser.sign_in(account.sign_in_name).url, {"code": code_sent()})
    return browser


def listed(browser: Browser) -> list[str]:
    return re.findall(r"<li>([0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3})</li>", browser.get(MADE).content.decode())


def test_ten_are_shown_and_stay_over_a_reload_until_they_are_put_away(browser: Browser) -> None:
    assert browser.post(PAGE).url == MADE
    assert h1(browser.get(MADE)) == "Your backup codes"
    codes = listed(browser)
    assert len(set(codes)) == 10
    assert listed(browser) == codes
    assert browser.post("/settings/security/backup-codes/put-away/").url == SECURITY
    assert browser.get(MADE).url == SECURITY


def test_ten_minutes_later_nobody_sees_them_again(browser: Browser) -> None:
    browser.post(PAGE)
    session = browser.session
    session["backup_codes"] = {**session["backup_codes"], "at": session["backup_codes"]["at"] - 601}
    session.save()
    assert browser.get(MADE).url == SECURITY


def test_opening_the_page_makes_none(browser: Browser) -> None:
    assert "Make backup codes" in words(browser.get(PAGE))
    assert not BackupCodes.objects.exists()


def test_one_of_them_signs_in_once(browser: Browser, practice: Practice, account: Account) -> None:
    browser.post(PAGE)
    code = listed(browser)[0].lower()
    sheet = BackupCodes.objects.get(user=account)
    for right in (True, False):
        other = Browser(practice)
        other.sign_in(account.sign_in_name)
        other.post("/second-step/choose/", {"option": sheet.persistent_id})
        answer = other.post("/second-step/typed/", {"code": code})
        assert other.is_signed_in == right
        assert (answer.status_code == 302) == right


def test_new_ones_warn_that_the_old_ones_stop(browser: Browser) -> None:
    browser.post(PAGE)
    old = listed(browser)
    assert "The codes that you have stop working." in words(browser.get(PAGE))
    browser.post(PAGE)
    assert not set(old) & set(listed(browser))
    assert BackupCodes.objects.filter(confirmed=True).count() == 1


def test_every_address_is_told(browser: Browser) -> None:
    browser.post(PAGE)
    assert [one["to"] for one in mail("option_added")] == ["maria@example.com", "+12125550123"]
    assert "backup codes" in mail("option_added")[0]["option"]


def test_they_are_for_those_with_another_option_only(practice: Practice) -> None:
    browser = Browser(practice)
    browser.sign_in(an_account(practice, name="maria.plain").sign_in_name)
    assert browser.get(PAGE).url == "/protect/"
    assert browser.post(PAGE).url == "/protect/"
    assert not BackupCodes.objects.exists()


def test_the_session_holds_no_code_that_can_be_read(browser: Browser) -> None:
    browser.post(PAGE)
    kept = str(dict(browser.session.items()))
    assert not [code for code in listed(browser) if code in kept or code.replace("-", "") in kept]
