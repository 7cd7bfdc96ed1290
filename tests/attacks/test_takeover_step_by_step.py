"""The attacker: sits at an open account, and changes one thing after the other until nothing of it is the owner's.

She presses the first link that she finds. Nothing that came after it may stay.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from accounts import email_address, newcomers, security
from accounts.models import Account
from practices.models import PatientRecord
from tests.accounts import test_passkeys as passkeys
from tests.accounts.getting_back import signs_in
from tests.accounts.options_kit import a_day_later
from tests.accounts.test_password_or_email_taken_back import (
    ELSEWHERE,
    PAGE,
    THIEFS,
    change_email,
    change_password,
    link_to,
    objects,
)
from tests.attacks.test_takeover_of_options import OWNERS, links, weeks_old
from tests.people import MARIA, PASSWORD, Browser, a_practice, a_request, an_account, an_option, mail, path_of, words
from tests.verification.soft_keys import SoftKey
from verification import changes, options
from verification.models import BackupCodes, CodeOption, OptionChange

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS, NEW = "ex@example.com", "Quiet-harbor-58"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    """Her account has an email and nothing else, for weeks; the record knows no address."""
    account = an_account(practice)
    weeks_old(account)
    PatientRecord.objects.update(emails=[])
    return account


@pytest.fixture
def thief(practice: Practice, maria: Account) -> Browser:
    browser = Browser(practice, address="203.0.113.99")
    browser.sign_in(MARIA.email)
    return browser


def add_passkey(browser: Browser) -> SoftKey:
    key = SoftKey()
    assert passkeys.add(browser, key).status_code == 302
    return key


def fresh(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# --- One link takes all that followed back ----------------------------------------------------------------------------


def test_passkey_that_came_after_the_thiefs_email_goes_with_it(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    change_email(thief)
    key = add_passkey(thief)
    told = links("option_added")
    assert told.keys() == {MARIA.email, ELSEWHERE}
    assert told[MARIA.email]
    assert told[ELSEWHERE] == ""
    objects(practice, link_to(MARIA.email, "email_changed"))
    assert options.of(maria) == []
    passkeys.sign_in(thief, key)
    assert not thief.is_signed_in


def test_password_that_came_after_the_thiefs_email_goes_with_it(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    change_email(thief)
    change_password(thief)
    change_password(thief, THIEFS, "Second-kite-14")
    told = links("password_changed")
    assert told[MARIA.email]
    assert told[ELSEWHERE] == ""
    objects(practice, link_to(MARIA.email, "email_changed"))
    assert fresh(maria).verified_email == MARIA.email
    assert signs_in(practice, MARIA.email, PASSWORD)
    for stolen in (THIEFS, "Second-kite-14"):
        assert not signs_in(practice, MARIA.email, stolen)


def test_options_and_email_that_came_after_the_thiefs_password_go_with_it(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    change_password(thief)
    add_passkey(thief)
    change_email(thief)
    objects(practice, link_to(MARIA.email, "password_changed"))
    assert options.of(maria) == []
    assert fresh(maria).verified_email == MARIA.email
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_email_and_password_that_came_after_the_thiefs_passkey_go_with_it(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    add_passkey(thief)
    change_email(thief)
    change_password(thief)
    objects(practice, link_to(MARIA.email, "option_added"))
    assert options.of(maria) == []
    assert fresh(maria).verified_email == MARIA.email
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, THIEFS)


def test_what_was_before_the_first_of_them_stays(thief: Browser, practice: Practice, maria: Account) -> None:
    add_passkey(thief)
    change_email(thief)
    objects(practice, link_to(MARIA.email, "email_changed"))
    assert len(options.of(maria)) == 1


def test_the_last_is_taken_back_first(practice: Practice, maria: Account) -> None:
    """Two sheets in the place of the owner's: only hers is good again."""
    an_option(maria, OWNERS)
    for _ in range(3):
        security.add_backup_codes(account=maria, request=a_request(practice))
    hers, *_theirs = BackupCodes.objects.order_by("pk")
    second = [one["not_me"] for one in mail("option_added", to=MARIA.email)][1]
    objects(practice, path_of(second))
    assert list(BackupCodes.objects.filter(confirmed=True)) == [hers]


def test_links_of_what_went_along_bring_nothing_back(thief: Browser, practice: Practice, maria: Account) -> None:
    change_email(thief)
    change_password(thief)
    add_passkey(thief)
    objects(practice, link_to(MARIA.email, "email_changed"))
    for notice in ("password_changed", "option_added"):
        told = Browser(practice)
        told.get(link_to(MARIA.email, notice))
        told.post(PAGE)
    assert options.of(maria) == []
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert len(mail("account_change_stopped")) == 1
    assert mail("option_change_stopped") == []


