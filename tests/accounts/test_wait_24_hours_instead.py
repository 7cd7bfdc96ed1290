"""**Wait 24 hours instead**: a new password without the app or the passkey that the account has (docs/flows.md F.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account, AccountChange
from practices.models import Practice
from tests.accounts.getting_back import CHECK, CODE, NEW, TYPED, WAIT
from tests.accounts.options_kit import KEY, PHONE, an_app, code_sent, rested, shown
from tests.accounts.reset_kit import a_wait_ages, chosen, opened, password_of, reset_by_text, with_phone
from tests.accounts.test_passkeys import add
from tests.people import MARIA, PASSWORD, Browser, an_account, an_option, h1, mail, path_of, trail, words
from tests.verification.soft_keys import SoftKey
from verification.models import Channel, Passkey

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
NEEDED, COME_BACK = "Your authenticator app or passkey is needed", "Come back when the day is over"


@pytest.fixture
def account(practice: Practice) -> Account:
    """With a phone, and an app that is not at hand."""
    account = with_phone(practice)
    an_app(account)
    return account


def waits(practice: Practice) -> Browser:
    """A browser that pressed **Wait 24 hours instead**."""
    browser = chosen(practice)
    assert browser.post(WAIT).url == WAIT
    return browser


def test_the_page_says_what_is_needed_and_looking_begins_nothing(practice: Practice, account: Account) -> None:
    browser = chosen(practice)
    page = browser.get(WAIT)
    assert h1(page) == NEEDED
    for told in ("Wait 24 hours instead", "Use my authenticator app or passkey", "Cannot verify? Reset your account"):
        assert told in words(page)
    assert not AccountChange.objects.exists()
    assert mail("password_reset_waits") == []


def a_passkey_made_elsewhere(practice: Practice) -> None:
    """Maria's, of a host that has an address of its own."""
    owner = Browser(practice)
    if owner.sign_in(MARIA.email).url == CODE:
        owner.type_code(PHONE)
    add(owner, SoftKey())
    Passkey.objects.update(rp_id="elsewhere.example")
    rested(Account.objects.get(sign_in_name=MARIA.email))


def test_a_passkey_of_another_address_leads_here_by_itself(practice: Practice) -> None:
    with_phone(practice)
    a_passkey_made_elsewhere(practice)
    sent = len(mail("code"))
    browser = chosen(practice)
    for answer in (browser.get(CHECK), browser.post(CHECK)):
        assert answer.url == WAIT
    page = words(browser.get(WAIT))
    assert "Wait 24 hours instead" in page
    assert "Use my authenticator app or passkey" not in page
    assert len(mail("code")) == sent


def test_everybody_is_told_from_when_on_and_the_text_is_no_proof_yet(practice: Practice, account: Account) -> None:
    browser = waits(practice)
    page = browser.get(WAIT)
    assert h1(page) == COME_BACK
    assert "We told all your addresses." in words(page)
    assert {one["to"] for one in mail("password_reset_waits")} >= {MARIA.email, PHONE}
    assert all(one["due_at"] for one in mail("password_reset_waits"))
    assert trail(practice, "password_reset.waits") == [str(account.pk)]
    assert browser.post(CHECK).url == TYPED
    assert "Text a code" not in words(browser.get("/second-step/ways/"))
    assert password_of(account) == PASSWORD


def test_pressing_twice_is_once(practice: Practice, account: Account) -> None:
    waits(practice).post(WAIT)
    rested(account)
    waits(practice)
    assert len(mail("password_reset_waits", to=MARIA.email)) == 1


def test_when_the_day_is_over_a_text_is_enough(practice: Practice, account: Account) -> None:
    waits(practice)
    a_wait_ages(account, DAY - timedelta(minutes=1))
    browser = chosen(practice)
    assert browser.post(CHECK).url == TYPED
    a_wait_ages(account, timedelta(minutes=1))
    browser = chosen(practice)
    assert browser.get(WAIT).url == CHECK
    assert "I do not have it at hand" not in words(browser.get(CHECK))
    assert browser.post(CHECK).url == CODE
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == "/home/"
    assert password_of(account) == NEW
    assert AccountChange.objects.get(kind="wait").done_at is not None
    assert mail("reset_cancelled") == []


def test_with_an_app_and_an_email_only_the_record_is_asked_for_then(practice: Practice) -> None:
    account = an_account(practice)
    a_passkey_made_elsewhere(practice)
    an_option(account, MARIA.email, Channel.EMAIL)
    waits(practice)
    a_wait_ages(account, DAY)
    assert chosen(practice).get(CHECK).url == "/reset-password/record/"


def test_after_six_days_more_it_is_over(practice: Practice, account: Account) -> None:
    waits(practice)
    a_wait_ages(account, timedelta(days=7))
    browser = chosen(practice)
    assert h1(browser.get(WAIT)) == NEEDED
    browser.post(WAIT)
    assert h1(browser.get(WAIT)) == COME_BACK


def test_signing_in_ends_it_and_all_are_told(practice: Practice, account: Account) -> None:
    waits(practice)
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    assert owner.type_code(PHONE).url == "/home/"
    assert {one["to"] for one in mail("reset_cancelled")} >= {MARIA.email, PHONE}
    assert trail(practice, "password_reset.cancelled") == [str(account.pk)]
    a_wait_ages(account, DAY)
    browser = chosen(practice)
    assert browser.post(CHECK).url == TYPED
    assert "Text a code" not in words(browser.get("/second-step/ways/"))


def test_the_password_alone_does_not_end_it(practice: Practice, account: Account) -> None:
    waits(practice)
    Browser(practice).sign_in(MARIA.email)
    assert AccountChange.objects.get(kind="wait").cancelled_at is None


def test_this_was_not_me_ends_it_and_the_link_with_it(practice: Practice, account: Account) -> None:
    thief = waits(practice)
    told = Browser(practice, address="203.0.113.5")
    told.get(path_of(mail("password_reset_waits", to=MARIA.email)[-1]["not_me"]))
    said = words(told.get("/not-my-change/"))
    assert "without its authenticator app or passkey" in said
    assert "The reset is stopped" in said
    told.post("/not-my-change/")
    assert thief.get(WAIT).status_code == 404
    a_wait_ages(account, DAY)
    browser = chosen(practice)
    assert h1(browser.get(WAIT)) == "Your account stays as it is for now"  # nothing is waited for after that
    assert browser.post(CHECK).url == TYPED
    assert "Text a code" not in words(browser.get("/second-step/ways/"))
    assert browser.post(TYPED, {"code": shown(KEY)}).url == "/home/"  # the app is good still


def test_the_app_after_all(practice: Practice, account: Account) -> None:
    browser = waits(practice)
    assert browser.post(CHECK).url == TYPED
    assert browser.post(TYPED, {"code": shown(KEY)}).url == "/home/"
    assert password_of(account) == NEW
    assert AccountChange.objects.get(kind="wait").done_at is not None


def test_without_app_or_passkey_there_is_nothing_to_wait_for(practice: Practice) -> None:
    with_phone(practice)
    browser = chosen(practice)
    assert browser.get(WAIT).url == CHECK
    assert browser.post(WAIT).url == CHECK
    assert not AccountChange.objects.exists()
    assert reset_by_text(practice).is_signed_in


def test_before_a_password_is_chosen_nobody_waits(practice: Practice, account: Account) -> None:
    assert opened(practice).post(WAIT).url == CHECK
    assert not AccountChange.objects.exists()
