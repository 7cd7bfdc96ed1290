"""**Settings → Email address**: another one counts once it is verified, and until then nothing changes (rule 13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts import account_changes, notices
from accounts.models import Account, AccountChange, PatientAccess, SignInState
from guard import limits
from practices.models import PatientRecord, Practice
from tests.accounts.options_kit import PHONE, a_text_option
from tests.people import (
    A_STRANGER,
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    an_account,
    h1,
    mail,
    path_of,
    trail,
    words,
)
from verification.models import Challenge, CodeOption

pytestmark = pytest.mark.django_db

PAGE = "/settings/email/"
NEW = "maria.new@example.com"


def signed_in(practice: Practice, account: Account) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def ask(browser: Browser, email: str = NEW) -> str:
    """Ask for another address; the path of the link in its message."""
    assert browser.post(PAGE, {"email": email}).url == "/settings/"
    return path_of(mail("verify_email", to=email)[-1]["link"])


def verify(browser: Browser, link: str) -> str:
    """The heading of what **Verify** leads to."""
    browser.get(link)
    answer = browser.post("/verify-email/")
    return h1(browser.get(answer.url)) if answer.status_code == 302 else h1(answer)


def now(account: Account) -> tuple[str, bool, str, str]:
    account.refresh_from_db()
    return account.email, bool(account.email_verified_at), account.sign_in_name, account.sign_in_state


def test_until_it_is_verified_nothing_changes_and_only_the_new_one_is_written_to(
    browser: Browser, account: Account
) -> None:
    before = now(account)
    ask(browser)
    assert now(account) == before
    assert [one["to"] for one in mail("verify_email")] == [NEW]
    assert mail("email_changed") == []
    said = words(browser.get("/settings/"))
    assert "maria@example.com (verified)" in said
    assert f"We sent a message to {NEW}" in said


def test_verified_it_takes_the_place_of_the_old_one_and_signs_in(
    browser: Browser, practice: Practice, account: Account
) -> None:
    link = ask(browser)
    browser.get(link)
    said = words(browser.get("/verify-email/"))
    assert f"Press Verify to confirm that {NEW} is your email address." in said
    assert "It takes the place of maria@example.com ." in said
    assert verify(browser, link) == "Your email address is verified"
    assert now(account) == (NEW, True, NEW, SignInState.HELD)
    assert Browser(practice).sign_in(NEW).url == "/home/"
    assert Browser(practice).sign_in(MARIA.email).status_code == 200
    assert trail(practice, "email.changed") == [str(account.pk)]


def test_its_password_is_hashed_for_the_new_name_at_the_next_sign_in_and_this_session_goes_on(
    browser: Browser, practice: Practice, account: Account
) -> None:
    verify(browser, ask(browser))
    before = Account.objects.get(pk=account.pk).password
    browser.post("/settings/security/confirm/", {"password": PASSWORD})
    assert Account.objects.get(pk=account.pk).password != before
    assert browser.is_signed_in
    renewed = Account.objects.get(pk=account.pk).password
    assert Browser(practice).sign_in(NEW).url == "/home/"
    assert Account.objects.get(pk=account.pk).password == renewed


def test_a_username_stays(practice: Practice) -> None:
    account = an_account(practice, name="maria.santos")
    verify(browser := signed_in(practice, account), ask(browser))
    assert now(account) == (NEW, True, "maria.santos", SignInState.HELD)


def test_an_account_without_an_email_gets_one(practice: Practice) -> None:
    account = an_account(practice, name="maria.santos")
    Account.objects.update(email="", email_verified_at=None)
    verify(browser := signed_in(practice, account), ask(browser))
    assert now(account) == (NEW, True, "maria.santos", SignInState.HELD)


def test_old_and_new_and_all_others_are_told_and_the_new_one_cannot_take_it_back(
    practice: Practice, account: Account
) -> None:
    a_text_option(account)
    browser = signed_in(practice, account)
    browser.type_code(PHONE)
    PatientRecord.objects.update(emails=["on.file@example.com"], mobile_e164="+12125550166")
    link = ask(browser)
    verify(browser, link)
    told = {one["to"]: one["not_me"] for one in mail("email_changed")}
    assert set(told) == {MARIA.email, NEW, PHONE, "on.file@example.com", "+12125550166"}
    assert told.pop(NEW) == ""
    assert all(practice.address("/not-my-change/") in link for link in told.values())


def test_a_record_at_another_practice_is_told_by_that_one(practice: Practice) -> None:
    """Its contacts know nothing of this practice."""
    other = a_practice("oak")
    account = an_account(other)
    PatientRecord.objects.update(emails=["family@example.com"])
    verify(browser := signed_in(practice, account), ask(browser))
    [told] = mail("email_changed", to="family@example.com")
    assert told["not_me"].startswith(other.address("/"))
    [own] = mail("email_changed", to=MARIA.email)
    assert own["not_me"].startswith(practice.address("/"))


def test_an_old_address_that_nobody_verified_is_told_nothing(practice: Practice) -> None:
    account = an_account(practice, verified=False)
    PatientRecord.objects.update(emails=[])
    browser = signed_in(practice, account)
    verify(browser, ask(browser))
    assert now(account) == (NEW, True, NEW, SignInState.HELD)
    assert [one["to"] for one in mail("email_changed")] == [NEW]


def test_the_link_works_in_a_session_of_its_account_only(browser: Browser, practice: Practice) -> None:
    link = ask(browser)
    his = signed_in(practice, an_account(practice, HER_FATHER))
    assert verify(his, link) == "Your email address is verified"  # his own, which is
    assert Account.objects.filter(email=NEW).count() == 0
    scanner = Browser(practice)
    scanner.get(link)
    assert scanner.post("/verify-email/").url == "/?next=/verify-email/"


def test_asking_for_another_ends_the_link_before(browser: Browser, account: Account) -> None:
    first, second = ask(browser), ask(browser, "maria.third@example.com")
    assert verify(browser, first) == "This link does not work"
    assert account.email == MARIA.email
    assert verify(browser, second) == "Your email address is verified"
    assert now(account)[0] == "maria.third@example.com"


def test_keep_my_address_ends_the_link(browser: Browser, account: Account) -> None:
    link = ask(browser)
    assert browser.post("/settings/email/keep/").url == "/settings/"
    assert "We sent a message to" not in words(browser.get("/settings/"))
    verify(browser, link)
    assert now(account)[0] == MARIA.email


def test_send_me_a_new_one_goes_to_the_new_address(browser: Browser) -> None:
    ask(browser)
    assert browser.post("/verify-email/again/").url == "/settings/"
    assert [one["to"] for one in mail("verify_email")] == [NEW, NEW]


def test_after_seven_days_the_link_is_over(browser: Browser, account: Account) -> None:
    link = ask(browser)
    Challenge.objects.update(expires_at=F("expires_at") - timedelta(days=7))
    assert "We sent a message to" not in words(browser.get("/settings/"))
    verify(browser, link)
    assert now(account)[0] == MARIA.email


def test_five_messages_a_day(browser: Browser) -> None:
    for number in range(limits.EMAIL_VERIFICATION_SENDS.count):
        ask(browser, f"maria{number}@example.com")
    answer = browser.post(PAGE, {"email": NEW})
    assert answer.status_code == 429
    assert "We sent several messages already." in words(answer)
    assert mail("verify_email", to=NEW) == []


@pytest.mark.parametrize(
    ("email", "says"),
    [("", "Enter new email address."), ("nothing", "name@example.com"), ("Maria@Example.com", "already")],
)
def test_what_cannot_be_is_said(email: str, says: str, browser: Browser) -> None:
    answer = browser.post(PAGE, {"email": email})
    assert answer.status_code == 200
    assert says in words(answer)
    assert mail("verify_email") == []


def test_an_email_that_signs_in_somebody_else_is_answered_alike(browser: Browser, practice: Practice) -> None:
    """Nobody learns who has an account. Who reads that mailbox too may share it, and then needs a username."""
    hers = Account.objects.get()
    his = an_account(practice, HER_FATHER)
    taken, free = browser.post(PAGE, {"email": HER_FATHER.email}), browser.post(PAGE, {"email": A_STRANGER.email})
    assert (taken.status_code, taken.url) == (free.status_code, free.url)
    verify(browser, ask(browser, HER_FATHER.email))
    assert now(hers) == (HER_FATHER.email, True, HER_FATHER.email, SignInState.LOST)
    assert browser.get("/home/").url == "/choose-sign-in-name/"
    browser.post("/choose-sign-in-name/", {"username": "maria.santos"})
    assert now(hers) == (HER_FATHER.email, True, "maria.santos", SignInState.HELD)
    assert now(his)[2:] == (HER_FATHER.email, SignInState.HELD)
    assert Browser(practice).sign_in("maria.santos").url == "/home/"


def test_who_only_claimed_the_new_address_loses_it(browser: Browser, practice: Practice, account: Account) -> None:
    squatter = an_account(practice, HER_FATHER, verified=False, password="Squatter-77!")
    verify(browser, ask(browser, HER_FATHER.email))
    assert now(account)[3] == SignInState.HELD
    assert now(squatter)[3] == SignInState.LOST


def test_codes_by_email_are_not_moved_and_the_page_says_so(practice: Practice, account: Account) -> None:
    assert "Codes by email" not in words(signed_in(practice, account).get(PAGE))
    option = CodeOption.objects.create(user_id=account.pk, channel="email", target=MARIA.email)
    browser = signed_in(practice, account)
    browser.type_code(MARIA.email)
    assert "Codes by email go on to the old address" in words(browser.get(PAGE))
    verify(browser, ask(browser))
    option.refresh_from_db()
    assert (option.target, option.confirmed) == (MARIA.email, True)


def test_the_record_keeps_its_own_email(browser: Browser) -> None:
    verify(browser, ask(browser))
    assert PatientAccess.objects.get().record.emails == [MARIA.email]


@pytest.mark.parametrize("broken", ["notice", "change"])
def test_all_of_it_or_nothing(broken: str, browser: Browser, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_options: object) -> None:
        raise RuntimeError(broken)

    link, before = ask(browser), now(account)
    where = {"notice": (notices, "email_changed"), "change": (account_changes, "note_email")}
    monkeypatch.setattr(*where[broken], fails)
    with pytest.raises(RuntimeError, match=broken):
        verify(browser, link)
    monkeypatch.undo()
    assert now(account) == before
    assert not AccountChange.objects.exists()
    assert verify(browser, link) == "Your email address is verified"


def test_where_the_practice_changes_it_the_page_says_whom_to_call() -> None:
    practice = a_practice("oak", changes_online=False)
    browser = signed_in(practice, an_account(practice))
    said = words(browser.get("/settings/"))
    assert "changes passwords and email addresses for you" in said
    assert practice.email in said
    assert h1(browser.get(PAGE)) == "Ask the practice"
    assert browser.post(PAGE, {"email": NEW}).status_code == 403
    assert mail("verify_email") == []
