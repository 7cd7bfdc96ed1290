"""**Reset your account**: who may ask for it, who is told, how long it waits, and what cancels it (docs/flows.md G)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, AccountChange, ChangeKind, PatientAccess, Relationship
from enrollment import closing
from practices.choices import StaffRole
from practices.models import Practice, PracticeSettings, StaffMembership
from tests.accounts.getting_back import CHECK, RESET, WAIT, at, months_old, objects
from tests.accounts.options_kit import an_app, rested
from tests.accounts.test_passkeys import add
from tests.enrollment.account_reset_kit import (
    ASKED,
    AT_ONCE,
    AT_ONCE_CODE,
    HERS,
    ON_FILE,
    Locked,
    a_record_elsewhere,
    a_reset,
    access_of,
    an_owner,
    its_day_comes,
    not_me,
)
from tests.people import (
    MARIA,
    Browser,
    a_chart,
    a_practice,
    h1,
    mail,
    trail,
    words,
)
from tests.verification.soft_keys import SoftKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_owner(practice)
    months_old(account)
    return account


@pytest.fixture
def hers(practice: Practice) -> Locked:
    return Locked(practice)


def resets(account: Account) -> int:
    return AccountChange.objects.filter(account=account, kind=ChangeKind.CLOSING).count()


def waits(account: Account) -> timedelta:
    due_at = a_reset(account).due_at
    assert due_at is not None
    return due_at - timezone.now()


# --- The warning page ---------------------------------------------------------------------------------------------


def test_page_says_what_is_deleted_what_stays_and_for_how_long(maria: Account, hers: Locked) -> None:
    hers.begin(maria.sign_in_name)
    page = hers.get(RESET)
    said = words(page)
    assert h1(page) == "Reset your account"
    assert "24 hours" in said
    for part in ("security options", "passkeys", "access to every record", "people you act for", "What you agreed to"):
        assert part in said
    assert "Signing in cancels" in said
    assert resets(maria) == 0, "a page that is opened asks for nothing"


def test_page_tells_nothing_of_practices_records_and_addresses(maria: Account, hers: Locked) -> None:
    elsewhere = a_practice("oak")
    chart = a_chart(elsewhere, MARIA)
    PatientAccess.objects.create(
        account=maria, practice=elsewhere, record=chart, relationship=Relationship.SELF, state="active"
    )
    hers.begin(maria.sign_in_name)
    for page in (hers.get(RESET), hers.press()):
        said = page.content.decode()
        assert not [one for one in (elsewhere.name, "Santos", "Maria", MARIA.email, HERS[-4:]) if one in said]


@pytest.mark.parametrize("path", [RESET, AT_ONCE, AT_ONCE_CODE])
def test_page_is_for_who_chose_a_new_password(maria: Account, hers: Locked, path: str) -> None:
    assert at(hers.get(path, follow=True)) == "/forgot-password/"
    assert at(hers.post(path, follow=True)) == "/forgot-password/"
    hers.ask(maria.sign_in_name)
    hers.open_link()
    assert at(hers.get(path, follow=True)) == "/reset-password/"
    assert at(hers.post(path, follow=True)) == "/reset-password/"
    assert resets(maria) == 0


def test_cannot_verify_on_the_code_page_leads_there(maria: Account, hers: Locked) -> None:
    hers.begin(maria.sign_in_name)
    page = hers.post(CHECK, follow=True)
    assert at(page) == "/second-step/code/"
    assert f'href="{RESET}"' in page.content.decode()


# --- Asking -------------------------------------------------------------------------------------------------------


def test_everybody_is_told_at_once_on_every_channel_with_this_was_not_me(maria: Account, hers: Locked) -> None:
    page = hers.ask_for_reset(maria)
    assert at(page) == ASKED
    assert h1(page) == "Your account will be reset"
    assert "Sign in, as you did before: that cancels the reset" in words(page)
    told = mail("account_reset_asked")
    assert {one["to"] for one in told} == {MARIA.email, HERS, ON_FILE}
    # The phone that is on the record alone is told; who may stop it are the account's own (accounts/newcomers.py).
    assert {one["to"] for one in told if one["not_me"]} == {MARIA.email, HERS}
    assert trail(hers.practice, "account_reset.asked") == [str(maria.pk)]


def test_it_waits_for_a_day_and_meanwhile_the_account_works(maria: Account, hers: Locked) -> None:
    hers.ask_for_reset(maria)
    assert timedelta(hours=23, minutes=59) < waits(maria) <= timedelta(hours=24)
    assert closing.due() == []
    assert maria.is_active
    assert access_of(maria) == "active"


def test_it_waits_for_the_longest_period_of_the_accounts_practices(practice: Practice, hers: Locked) -> None:
    maria, elsewhere, third = an_owner(practice), a_practice("oak", reset_wait_hours=168), a_practice("ash")
    for place, state in ((elsewhere, "active"), (third, "suspended")):
        chart = a_chart(place, MARIA)
        facts = {"relationship": Relationship.SELF, "state": state}
        PatientAccess.objects.create(account=maria, practice=place, record=chart, **facts)
    hers.ask_for_reset(maria)
    assert timedelta(days=6, hours=23) < waits(maria) <= timedelta(days=7)


@pytest.mark.parametrize(("state", "days"), [("suspended", 7), ("waiting", 1)])
def test_a_practice_where_access_is_stopped_has_a_say_but_not_where_none_was_proven(
    practice: Practice, hers: Locked, state: str, days: int
) -> None:
    maria = an_owner(practice)
    PracticeSettings.objects.filter(practice=a_record_elsewhere(maria, state=state).practice).update(
        reset_wait_hours=168
    )
    hers.ask_for_reset(maria)
    assert timedelta(days=days, hours=-1) < waits(maria) <= timedelta(days=days)


def test_double_click_and_second_tab_ask_once(maria: Account, hers: Locked) -> None:
    hers.begin(maria.sign_in_name)
    other_tab = hers.get(RESET)
    first = hers.post(RESET)
    second = hers.post(RESET)
    assert first.url == second.url == ASKED
    assert other_tab.status_code == 200
    assert at(hers.get(RESET, follow=True)) == ASKED
    assert resets(maria) == 1
    assert len(mail("account_reset_asked", to=MARIA.email)) == 1


def test_asked_again_by_another_link_begins_nothing_anew(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    due_at = a_reset(maria).due_at
    assert at(Locked(practice).ask_for_reset(maria)) == ASKED
    assert resets(maria) == 1
    assert a_reset(maria).due_at == due_at


def test_asking_does_not_use_up_the_link_and_who_verifies_after_all_cancels_it(maria: Account, hers: Locked) -> None:
    hers.ask_for_reset(maria)
    hers.post(CHECK)
    assert hers.by_text(HERS).url == "/home/"
    assert a_reset(maria).cancelled_at is not None
    assert mail("reset_cancelled", to=MARIA.email)
    its_day_comes(maria)
    assert closing.due() == []


def test_link_that_ended_meanwhile_asks_for_nothing(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.begin(maria.sign_in_name)
    Locked(practice).ask(maria.sign_in_name)  # a newer one
    assert hers.post(RESET).status_code == 404
    assert resets(maria) == 0


def test_three_resets_in_seven_days(maria: Account, hers: Locked, practice: Practice) -> None:
    for _ in range(3):
        hers.ask_for_reset(maria)
        AccountChange.objects.filter(account=maria, done_at=None).update(cancelled_at=timezone.now())
    page = hers.press()
    assert page.status_code == 429
    assert "several times within seven days" in words(page)
    assert resets(maria) == 3


# --- Who may not --------------------------------------------------------------------------------------------------


def test_staff_are_sent_to_a_manager(maria: Account, hers: Locked, practice: Practice) -> None:
    StaffMembership.objects.create(practice=a_practice("oak"), account=maria, role=StaffRole.FRONT_DESK)
    hers.begin(maria.sign_in_name)
    for page in (hers.get(RESET), hers.post(RESET)):
        assert page.status_code == 409
        assert "Ask a manager" in words(page)
    assert resets(maria) == 0


def test_who_left_the_staff_may(maria: Account, hers: Locked, practice: Practice) -> None:
    StaffMembership.objects.create(practice=practice, account=maria, role=StaffRole.FRONT_DESK, active=False)
    hers.ask_for_reset(maria)
    assert resets(maria) == 1


def test_staff_by_the_time_its_day_comes_are_not_closed(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    StaffMembership.objects.create(practice=practice, account=maria, role=StaffRole.FRONT_DESK)
    its_day_comes(maria)
    assert [closing.close(pk) for pk in closing.due()] == [False]
    assert closing.due() == []
    assert access_of(maria) == "active"


def test_after_this_was_not_me_only_the_desk_helps(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    assert h1(objects_follow(practice, not_me("account_reset_asked", to=MARIA.email))) == "The reset is stopped"
    thief = Locked(practice)
    thief.begin(maria.sign_in_name)
    for page in (thief.get(RESET), thief.post(RESET)):
        assert page.status_code == 409
        assert "only the practice helps now" in words(page)
    its_day_comes(maria)
    assert closing.due() == []
    assert resets(maria) == 1


def objects_follow(practice: Practice, link: str) -> Any:
    objects(practice, link)
    told = Browser(practice)
    return told.get(link, follow=True)


# --- What cancels it ----------------------------------------------------------------------------------------------


def test_signing_in_cancels_it_and_everybody_is_told(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    rested(maria)
    owner = Browser(practice)
    owner.sign_in(maria.sign_in_name)
    assert a_reset(maria).cancelled_at is None, "the password alone is no sign-in"
    owner.type_code(HERS)
    assert owner.is_signed_in
    assert a_reset(maria).cancelled_at is not None
    assert {one["to"] for one in mail("reset_cancelled")} == {MARIA.email, HERS, ON_FILE}
    assert trail(practice, "account_reset.cancelled") == [str(maria.pk)]
    its_day_comes(maria)
    assert closing.due() == []
    assert h1(hers.get(ASKED)) == "The reset is canceled"


def test_this_was_not_me_stops_it_and_calls_the_practice_in(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    told = Browser(practice, address="203.0.113.5")
    page = told.get(not_me("account_reset_asked", to=MARIA.email), follow=True)
    assert "your account and your password stay as they are" in words(page)
    assert a_reset(maria).stopped_at is None, "opening a link stops nothing"
    done = told.post("/not-my-change/", follow=True)
    assert h1(done) == "The reset is stopped"
    assert "Your account stays" in words(done)
    assert a_reset(maria).stopped_at is not None
    assert [one["to"] for one in mail("account_change_stopped")] == [practice.email]
    its_day_comes(maria)
    assert closing.due() == []
    maria.refresh_from_db()
    assert maria.is_active


def test_this_was_not_me_of_a_later_message_stops_it_too(maria: Account, hers: Locked, practice: Practice) -> None:
    an_app(maria)
    hers.ask_for_reset(maria)
    hers.post(WAIT)
    objects(practice, not_me("password_reset_waits", to=MARIA.email))
    assert a_reset(maria).stopped_at is not None


# --- No waiting period --------------------------------------------------------------------------------------------


@pytest.fixture
def quick() -> Practice:
    return a_practice("quick", reset_wait_hours=0)


def test_without_a_waiting_period_the_record_is_proven_first(quick: Practice) -> None:
    maria, hers = an_owner(quick), Locked(quick)
    hers.begin(maria.sign_in_name)
    rested(maria)
    assert "closed at once" in words(hers.get(RESET))
    assert at(hers.press()) == AT_ONCE
    assert resets(maria) == 0
    wrong = hers.post(AT_ONCE, {"birth_date": "01/01/1990", "way": f"sms-{ON_FILE[-4:]}"})
    assert wrong.status_code == 400
    assert hers.post(AT_ONCE, {"birth_date": "03/12/1984", "way": f"sms-{ON_FILE[-4:]}"}).url == AT_ONCE_CODE
    assert hers.post(AT_ONCE_CODE, {"code": "000000"}).status_code == 400
    assert resets(maria) == 0
    page = hers.type_code(ON_FILE, AT_ONCE_CODE)
    assert page.url == ASKED
    assert h1(hers.get(ASKED)) == "Your account is closed"
    maria.refresh_from_db()
    assert not maria.is_active
    assert not mail("account_reset_asked")
    assert mail("account_closed", to=MARIA.email)


def test_a_mailbox_alone_closes_nothing_at_once(quick: Practice) -> None:
    maria, thief = an_owner(quick), Locked(quick)
    thief.begin(maria.sign_in_name)
    thief.press()
    thief.post(AT_ONCE_CODE, {"code": "123456"})
    thief.post(RESET)
    assert resets(maria) == 0
    assert closing.due() == []


def test_where_nothing_on_file_proves_it_a_day_is_waited(quick: Practice) -> None:
    maria, hers = an_owner(quick, mobile_e164=""), Locked(quick)
    assert at(hers.ask_for_reset(maria)) == ASKED
    assert waits(maria) > timedelta(hours=23)


@pytest.mark.parametrize("strong", ["app", "passkey"])
def test_where_the_account_has_an_app_or_a_passkey_a_day_is_waited(quick: Practice, strong: str) -> None:
    """Who has the mailbox and the number of the phone on file is kept out of its password for a day, too."""
    maria, thief = an_owner(quick), Locked(quick)
    if strong == "app":
        an_app(maria)
    else:
        owner = Browser(quick)
        owner.sign_in(MARIA.email)
        owner.type_code(HERS)
        assert add(owner, SoftKey()).status_code == 302
    assert at(thief.ask_for_reset(maria)) == ASKED
    assert waits(maria) > timedelta(hours=23)
    assert at(thief.get(AT_ONCE, follow=True)) == ASKED
    assert mail("account_reset_asked", to=MARIA.email)


def test_a_longer_period_than_a_day_stays_with_an_app(practice: Practice) -> None:
    PracticeSettings.objects.filter(practice=practice).update(reset_wait_hours=48)
    maria = an_owner(practice)
    an_app(maria)
    Locked(practice).ask_for_reset(maria)
    assert waits(maria) > timedelta(hours=47)


def test_another_practice_that_waits_counts_also_here(quick: Practice, practice: Practice) -> None:
    maria = an_owner(quick)
    chart = a_chart(practice, MARIA)
    facts = {"relationship": Relationship.SELF, "state": "active"}
    PatientAccess.objects.create(account=maria, practice=practice, record=chart, **facts)
    Locked(quick).ask_for_reset(maria)
    assert waits(maria) > timedelta(hours=23)


def test_a_practice_may_wait_for_nothing_only_where_it_asks_for_the_phone(practice: Practice) -> None:
    settings = PracticeSettings.objects.filter(practice=practice)
    settings.update(proof="code_and_check")
    with pytest.raises(IntegrityError), transaction.atomic():
        settings.update(reset_wait_hours=0)
