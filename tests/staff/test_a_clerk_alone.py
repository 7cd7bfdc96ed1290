"""A clerk who tries to let somebody in alone is refused, each way: it takes two people (docs/flows.md H)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Relationship, StaffInvitation
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import bulk, codes, inviting, naming, paw, vouching
from enrollment.models import (
    CodeKind,
    CodeState,
    Enrollment,
    EnrollmentCode,
    Handover,
    IdSeen,
    Letter,
    LetterRun,
    Vouch,
)
from enrollment.named_proxy import NamedBy
from enrollment.whom import Whom
from guard import limits
from practices.choices import StaffRole
from practices.models import StaffMembership
from tests import people
from tests.people import MARIA, Browser, a_practice, a_request, a_token_for, an_account, front_desk, opens, words
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import with_email
from tests.staff.test_waiting_to_be_vouched_for import LIST, change_contact, give, refused, vouch_page

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey(practice: Practice) -> Enrollment:
    """Maria's, by a mailed token; she has no phone on file and asked the practice to vouch."""
    account = an_account(practice, token=a_token_for(practice, mailed=True))
    made = Enrollment.objects.get(account=account)
    vouching.ask(journey=made, request=a_request(practice))
    return made


@pytest.fixture
def clerk(practice: Practice) -> Account:
    return with_email(front_desk(practice), practice)


def issued(journey: Enrollment, by: Account) -> None:
    EnrollmentCode.objects.filter(pk=journey.code_id).update(issued_by=by)


def note(event: Event, about: Account, by: Account, practice: Practice) -> None:
    with transaction.atomic():
        record(event, actor=by, practice=practice, subject=about, request=a_request(practice))


