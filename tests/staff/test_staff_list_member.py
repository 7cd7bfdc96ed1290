"""One member of staff, opened on **Staff list**: **Reset password**, role, **Deactivate**, **Activate**."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import names
from accounts.models import Account, StaffInvitation
from audit.events import Event
from audit.models import AuditEvent
from notifications.models import Message
from practices.choices import StaffRole
from practices.models import StaffMembership
from tests.people import Browser, a_practice, a_request, front_desk, h1, mail, path_of, words
from tests.staff.kit import a_manager, at_work

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
LIST = "/staff/staff-list/"


@pytest.fixture
def manager(practice: Practice) -> Account:
    return with_email(a_manager(practice), practice, "Morgan", "Lee")


@pytest.fixture
def desk(manager: Account, practice: Practice) -> Browser:
    return at_work(manager, practice)[0]


def with_email(account: Account, practice: Practice, first: str = "Dana", last: str = "Reed") -> Account:
    """Somebody with a name and a registered email."""
    account.email, account.first_name, account.last_name = f"{account.sign_in_name}@example.com", first, last
    account.save()
    names.verified(account=account, at=timezone.now(), request=a_request(practice))
    return account


def member_of(account: Account) -> StaffMembership:
    return StaffMembership.objects.get(account=account)


def page_of(account: Account, end: str = "") -> str:
    return f"/staff/members/{member_of(account).pk}/{end}"


def noted(event: Event, about: Account) -> AuditEvent:
    return AuditEvent.objects.get(event=event, subject_kind="accounts.account", subject_id=str(about.pk))


def test_user_icon_opens_the_person(desk: Browser, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    assert f'href="{page_of(dana)}"' in desk.get(LIST).content.decode()
    page = desk.get(page_of(dana))
    assert h1(page) == "Dana Reed"
    for fact in (dana.email, "Front desk", "none"):
        assert fact in words(page)


def test_reset_password_sends_a_link_to_the_registered_email(desk: Browser, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    before = dana.password
    page = page_of(dana, "password/")
    assert "You never see the new one" in words(desk.get(page))
    assert not mail("password_reset_link", practice=practice)
    assert desk.post(page).url == page_of(dana)
    assert f"Reset password link has been sent to {dana.email}." in words(desk.get(page_of(dana)))
    [sent] = mail("password_reset_link", to=dana.email, practice=practice)
    dana.refresh_from_db()
    assert dana.password == before
    assert noted(Event.PASSWORD_RESET_ASKED, dana).actor_id
    theirs = Browser(practice)
    assert theirs.get(path_of(str(sent["link"]))).url == "/reset-password/"
    assert h1(theirs.get("/reset-password/")) == "Create your new password"


def test_fourth_link_within_an_hour_is_not_sent(desk: Browser, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    for _time in range(3):
        assert desk.post(page_of(dana, "password/")).status_code == 302
    refused = desk.post(page_of(dana, "password/"))
    assert refused.status_code == 409
    assert "several times lately" in words(refused)
    assert len(mail("password_reset_link", practice=practice)) == 3


def test_nothing_is_sent_to_an_email_that_nobody_verified(desk: Browser, practice: Practice) -> None:
    dana = front_desk(practice, "dana")
    assert "no verified email" in words(desk.get(page_of(dana)))
    assert desk.post(page_of(dana, "password/")).status_code == 409
    assert not mail("password_reset_link", practice=practice)


def test_role_is_changed_with_a_reason_and_told(desk: Browser, manager: Account, practice: Practice) -> None:
    other = with_email(a_manager(practice, "other"), practice, "Olga", "Marsh")
    dana = with_email(front_desk(practice, "dana"), practice)
    page = page_of(dana, "role/")
    assert h1(desk.get(page)) == "Make a manager"
    assert desk.post(page, {}).status_code == 400
    assert desk.post(page, {"reason": "cover"}).url == page_of(dana)
    assert member_of(dana).role == StaffRole.MANAGER
    event = noted(Event.STAFF_ROLE_CHANGED, dana)
    assert (event.actor_id, event.details["role"], event.details["reason"]) == (str(manager.pk), "manager", "cover")
    assert [one["what"] for one in mail("staff_told", to=dana.email, practice=practice)] == ["manager"]
    assert [one["who"] for one in mail("staff_changed", to=other.email, practice=practice)] == ["Dana Reed"]
    assert not mail("staff_changed", to=manager.email, practice=practice)


def test_two_managers_stay_managers(desk: Browser, practice: Practice) -> None:
    other = with_email(a_manager(practice, "other"), practice, "Olga", "Marsh")
    assert "keeps at least two managers" in words(desk.get(page_of(other)))
    for end in ("role/", "deactivate/"):
        answer = desk.post(page_of(other, end), {"reason": "mistake"})
        assert answer.status_code == 409
        assert "keeps at least two managers" in words(answer)
    assert member_of(other).active
    assert member_of(other).role == StaffRole.MANAGER
    a_manager(practice, "third")
    assert desk.post(page_of(other, "role/"), {"reason": "mistake"}).status_code == 302
    assert member_of(other).role == StaffRole.FRONT_DESK


def test_nobody_locks_themselves_out(desk: Browser, manager: Account, practice: Practice) -> None:
    for name in ("second", "third"):
        a_manager(practice, name)
    assert "This is you" in words(desk.get(page_of(manager)))
    for end in ("role/", "deactivate/", "activate/", "options/"):
        answer = desk.post(page_of(manager, end), {"reason": "mistake"} if end != "options/" else {"reason": "lost"})
        assert answer.status_code == 409
        assert "Nobody does this for themselves" in words(answer)
    assert member_of(manager).active


def test_second_account_of_ones_own_is_oneself(desk: Browser, practice: Practice) -> None:
    """Of the same email, or the same whole name."""
    second = with_email(front_desk(practice, "morgans-other"), practice, "morgan", "LEE")
    answer = desk.post(page_of(second, "role/"), {"reason": "cover"})
    assert "Nobody does this for themselves" in words(answer)
    assert member_of(second).role == StaffRole.FRONT_DESK


def test_who_is_deactivated_is_out_at_once(desk: Browser, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    theirs, _key = at_work(dana, practice)
    assert theirs.get("/staff/").status_code == 200
    assert "Dana Reed" in words(desk.get(page_of(dana, "deactivate/")))
    assert desk.post(page_of(dana, "deactivate/"), {"reason": "left"}).url == page_of(dana)
    assert theirs.get("/staff/").status_code == 302  # signed out
    assert not member_of(dana).active
    assert noted(Event.STAFF_DEACTIVATED, dana).details["reason"] == "left"
    assert "no longer works here" in words(desk.get(LIST))


def test_invitations_of_who_is_deactivated_work_no_more(desk: Browser, practice: Practice) -> None:
    for name in ("second", "third"):
        a_manager(practice, name)
    second = StaffMembership.objects.get(account__sign_in_name=f"second-{practice.pk}").account
    invites, _key = at_work(second, practice)
    typed = {"first_name": "Sam", "last_name": "Pine", "email": "sam.pine@example.com", "role": "manager"}
    invites.post("/staff/staff-list/invite/", typed)
    [sent] = mail("staff_invitation", practice=practice)
    desk.post(page_of(second, "deactivate/"), {"reason": "misuse"})
    assert StaffInvitation.objects.get().revoked_at
    newcomer = Browser(practice)
    newcomer.get(path_of(str(sent["link"])))
    answer = newcomer.get("/join-staff/")
    assert answer.status_code == 404
    assert "called back" in words(answer)


def test_who_comes_back_is_at_the_front_desk(desk: Browser, practice: Practice) -> None:
    dana = with_email(front_desk(practice, "dana"), practice)
    StaffMembership.objects.filter(account=dana).update(active=False, role=StaffRole.MANAGER)
    assert desk.post(page_of(dana, "activate/"), {"reason": "came_back"}).url == page_of(dana)
    assert (member_of(dana).active, member_of(dana).role) == (True, StaffRole.FRONT_DESK)
    assert noted(Event.STAFF_ACTIVATED, dana).details["reason"] == "came_back"


def test_one_manager_alone_is_warned(desk: Browser, practice: Practice) -> None:
    for page in (LIST, "/staff/setup/"):
        assert "There is one manager only" in words(desk.get(page))
    a_manager(practice, "second")
    for page in (LIST, "/staff/setup/"):
        assert "There is one manager only" not in words(desk.get(page))


def test_setup_leads_to_everything(desk: Browser, practice: Practice) -> None:
    front_desk(practice, "dana")
    page = desk.get("/staff/setup/")
    assert h1(page) == "Setup"
    for said in ("Organization", "Staff list", "Portal settings", "Consent forms", "2 work here"):
        assert said in words(page)


def test_front_desk_and_other_practices_open_none_of_it(desk: Browser, practice: Practice) -> None:
    dana = front_desk(practice, "dana")
    clerk, _key = at_work(dana, practice)
    elsewhere = a_practice("oak")
    stranger = front_desk(elsewhere, "stranger")
    ends = ("", "password/", "role/", "deactivate/", "activate/", "options/", "options/approve/", "options/decline/")
    for end in ends:
        assert clerk.get(page_of(dana, end)).status_code == 404
        assert clerk.post(page_of(dana, end), {"reason": "left"}).status_code == 404
        assert desk.post(page_of(stranger, end), {"reason": "left"}).status_code == 404
    for page in ("/staff/setup/", "/staff/staff-list/invite/"):
        assert clerk.get(page).status_code == 404
    assert not Message.objects.filter(notice="staff_told").exists()
