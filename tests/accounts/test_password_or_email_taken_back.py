"""**This wasn't me**, of a new password or email (docs/flows.md, rule 12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts import account_changes
from accounts.models import Account, AccountChange, SignInState
from practices.models import PatientRecord, Practice
from tests.accounts.getting_back import signs_in
from tests.accounts.options_kit import KEY, an_app, sessions_of, shown
from tests.people import (
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

pytestmark = pytest.mark.django_db

THIEFS = "Stolen-kite-13"
ELSEWHERE = "thief@example.com"
PAGE = "/not-my-change/"


@pytest.fixture
def thief(practice: Practice, account: Account) -> Browser:
    """Somebody who knows the password of an account without options."""
    browser = Browser(practice, address="203.0.113.99")
    browser.sign_in(MARIA.email)
    return browser


def change_password(browser: Browser, current: str = PASSWORD, new: str = THIEFS) -> None:
    typed = {"current_password": current, "password": new, "confirm_password": new}
    assert browser.post("/settings/password/", typed).url == "/settings/"


def change_email(browser: Browser, email: str = ELSEWHERE) -> None:
    browser.post("/settings/email/", {"email": email})
    browser.get(path_of(mail("verify_email", to=email)[-1]["link"]))
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def link_to(email: str, notice: str) -> str:
    return path_of(mail(notice, to=email)[-1]["not_me"])


def objects(practice: Practice, link: str) -> Browser:
    told = Browser(practice, address="203.0.113.5")
    assert told.get(link).url == PAGE
    assert h1(told.get(PAGE)) == "This wasn't me"
    assert told.post(PAGE).url == PAGE
    assert h1(told.get(PAGE)) == "The change is taken back"
    return told


def account_now(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def test_opening_the_link_takes_nothing_back(thief: Browser, practice: Practice) -> None:
    change_password(thief)
    told = Browser(practice)
    told.get(link_to(MARIA.email, "password_changed"))
    assert "Your former password works again." in words(told.get(PAGE))
    assert signs_in(practice, MARIA.email, THIEFS)


def test_the_former_password_works_again_and_the_thief_is_out(
    thief: Browser, practice: Practice, account: Account
) -> None:
    change_password(thief)
    objects(practice, link_to(MARIA.email, "password_changed"))
    assert not thief.is_signed_in
    assert sessions_of(account) == 0
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, THIEFS)
    assert trail(practice, "account_change.stopped") == [str(account.pk)]
    assert [one["to"] for one in mail("account_change_stopped")] == [practice.email]


def test_the_former_email_and_sign_in_name_are_back(thief: Browser, practice: Practice, account: Account) -> None:
    change_email(thief)
    told = objects(practice, link_to(MARIA.email, "email_changed"))
    assert practice.phone in words(told.get(PAGE))
    account.refresh_from_db()
    assert (account.verified_email, account.sign_in_name) == (MARIA.email, MARIA.email)
    assert account.sign_in_state == SignInState.HELD
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, ELSEWHERE, PASSWORD)


def test_nothing_can_be_changed_again_for_a_week_without_an_app_or_passkey(thief: Browser, practice: Practice) -> None:
    change_password(thief)
    objects(practice, link_to(MARIA.email, "password_changed"))
    thief.sign_in(MARIA.email)
    for page in ("/settings/password/", "/settings/email/", "/settings/security/authenticator/"):
        assert thief.get(page).url == "/settings/security/confirm/stronger/"
    said = words(thief.get("/settings/security/confirm/stronger/"))
    assert "answered that it was not them" in said


def test_the_owner_with_an_app_changes_it_at_once(thief: Browser, practice: Practice, account: Account) -> None:
    change_password(thief)
    objects(practice, link_to(MARIA.email, "password_changed"))
    an_app(account)
    owner = Browser(practice)
    assert owner.post(owner.sign_in(MARIA.email).url, {"code": shown(KEY)}).url == "/home/"
    change_password(owner, new="Quiet-harbor-58")
    assert account_now(account).check_password("Quiet-harbor-58")


def test_a_link_that_waits_for_another_email_dies_too(thief: Browser, practice: Practice, account: Account) -> None:
    change_password(thief)
    thief.post("/settings/email/", {"email": ELSEWHERE})
    waiting = path_of(mail("verify_email", to=ELSEWHERE)[-1]["link"])
    objects(practice, link_to(MARIA.email, "password_changed"))
    thief.sign_in(MARIA.email)
    thief.get(waiting)
    thief.post("/verify-email/")
    account.refresh_from_db()
    assert account.email == MARIA.email


def test_the_first_link_takes_later_changes_back_too_and_theirs_bring_nothing_back(
    thief: Browser, practice: Practice
) -> None:
    change_password(thief)
    change_password(thief, THIEFS, "Second-kite-14")
    first, second = (path_of(one["not_me"]) for one in mail("password_changed", to=MARIA.email))
    objects(practice, first)
    told = Browser(practice)
    told.get(second)
    assert h1(told.get(PAGE)) == "The change is taken back"
    told.post(PAGE)
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, THIEFS)


def test_the_last_link_first_and_then_the_first(thief: Browser, practice: Practice) -> None:
    change_password(thief)
    change_password(thief, THIEFS, "Second-kite-14")
    first, second = (path_of(one["not_me"]) for one in mail("password_changed", to=MARIA.email))
    objects(practice, second)
    assert signs_in(practice, MARIA.email, THIEFS)
    objects(practice, first)
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, THIEFS)


def test_pressing_twice_is_once(thief: Browser, practice: Practice) -> None:
    change_password(thief)
    objects(practice, link_to(MARIA.email, "password_changed")).post(PAGE)
    assert len(mail("account_change_stopped")) == 1


def test_who_verified_the_former_email_meanwhile_keeps_it_as_a_sign_in_name(
    thief: Browser, practice: Practice, account: Account
) -> None:
    change_email(thief)
    other = an_account(practice, HER_FATHER, name="rafael.santos")
    Account.objects.filter(pk=other.pk).update(sign_in_name=MARIA.email, email=MARIA.email)
    objects(practice, link_to(MARIA.email, "email_changed"))
    account.refresh_from_db()
    assert (account.verified_email, account.sign_in_state) == (MARIA.email, SignInState.LOST)


def test_the_new_address_is_told_and_cannot_take_it_back(thief: Browser) -> None:
    change_email(thief)
    assert mail("email_changed", to=ELSEWHERE)[-1]["not_me"] == ""


def test_who_is_told_at_another_practice_says_so_there(practice: Practice) -> None:
    other = a_practice("oak")
    account = an_account(other)
    PatientRecord.objects.update(emails=["family@example.com"])
    thief = Browser(practice)
    thief.sign_in(MARIA.email)
    change_email(thief)
    objects(other, link_to("family@example.com", "email_changed"))
    account.refresh_from_db()
    assert account.email == MARIA.email
    assert [one["to"] for one in mail("account_change_stopped")] == [other.email]


def test_the_link_is_not_known_where_the_account_is_not(thief: Browser, account: Account) -> None:
    change_password(thief)
    stranger = Browser(a_practice("fir"))
    stranger.get(link_to(MARIA.email, "password_changed"))
    assert stranger.post(PAGE).status_code == 404
    account.refresh_from_db()
    assert account.check_password(THIEFS)


def test_after_a_week_the_link_says_whom_to_call_and_what_was_kept_is_gone(thief: Browser, practice: Practice) -> None:
    change_password(thief)
    assert account_changes.purge() == 0
    AccountChange.objects.update(at=F("at") - timedelta(days=7))
    told = Browser(practice)
    told.get(link_to(MARIA.email, "password_changed"))
    assert told.post(PAGE).status_code == 404
    assert account_changes.purge() == 1


def test_what_was_before_is_kept_sealed(thief: Browser, account: Account) -> None:
    hashed = account.password
    change_password(thief)
    assert hashed.encode() not in bytes(AccountChange.objects.get().before_sealed)


def test_recent_activity_says_it(thief: Browser) -> None:
    change_password(thief)
    change_email(thief)
    said = words(thief.get("/settings/security/"))
    assert "The password was changed" in said
    assert "The email address was changed" in said
