"""**Lock account**, **Unlock account**, **Sign out everywhere**: told to the patient, and never for oneself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from accounts import account_changes, activity, reset_links
from accounts.models import AccessState, Account, ChangeKind, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from enrollment import account_reset
from guard import sessions
from practices.choices import StaffRole
from practices.models import Practice, StaffMembership
from tests.enrollment.people_kit import an_access
from tests.people import (
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_request,
    a_token,
    an_account,
    an_option,
    h1,
    mail,
    opens,
    path_of,
    trail,
    words,
)
from tests.staff.desk_kit import HERS, chart_page, claim_of

if TYPE_CHECKING:
    from practices.models import PatientRecord

pytestmark = pytest.mark.django_db
LOCK, UNLOCK, OUT = {"reason": "lost"}, {"reason": "safe", "id_seen": "passport"}, {"reason": "shared"}


@pytest.fixture
def maria(practice: Practice) -> Account:
    return an_account(practice)


def page_of(account: Account, act: str) -> str:
    return f"/staff/access/{claim_of(account).pk}/{act}/"


def signed_in(account: Account, practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def an_access_elsewhere(account: Account) -> PatientRecord:
    """The same person is a patient of another practice."""
    oak = a_practice("oak")
    chart = a_chart(oak)
    PatientAccess.objects.create(
        account=account, practice=oak, record=chart, relationship="self", state=AccessState.ACTIVE
    )
    return chart


# --- Lock -------------------------------------------------------------------------------------------------------------


def test_locked_account_is_signed_out_and_told_so_where_the_password_is_right(
    desk: Browser, maria: Account, practice: Practice, clerk: Account
) -> None:
    hers = signed_in(maria, practice)
    page = desk.get(page_of(maria, "lock"))
    assert h1(page) == "Lock account"
    assert "Maria Elena Santos" in words(page)
    assert desk.post(page_of(maria, "lock"), LOCK).url == chart_page(claim_of(maria).record)
    assert not hers.is_signed_in
    right, wrong = signed_in(maria, practice), Browser(practice)
    assert not right.is_signed_in
    wrong.post("/", {"name": maria.sign_in_name})
    assert "This account is locked." in words(right.post("/password/", {"password": PASSWORD}))
    assert "do not match" in words(wrong.post("/password/", {"password": "Not-hers-77"}))
    assert {one["to"] for one in mail("account_locked")} == {MARIA.email}
    event = AuditEvent.objects.get(event=Event.ACCOUNT_LOCKED)
    assert (event.actor_id, event.subject_id, event.details) == (str(clerk.pk), str(maria.pk), LOCK)
    assert f"Staff of {practice.name} locked the account" in [one.words for one in activity.of(maria)]
    assert len(trail(practice, "sign_in.locked")) == 2


def test_no_way_in_is_left_while_it_is_locked(desk: Browser, maria: Account, practice: Practice) -> None:
    """A reset link from before, one asked for now, and a sign-in that was half done."""
    an_option(maria)
    reset_links.send(account=maria, request=a_request(practice), by=None)
    link = path_of(mail("password_reset_link")[-1]["link"])
    half = signed_in(maria, practice)
    desk.post(page_of(maria, "lock"), LOCK)
    assert half.type_code(HERS).status_code != 200 or not half.is_signed_in
    assert not half.is_signed_in
    reader = Browser(practice)
    reader.get(link)
    assert "new_password" not in reader.get("/reset-password/").content.decode()
    Browser(practice).post("/forgot/", {"name": maria.sign_in_name})
    assert len(mail("password_reset_link")) == 1


def test_reset_that_waited_does_not_go_on_after_the_lock(desk: Browser, maria: Account, practice: Practice) -> None:
    account_changes.note_waiting(maria, practice, ChangeKind.CLOSING, lasts=timedelta())
    desk.post(page_of(maria, "lock"), LOCK)
    desk.post(page_of(maria, "unlock"), UNLOCK)
    assert account_reset.waiting(maria) is None


def test_unlocked_for_who_shows_an_id_it_is_as_before(desk: Browser, maria: Account, practice: Practice) -> None:
    desk.post(page_of(maria, "lock"), LOCK)
    chart = words(desk.get(chart_page(claim_of(maria).record)))
    assert "is locked: nobody signs in" in chart
    assert "Unlock account" in chart
    assert desk.post(page_of(maria, "unlock"), {"reason": "safe"}).status_code == 400, "an ID is looked at"
    assert desk.post(page_of(maria, "unlock"), UNLOCK).status_code == 302
    assert signed_in(maria, practice).is_signed_in
    assert {one["to"] for one in mail("account_unlocked")} == {MARIA.email}
    assert desk.post(page_of(maria, "unlock"), UNLOCK).status_code == 409


def test_locked_twice_is_once(desk: Browser, maria: Account) -> None:
    desk.post(page_of(maria, "lock"), LOCK)
    assert "locked already" in words(desk.post(page_of(maria, "lock"), LOCK))
    assert len(mail("account_locked")) == 1


def test_account_of_another_practice_too_is_not_locked_but_stopped_here(
    desk: Browser, maria: Account, practice: Practice
) -> None:
    elsewhere, here = an_access_elsewhere(maria), PatientAccess.objects.get(account=maria, practice=practice)
    page = f"/staff/access/{here.pk}/lock/"
    assert "Another practice depends on this account too" in words(desk.get(page))
    assert desk.post(page, LOCK).status_code == 302
    maria.refresh_from_db()
    assert maria.is_active
    assert (opens(maria, here.record), opens(maria, elsewhere)) == (False, True)
    assert {one["to"] for one in mail("access_stopped")} == {MARIA.email}
    assert "Lift the stop" in words(desk.get(chart_page(here.record)))
    assert "opens nothing here that could be stopped" in words(desk.post(page, LOCK))


def test_account_that_works_here_is_a_managers_matter(desk: Browser, maria: Account, practice: Practice) -> None:
    StaffMembership.objects.create(practice=practice, account=maria, role=StaffRole.FRONT_DESK)
    answer = desk.post(page_of(maria, "lock"), LOCK)
    assert (answer.status_code, "A manager deactivates it" in words(answer)) == (409, True)
    maria.refresh_from_db()
    assert maria.is_active


# --- Sign out everywhere ----------------------------------------------------------------------------------------------


def test_signed_out_everywhere(desk: Browser, maria: Account, practice: Practice) -> None:
    browsers = [signed_in(maria, practice) for _one in range(2)]
    assert "signed in on 2 devices now" in words(desk.get(chart_page(claim_of(maria).record)))
    assert desk.post(page_of(maria, "sign-out"), OUT).status_code == 302
    assert not any(one.is_signed_in for one in browsers)
    maria.refresh_from_db()
    assert maria.browsers_trusted_since is not None
    assert {one["to"] for one in mail("signed_out_by_desk")} == {MARIA.email}
    said = [one.words for one in activity.of(maria)]
    assert f"Staff of {practice.name} signed the account out everywhere" in said
    assert signed_in(maria, practice).is_signed_in, "and signs in again"


def test_sessions_at_another_practice_stay(desk: Browser, maria: Account, practice: Practice) -> None:
    oak = an_access_elsewhere(maria).practice
    for one in (practice, oak):
        signed_in(maria, one)
    desk.post(f"/staff/access/{PatientAccess.objects.get(account=maria, practice=practice).pk}/sign-out/", OUT)
    assert [one["practice"] for _key, one in sessions.of_owner(maria.pk)] == [oak.pk]


# --- Who may not ------------------------------------------------------------------------------------------------------


def test_nobody_does_it_for_themselves(desk: Browser, maria: Account, clerk: Account) -> None:
    Account.objects.filter(pk=clerk.pk).update(email=MARIA.email)
    for act, said in (("lock", LOCK), ("unlock", UNLOCK), ("sign-out", OUT)):
        assert "Nobody does this for themselves." in words(desk.get(page_of(maria, act)))
        assert desk.post(page_of(maria, act), said).status_code == 409
    maria.refresh_from_db()
    assert maria.is_active


def test_other_practices_accounts_and_ended_ones_are_not_there(desk: Browser, practice: Practice) -> None:
    theirs = an_account(a_practice("oak"), A_STRANGER)
    ended = a_proxy(a_chart(practice), state=AccessState.ENDED)
    for account in (theirs, ended):
        for act, said in (("lock", LOCK), ("unlock", UNLOCK), ("sign-out", OUT)):
            assert desk.get(page_of(account, act)).status_code == 404
            assert desk.post(page_of(account, act), said).status_code == 404
        account.refresh_from_db()
        assert account.is_active


def test_proxys_account_is_locked_by_their_name(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    page = words(desk.get(page_of(julia.account, "lock")))
    assert "Julia Santos" in page
    assert "Maria Elena Santos" in page
    assert desk.post(page_of(julia.account, "lock"), LOCK).status_code == 302
    assert {one["to"] for one in mail("account_locked")} == {"julia@example.com"}


def test_a_token_opens_no_second_account_while_it_is_locked(desk: Browser, maria: Account, practice: Practice) -> None:
    desk.post(page_of(maria, "lock"), LOCK)
    chart = claim_of(maria).record
    thief = Browser(practice)
    thief.enroll(a_token(chart), email="thief@example.com")
    assert not Account.objects.filter(email="thief@example.com", accesses__state=AccessState.ACTIVE).exists()
