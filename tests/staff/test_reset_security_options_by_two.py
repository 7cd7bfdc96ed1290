"""**Reset security options** of a colleague: one manager asks, another approves, the person is told at each step."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, OptionsReset, PatientAccess, StaffInvitation
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from guard import limits
from practices.choices import StaffRole
from practices.models import StaffMembership
from tests.people import (
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_request,
    an_option,
    front_desk,
    h1,
    mail,
    path_of,
    words,
)
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import page_of, with_email
from verification import options
from verification.models import CodeOption

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
NEW = "Lantern-walks-58"


@pytest.fixture
def first(practice: Practice) -> Account:
    return with_email(a_manager(practice, "first"), practice, "Morgan", "Lee")


@pytest.fixture
def second(practice: Practice) -> Account:
    return with_email(a_manager(practice, "second"), practice, "Olga", "Marsh")


@pytest.fixture
def dana(practice: Practice) -> Account:
    account = with_email(front_desk(practice, "dana"), practice)
    an_option(account)
    return account


@pytest.fixture
def asks(first: Account, second: Account, practice: Practice) -> Browser:
    """The browser of the manager who asks; there is another one."""
    assert second.pk != first.pk
    return at_work(first, practice)[0]


@pytest.fixture
def approves(second: Account, practice: Practice) -> Browser:
    return at_work(second, practice)[0]


def ask(browser: Browser, dana: Account) -> Any:
    return browser.post(page_of(dana, "options/"), {"reason": "lost"})


def approve(browser: Browser, dana: Account) -> Any:
    return browser.post(page_of(dana, "options/approve/"), {"known_by": "in_person"})


def told(practice: Practice, to: str) -> list[object]:
    return [one["what"] for one in mail("options_reset", to=to, practice=practice)]


def test_whole_way_back_of_a_colleague(asks: Browser, approves: Browser, dana: Account, practice: Practice) -> None:
    theirs = Browser(practice)
    theirs.sign_in(dana.sign_in_name)
    theirs.type_code("+12125550142")
    assert "Ask another manager" in words(asks.get(page_of(dana, "options/")))
    assert ask(asks, dana).url == page_of(dana)
    assert "Withdraw the request" in words(asks.get(page_of(dana)))
    assert told(practice, dana.email) == ["asked"]
    assert told(practice, "+12125550142") == ["asked"]
    page = approves.get(page_of(dana, "options/approve/"))
    for fact in ("Dana Reed", "Morgan Lee", "lost a phone"):
        assert fact in words(page)
    assert options.has_any(dana)
    assert approve(approves, dana).url == page_of(dana)
    assert not options.has_any(dana)
    assert theirs.get("/home/").status_code == 302
    assert told(practice, dana.email) == ["asked", "approved"]
    assert Browser(practice).sign_in(dana.sign_in_name).status_code == 200  # the old password opens nothing
    back = Browser(practice)
    link = path_of(str(mail("options_reset_link", to=dana.email, practice=practice)[-1]["link"]))
    assert back.get(link).url == "/reset-password/"
    assert back.post("/reset-password/", {"password": NEW, "confirm_password": NEW}).url == "/home/"
    assert back.get("/staff/").url == "/protect/"
    done = AuditEvent.objects.get(event=Event.STAFF_OPTIONS_RESET)
    assert (done.subject_id, done.details["known_by"]) == (str(dana.pk), "in_person")
    again = Browser(practice)
    again.get(link)
    assert again.get("/reset-password/").status_code == 404  # once


def test_nobody_approves_what_they_asked_for(asks: Browser, dana: Account) -> None:
    ask(asks, dana)
    answer = approve(asks, dana)
    assert answer.status_code == 409
    assert "Another manager has to approve" in words(answer)
    assert options.has_any(dana)


def test_nobody_asks_or_approves_for_themselves(asks: Browser, approves: Browser, first: Account) -> None:
    an_option(first)
    for browser, end, typed in (
        (asks, "options/", {"reason": "lost"}),
        (asks, "options/approve/", {"known_by": "in_person"}),
    ):
        browser.post(page_of(first, end), typed)
    assert not OptionsReset.objects.exists()
    assert "Another manager has to approve it, and there is none" in words(ask(approves, first))


def test_whom_the_first_manager_just_brought_is_no_second_one(
    asks: Browser, approves: Browser, first: Account, second: Account, dana: Account, practice: Practice
) -> None:
    """By an invitation, by another role; a while later they count. What one of them brought counts as well."""
    ask(asks, dana)
    now = timezone.now()
    invited = StaffInvitation.objects.create(
        practice=practice, email=second.email, first_name="O", last_name="M", role=StaffRole.MANAGER,
        invited_by=first, secret_digest=b"1", sent_at=now, expires_at=now, accepted_at=now, account=second,
    )  # fmt: skip
    assert "Another manager has to approve" in words(approve(approves, dana))
    third = with_email(a_manager(practice, "third"), practice, "Theo", "Park")
    with transaction.atomic():
        record(
            Event.STAFF_ROLE_CHANGED, actor=second, practice=practice, subject=third, request=a_request(practice),
            role="manager",
        )  # fmt: skip
    assert "Another manager has to approve" in words(approve(at_work(third, practice)[0], dana))
    assert options.has_any(dana)
    StaffInvitation.objects.filter(pk=invited.pk).update(accepted_at=now - limits.NEW_COLLEAGUE_RESTS)
    assert approve(approves, dana).status_code == 302


def test_second_account_of_the_first_manager_is_no_second_one(asks: Browser, dana: Account, practice: Practice) -> None:
    ask(asks, dana)
    other = with_email(a_manager(practice, "morgans-other"), practice, "Morgan", "Lee")
    assert "Another manager has to approve" in words(approve(at_work(other, practice)[0], dana))
    assert options.has_any(dana)


def test_account_of_another_practice_too_is_its_owners_alone(asks: Browser, dana: Account) -> None:
    elsewhere = a_practice("oak")
    page = page_of(dana, "options/")
    membership = StaffMembership.objects.create(practice=elsewhere, account=dana)
    assert "Another practice depends on this account" in words(asks.post(page, {"reason": "lost"}))
    membership.delete()
    chart = a_chart(elsewhere, MARIA)
    PatientAccess.objects.filter(account=a_proxy(chart)).update(account=dana)
    assert "Another practice depends on this account" in words(ask(asks, dana))
    assert not OptionsReset.objects.exists()


def test_it_is_over_after_a_day(asks: Browser, approves: Browser, dana: Account) -> None:
    ask(asks, dana)
    OptionsReset.objects.update(expires_at=timezone.now())
    assert approve(approves, dana).url == page_of(dana)
    assert options.has_any(dana)
    assert ask(asks, dana).status_code == 302  # asked anew


def test_it_is_off_once_they_signed_in(asks: Browser, approves: Browser, dana: Account, practice: Practice) -> None:
    ask(asks, dana)
    theirs = Browser(practice)
    theirs.sign_in(dana.sign_in_name)
    theirs.type_code("+12125550142")
    assert "nothing to reset" in words(approve(approves, dana))
    assert options.has_any(dana)


@pytest.mark.parametrize("who", ["asks", "approves"])
def test_either_manager_ends_it(who: str, asks: Browser, approves: Browser, dana: Account, practice: Practice) -> None:
    ask(asks, dana)
    browser = {"asks": asks, "approves": approves}[who]
    assert browser.post(page_of(dana, "options/decline/")).url == page_of(dana)
    assert told(practice, dana.email) == ["asked", "over"]
    assert approve(approves, dana).url == page_of(dana)
    assert options.has_any(dana)


def test_person_stops_it(asks: Browser, approves: Browser, dana: Account, practice: Practice) -> None:
    ask(asks, dana)
    link = path_of(str(mail("options_reset", to=dana.email, practice=practice)[-1]["not_me"]))
    browser = Browser(practice)
    assert browser.get(link).url == "/not-my-options/"
    assert h1(browser.get("/not-my-options/")) == "This wasn't me"
    assert OptionsReset.objects.get().ended_at is None  # looking stops nothing
    assert browser.post("/not-my-options/").url == "/not-my-options/"
    assert "It is over" in words(browser.get("/not-my-options/"))
    assert mail("option_change_stopped", to=practice.email, practice=practice)
    assert approve(approves, dana).url == page_of(dana)
    assert options.has_any(dana)


def test_person_takes_it_back_after_it_was_approved(
    asks: Browser, approves: Browser, dana: Account, practice: Practice
) -> None:
    """Password and options are what they were; the link that was sent is good for nothing."""
    ask(asks, dana)
    approve(approves, dana)
    browser = Browser(practice)
    browser.get(path_of(str(mail("options_reset", to=dana.email, practice=practice)[-1]["not_me"])))
    browser.post("/not-my-change/")
    assert CodeOption.objects.get(user=dana).confirmed
    theirs = Browser(practice)
    assert theirs.sign_in(dana.sign_in_name, PASSWORD).url == "/second-step/code/"
    link = path_of(str(mail("options_reset_link", to=dana.email, practice=practice)[-1]["link"]))
    thief = Browser(practice)
    thief.get(link)
    answer = thief.post("/reset-password/", {"password": NEW, "confirm_password": NEW}, follow=True)
    assert not thief.is_signed_in
    assert answer.status_code in {200, 404}


def test_address_that_a_thief_added_gets_no_button(
    asks: Browser, approves: Browser, dana: Account, practice: Practice
) -> None:
    Account.objects.filter(pk=dana.pk).update(
        created_at=timezone.now() - timedelta(days=60), email_verified_at=timezone.now() - timedelta(days=60)
    )
    thief = an_option(dana, "+12125550177").target
    ask(asks, dana)
    approve(approves, dana)
    for to, has_button in ((dana.email, True), (thief, False)):
        assert [bool(one["not_me"]) for one in mail("options_reset", to=to, practice=practice)] == [has_button] * 2


def test_manager_who_left_does_not_count(
    asks: Browser, approves: Browser, first: Account, dana: Account, practice: Practice
) -> None:
    ask(asks, dana)
    StaffMembership.objects.filter(account=first).update(role=StaffRole.FRONT_DESK)
    assert "Another manager has to approve" in words(approve(approves, dana))
    assert options.has_any(dana)