def by_code(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    issued(journey, clerk)


def by_an_older_code(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    """Of the same patient; the one that is used came by **Send me a new one**, and has nobody's hand on it."""
    code = EnrollmentCode.objects.get(pk=journey.code_id)
    EnrollmentCode.objects.create(
        practice=practice, record=code.record, kind=CodeKind.TOKEN, handover=Handover.MAILED, digest=b"older",
        state=CodeState.SUPERSEDED, issued_by=clerk, expires_at=timezone.now(),
    )  # fmt: skip


def by_contact(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    change_contact(clerk, practice, journey)


def by_phone(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    """One that was not to be used, and is again."""
    with transaction.atomic():
        request = a_request(practice)
        record(Event.PHONE_ALLOWED, actor=clerk, practice=practice, subject=journey.record, request=request)


def by_second_account(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    """Of the same whole name, or email."""
    second = front_desk(practice, "second")
    Account.objects.filter(pk=second.pk).update(email=clerk.email.upper())
    issued(journey, second)


def by_namesake(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    issued(journey, with_email(front_desk(practice, "second"), practice, clerk.first_name, clerk.last_name.upper()))


def by_contact_of_second_account(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    second = front_desk(practice, "second")
    Account.objects.filter(pk=second.pk).update(email=clerk.email)
    change_contact(second, practice, journey)


def by_whom_they_invited(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    invited = front_desk(practice, "invited")
    now = timezone.now()
    StaffInvitation.objects.create(
        practice=practice, email="i@example.com", first_name="I", last_name="N", role=StaffRole.FRONT_DESK,
        invited_by=clerk, secret_digest=b"1", sent_at=now, expires_at=now, accepted_at=now, account=invited,
    )  # fmt: skip
    issued(journey, invited)


def by_who_invited_them(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    manager = a_manager(practice)
    now = timezone.now()
    StaffInvitation.objects.create(
        practice=practice, email="i@example.com", first_name="I", last_name="N", role=StaffRole.FRONT_DESK,
        invited_by=manager, secret_digest=b"1", sent_at=now, expires_at=now, accepted_at=now, account=clerk,
    )  # fmt: skip
    issued(journey, manager)


def by_whom_they_let_back(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    """A colleague who was deactivated, and whom they activated to have two hands."""
    back = front_desk(practice, "back")
    note(Event.STAFF_ACTIVATED, back, clerk, practice)
    issued(journey, back)


def by_whom_they_deactivated(journey: Enrollment, clerk: Account, practice: Practice) -> None:
    """The colleague's code is the colleague's; but a second account that is off now stays one person with them."""
    second = front_desk(practice, "second")
    Account.objects.filter(pk=second.pk).update(email=clerk.email)
    StaffMembership.objects.filter(account=second).update(active=False)
    issued(journey, second)


ALONE: tuple[tuple[Callable[[Enrollment, Account, Practice], None], str], ...] = (
    (by_code, "You issued the code"),
    (by_an_older_code, "You issued the code"),
    (by_contact, "You changed a contact"),
    (by_phone, "You changed a contact"),
    (by_second_account, "You issued the code"),
    (by_namesake, "You issued the code"),
    (by_contact_of_second_account, "You changed a contact"),
    (by_whom_they_invited, "You issued the code"),
    (by_who_invited_them, "You issued the code"),
    (by_whom_they_let_back, "You issued the code"),
    (by_whom_they_deactivated, "You issued the code"),
)


@pytest.mark.parametrize(("did", "said"), ALONE, ids=lambda one: getattr(one, "__name__", ""))
def test_clerk_alone_is_refused(
    did: Callable[[Enrollment, Account, Practice], None],
    said: str,
    desk: Browser,
    clerk: Account,
    practice: Practice,
    journey: Enrollment,
) -> None:
    did(journey, clerk, practice)
    assert said in words(desk.get(LIST))
    assert said in refused(desk, journey)
    colleague, _key = at_work(with_email(front_desk(practice, "third"), practice, "Theo", "Park"), practice)
    assert give(colleague, journey).url == LIST


def test_named_proxy_of_ones_own_naming(desk: Browser, clerk: Account, practice: Practice, journey: Enrollment) -> None:
    who = naming.Who("Rosa", "Santos", MARIA.born, Relationship.CAREGIVER, email="rosa@example.com")
    proxy = naming.name(chart=journey.record, who=who, source=NamedBy.STAFF, by=clerk, request=a_request(practice))
    Enrollment.objects.filter(pk=journey.pk).update(proxy=proxy)
    assert "You named this person" in refused(desk, journey)


@pytest.mark.parametrize("by", ["record's email", "record's name", "account's email", "account itself"])
def test_own_record_and_own_account(by: str, practice: Practice, journey: Enrollment) -> None:
    assert journey.account is not None
    own = front_desk(practice, "maria-at-work")
    if by == "record's email":
        Account.objects.filter(pk=own.pk).update(email=journey.record.email)
        Account.objects.filter(pk=journey.account.pk).update(email="other@example.com", sign_in_name="other.name")
    elif by == "record's name":
        Account.objects.filter(pk=own.pk).update(first_name="Maria", last_name="Oliveira")  # her former name
    elif by == "account's email":
        Account.objects.filter(pk=own.pk).update(email=journey.account.email)
        journey.record.emails = []
        journey.record.save()
    else:
        StaffMembership.objects.filter(account=own).update(account=journey.account)
        own = journey.account
    browser, _key = at_work(own, practice)
    assert "Nobody vouches for themselves" in words(browser.get(LIST))
    assert "Nobody vouches for themselves" in refused(browser, journey)


def test_clerk_of_another_practice_finds_nothing(practice: Practice, journey: Enrollment) -> None:
    elsewhere = a_practice("oak")
    browser, _key = at_work(front_desk(elsewhere), elsewhere)
    assert browser.post(vouch_page(journey), {"id_seen": IdSeen.PASSPORT}).status_code == 404
    assert browser.post(f"/staff/waiting/{journey.pk}/take-back/").status_code == 404
    assert not Vouch.objects.exists()


def test_word_of_who_was_deactivated_opens_nothing(
    desk: Browser, clerk: Account, practice: Practice, journey: Enrollment
) -> None:
    give(desk, journey)
    clerk.staff_memberships.update(active=False)
    assert journey.account is not None
    assert not vouching.use(journey=journey, account=journey.account, request=a_request(practice))
    assert not opens(journey.account, journey.record)


def test_word_is_taken_back(desk: Browser, practice: Practice, journey: Enrollment) -> None:
    give(desk, journey)
    page = f"/staff/waiting/{journey.pk}/take-back/"
    assert desk.get(page).status_code == 405
    assert desk.post(page).url == LIST
    assert "Nothing was opened" in words(desk.get(LIST))
    assert journey.account is not None
    assert not vouching.use(journey=journey, account=journey.account, request=a_request(practice))
    assert not opens(journey.account, journey.record)
    assert AuditEvent.objects.filter(event=Event.VOUCH_TAKEN_BACK, practice_id=practice.pk).exists()
    desk.post(page)
    assert "no vouch any more" in words(desk.get(LIST))


def test_code_that_the_clerk_sends_by_email_is_theirs(practice: Practice, clerk: Account) -> None:
    """**Email activation code**, an invitation, a letter."""
    chart = people.a_chart(practice)
    request = a_request(practice)
    for kind in (CodeKind.ACTIVATION, CodeKind.INVITATION):
        inviting.send(chart=chart, kind=kind, by=clerk, request=request)
        assert EnrollmentCode.objects.latest("pk").issued_by == clerk
    codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.MAILED, by=clerk, request=request)
    assert EnrollmentCode.objects.latest("pk").issued_by == clerk


def test_many_in_one_go_are_of_who_began_it(practice: Practice, clerk: Account) -> None:
    chart = people.a_chart(practice, MARIA)
    run = bulk.start(practice=practice, kind=CodeKind.INVITATION, whom=Whom(), by=clerk, request=a_request(practice))
    bulk.run(run)
    assert chart.codes.get().issued_by == clerk


def test_paw_is_of_who_pressed_it(practice: Practice, clerk: Account) -> None:
    chart = people.a_chart(practice, MARIA)
    paw.press(chart=chart, by=clerk, request=a_request(practice))
    assert chart.codes.get().issued_by == clerk


@pytest.mark.parametrize("who", ["began the run", "opened it to print"])
def test_letters_printed_in_one_go(
    who: str, desk: Browser, clerk: Account, practice: Practice, journey: Enrollment
) -> None:
    began = clerk if who == "began the run" else front_desk(practice, "second")
    run = LetterRun.objects.create(practice=practice, by=began, reason="asked", wanted=1)
    Letter.objects.create(run=run, code_id=journey.code_id)
    issued(journey, began)
    if who == "opened it to print":
        with transaction.atomic():
            request = a_request(practice)
            record(Event.LETTERS_SHOWN, actor=clerk, practice=practice, subject=run, request=request, letters=1)
    assert "You issued the code" in refused(desk, journey)


def test_token_that_they_hand_over_after_a_change_by_their_second_account_is_no_proof(
    practice: Practice, clerk: Account
) -> None:
    """A handed token opens the record by itself, but not by the hand that changed a contact."""
    second = front_desk(practice, "second")
    Account.objects.filter(pk=second.pk).update(email=clerk.email)
    token = a_token_for(practice)
    EnrollmentCode.objects.filter(pk=token.code.pk).update(issued_by=second)
    with transaction.atomic():
        record(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=token.chart, request=a_request(practice))
    token.code.refresh_from_db()
    account = an_account(practice, token=token)
    assert not opens(account, token.chart)


def test_list_takes_as_many_queries_for_one_as_for_many(desk: Browser, clerk: Account, practice: Practice) -> None:
    def more(name: str) -> None:
        person = people.someone_like(MARIA, email=f"{name}@example.com")
        account = an_account(practice, person, token=a_token_for(practice, person, mailed=True))
        vouching.ask(journey=Enrollment.objects.get(account=account), request=a_request(practice))

    def queries() -> int:
        with CaptureQueriesContext(connection) as taken:
            assert desk.get(LIST).status_code == 200
        return len(taken)

    more("one")
    desk.get(LIST)
    before = queries()
    for name in ("two", "three", "four"):
        more(name)
    assert queries() == before
    assert before <= 14


def test_72_hours_later_it_is_another_hand(
    desk: Browser, clerk: Account, practice: Practice, journey: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_whom_they_invited(journey, clerk, practice)
    by_contact(journey, clerk, practice)
    monkeypatch.setattr(limits, "CONTACT_RESTS", limits.CONTACT_RESTS * 0)
    monkeypatch.setattr(limits, "NEW_COLLEAGUE_RESTS", limits.NEW_COLLEAGUE_RESTS * 0)
    assert give(desk, journey).url == LIST