def test_password_that_the_owner_made_against_the_thief_stays_where_she_is_signed_in(practice: Practice) -> None:
    """The former one is what the thief knows."""
    maria = an_account(practice, name="maria.santos")
    weeks_old(maria)
    thief, owner = Browser(practice, address="203.0.113.99"), Browser(practice)
    thief.sign_in("maria.santos")
    change_email(thief)
    owner.sign_in("maria.santos")
    change_password(owner, new=NEW)
    owner.get(link_to(MARIA.email, "email_changed"))
    assert "Your password stays as it is now" in words(owner.get(PAGE))
    owner.post(PAGE)
    assert fresh(maria).verified_email == MARIA.email
    assert owner.is_signed_in
    assert signs_in(practice, "maria.santos", NEW)
    assert not signs_in(practice, "maria.santos", PASSWORD)


# --- Who left is told on ----------------------------------------------------------------------------------------------


def test_phone_that_the_thief_removed_hears_of_the_next_change(practice: Practice, maria: Account) -> None:
    an_option(maria, OWNERS)
    weeks_old(maria)
    security.remove(account=maria, option=CodeOption.objects.get(), request=a_request(practice))
    security.ask_to_change(account=maria, request=a_request(practice))
    assert links("option_change_asked")[OWNERS]


def test_after_a_week_who_left_hears_nothing_more(thief: Browser, practice: Practice, maria: Account) -> None:
    change_email(thief)
    an_option(maria, OWNERS)
    security.remove(account=maria, option=CodeOption.objects.get(), request=a_request(practice))
    assert newcomers.left(maria) == {("email", MARIA.email), ("sms", OWNERS)}
    maria.changes.update(at=F("at") - changes.LIVES)
    OptionChange.objects.update(at=F("at") - changes.LIVES)
    assert newcomers.left(maria) == set()


def test_what_was_taken_back_is_no_address_that_left(thief: Browser, practice: Practice, maria: Account) -> None:
    change_email(thief)
    objects(practice, link_to(MARIA.email, "email_changed"))
    assert newcomers.left(maria) == set()


# --- What waits when she presses --------------------------------------------------------------------------------------


def test_link_to_another_email_dies_with_a_change_of_options(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    add_passkey(thief)
    thief.post("/settings/email/", {"email": ELSEWHERE})
    waiting = path_of(mail("verify_email", to=ELSEWHERE)[-1]["link"])
    objects(practice, link_to(MARIA.email, "option_added"))
    thief.sign_in(MARIA.email)
    thief.get(waiting)
    thief.post("/verify-email/")
    assert fresh(maria).email == MARIA.email


def test_link_that_was_asked_for_while_she_pressed_is_not_sent(
    thief: Browser, practice: Practice, maria: Account
) -> None:
    """The proof was looked at before, and her button came between."""
    changes.block(account=maria, practice=practice)
    request = thief.get("/settings/").wsgi_request
    email_address.send(account=maria, email=ELSEWHERE, request=request)
    assert email_address.waiting(maria) == ""
    assert mail("verify_email") == []


def test_seven_days_begin_when_she_presses(practice: Practice, maria: Account) -> None:
    security.ask_to_change(account=maria, request=a_request(practice))
    OptionChange.objects.update(at=F("at") - timedelta(days=6))
    objects(practice, link_to(MARIA.email, "option_change_asked"))
    for _ in range(2):
        a_day_later(maria)
    assert changes.was_stopped(maria)


# --- A mailbox that is on the record, and somebody else's by now ------------------------------------------------------


def test_mailbox_on_the_record_hears_of_a_password_and_cannot_bring_the_old_one_back(
    practice: Practice, maria: Account
) -> None:
    PatientRecord.objects.update(emails=[HIS])
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    change_password(owner, new=NEW)
    assert links("password_changed").keys() == {MARIA.email, HIS}
    assert mail("password_changed", to=HIS)[-1]["not_me"] == ""
    assert mail("password_changed", to=MARIA.email)[-1]["not_me"]


def test_nor_by_the_link_of_a_new_email(practice: Practice, maria: Account) -> None:
    """It would take back the password that came after it."""
    PatientRecord.objects.update(emails=[HIS])
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    change_email(owner)
    assert {to for to, link in links("email_changed").items() if link} == {MARIA.email}
    assert HIS in links("email_changed")


def test_where_the_account_has_no_address_of_its_own_the_record_may_object(practice: Practice) -> None:
    maria = an_account(practice, name="maria.santos", verified=False)
    Account.objects.filter(pk=maria.pk).update(created_at=F("created_at") - changes.LIVES * 3)
    PatientRecord.objects.update(emails=[HIS])
    owner = Browser(practice)
    owner.sign_in("maria.santos")
    change_password(owner, new=NEW)
    assert mail("password_changed", to=HIS)[-1]["not_me"]
