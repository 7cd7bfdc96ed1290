"""**Invite staff**: the email, **Join the staff**, and what becomes of an invitation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Account, SignInState, StaffInvitation
from agreements.models import Acceptance, TermsVersion
from audit.events import Event
from audit.models import AuditEvent
from guard import limits
from practices.models import StaffMembership
from tests.people import PASSWORD, Browser, a_practice, an_account, front_desk, h1, mail, path_of, words
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import with_email

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
LIST, INVITE, JOIN = "/staff/staff-list/", "/staff/staff-list/invite/", "/join-staff/"
SAM = {"first_name": "Sam", "last_name": "Pine", "email": "Sam.Pine@example.com", "role": "front_desk"}


@pytest.fixture
def manager(practice: Practice) -> Account:
    return with_email(a_manager(practice), practice, "Morgan", "Lee")


@pytest.fixture
def desk(manager: Account, practice: Practice) -> Browser:
    return at_work(manager, practice)[0]


def newest_link(practice: Practice) -> str:
    return path_of(str(mail("staff_invitation", practice=practice)[-1]["link"]))


def opened(practice: Practice, link: str) -> Browser:
    """The browser of who opened the link."""
    browser = Browser(practice)
    assert browser.get(link).url == JOIN
    return browser


def join(browser: Browser, practice: Practice, **changes: Any) -> Any:
    shown = [text.pk for text in TermsVersion.objects.filter(practice=practice, language="en")]
    typed = {"first_name": "Sam", "last_name": "Pine", "password": PASSWORD, "confirm_password": PASSWORD}
    return browser.post(JOIN, {**typed, "accept": "on", "shown": shown, **changes})


def test_whole_way_of_a_new_colleague(desk: Browser, practice: Practice) -> None:
    assert desk.post(INVITE, SAM).url == LIST
    assert "Sam Pine" in words(desk.get(LIST))
    browser = opened(practice, newest_link(practice))
    page = browser.get(JOIN)
    assert h1(page) == "Join the staff"
    assert not StaffInvitation.objects.exclude(accepted_at=None).exists()  # looking uses nothing up
    assert "Read the terms" in words(join(browser, practice, accept=""))
    assert join(browser, practice).url == "/home/"
    account = Account.objects.get(sign_in_name="sam.pine@example.com")
    assert (account.sign_in_state, account.verified_email) == (SignInState.HELD, "Sam.Pine@example.com")
    assert Acceptance.objects.filter(account=account).count() == 2
    assert browser.get("/staff/").url == "/protect/"  # two-step verification comes first
    assert browser.get("/home/").url == "/protect/"
    member = StaffMembership.objects.get(account=account)
    assert (member.practice, member.role, member.active) == (practice, "front_desk", True)
    added = AuditEvent.objects.get(event=Event.STAFF_ADDED, subject_id=str(account.pk))
    assert added.details["role"] == "front_desk"
    at_desk, _key = at_work(account, practice)
    assert at_desk.get("/staff/").status_code == 200
    assert "Invited" not in words(desk.get(LIST))


def test_link_is_used_once(desk: Browser, practice: Practice) -> None:
    desk.post(INVITE, SAM)
    link = newest_link(practice)
    first, second = opened(practice, link), opened(practice, link)
    assert join(first, practice).status_code == 302
    again = join(second, practice, first_name="Eve")
    assert again.status_code == 404
    assert "used already" in words(again)
    assert StaffMembership.objects.filter(account__first_name="Eve").count() == 0


@pytest.mark.parametrize("became", ["expired", "called back", "gave way"])
def test_old_link_says_what_became_of_it(became: str, desk: Browser, practice: Practice) -> None:
    desk.post(INVITE, SAM)
    link, invited = newest_link(practice), StaffInvitation.objects.get()
    page = f"/staff/staff-invitations/{invited.pk}"
    if became == "expired":
        StaffInvitation.objects.update(expires_at=timezone.now())
    elif became == "called back":
        assert "Sam Pine" in words(desk.get(f"{page}/call-back/"))
        assert desk.post(f"{page}/call-back/", {}).status_code == 400
        assert desk.post(f"{page}/call-back/", {"reason": "wrong_email"}).url == LIST
    else:
        assert desk.post(f"{page}/again/").url == LIST
        assert newest_link(practice) != link
        assert join(opened(practice, newest_link(practice)), practice).status_code == 302
    answer = opened(practice, link).get(JOIN)
    assert answer.status_code == 404
    said = {"expired": "they are over", "called back": "called back", "gave way": "gave way to a newer one"}
    assert said[became] in words(answer)
    assert practice.phone in words(answer)
    assert join(opened(practice, link), practice, first_name="Eve").status_code == 404


def test_expired_one_is_sent_again(desk: Browser, practice: Practice) -> None:
    desk.post(INVITE, SAM)
    invited = StaffInvitation.objects.get()
    StaffInvitation.objects.update(expires_at=timezone.now())
    assert "the invitation is over" in words(desk.get(LIST))
    desk.post(f"/staff/staff-invitations/{invited.pk}/again/")
    assert join(opened(practice, newest_link(practice)), practice).status_code == 302


def test_who_cannot_be_invited(desk: Browser, manager: Account, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    desk.post(INVITE, SAM)
    cases = (
        ({"email": dana.email.upper()}, "on the staff list already"),
        ({"email": "sam.pine@EXAMPLE.com"}, "invited already"),
        ({"email": manager.email}, "Nobody does this for themselves"),
        ({"email": "new@example.com", "first_name": "Morgan", "last_name": "Lee"}, "Nobody does this for themselves"),
    )
    for changes, said in cases:
        answer = desk.post(INVITE, {**SAM, **changes})
        assert answer.status_code == 409
        assert said in words(answer)
    assert StaffInvitation.objects.count() == 1


def test_other_managers_are_told(desk: Browser, practice: Practice) -> None:
    other = with_email(a_manager(practice, "other"), practice, "Olga", "Marsh")
    desk.post(INVITE, {**SAM, "role": "manager"})
    join(opened(practice, newest_link(practice)), practice)
    told = [one["what"] for one in mail("staff_changed", to=other.email, practice=practice)]
    assert told == ["invited", "joined"]


def test_only_manager_is_watched_by_the_practices_own_mailbox(desk: Browser, practice: Practice) -> None:
    desk.post(INVITE, SAM)
    assert [one["what"] for one in mail("staff_changed", to=practice.email, practice=practice)] == ["invited"]


def test_patient_gets_a_second_account_with_a_username(desk: Browser, practice: Practice) -> None:
    patient = an_account(practice)
    desk.post(INVITE, {**SAM, "email": patient.email})
    browser = opened(practice, newest_link(practice))
    assert "has a username of its own" in words(browser.get(JOIN))
    assert "taken" in words(join(browser, practice, username=front_desk(practice).sign_in_name))
    assert join(browser, practice, username="sam.at.work").status_code == 302
    account = Account.objects.get(sign_in_name="sam.at.work")
    assert account.verified_email == patient.email
    assert not patient.staff_memberships.exists()
    assert account.staff_memberships.get().practice == practice


def test_signed_in_patient_cannot_join(desk: Browser, practice: Practice) -> None:
    patient = an_account(practice)
    desk.post(INVITE, {**SAM, "email": patient.email})
    browser = Browser(practice)
    browser.sign_in(patient.sign_in_name)
    browser.get(newest_link(practice))
    assert "That account cannot join" in words(browser.get(JOIN))
    browser.post(f"{JOIN}with-this-account/")
    assert not patient.staff_memberships.exists()


def test_colleague_of_another_practice_joins_with_the_same_account(desk: Browser, practice: Practice) -> None:
    elsewhere = a_practice("oak")
    theirs = with_email(front_desk(elsewhere, "pat"), elsewhere, "Pat", "Moss")
    desk.post(INVITE, {**SAM, "email": theirs.email})
    browser, _key = at_work(theirs, practice)
    browser.get(newest_link(practice))
    assert "Join with this account" in words(browser.get(JOIN))
    assert browser.get(f"{JOIN}with-this-account/").status_code == 405
    assert browser.post(f"{JOIN}with-this-account/").url == "/staff/"
    assert theirs.staff_memberships.filter(practice=practice, active=True).exists()


def test_thirty_a_day(desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STAFF_INVITATIONS", replace(limits.STAFF_INVITATIONS, count=1))
    desk.post(INVITE, SAM)
    answer = desk.post(INVITE, {**SAM, "email": "another@example.com"})
    assert "too many invitations" in words(answer)
