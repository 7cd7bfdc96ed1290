"""Where two people are needed, one with two accounts, a colleague of an hour, or another chart is not the second."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, StaffInvitation
from accounts.staff_members import TwoManagers, change_role, deactivate
from audit.events import Event
from audit.record import record
from enrollment import at_desk, contact_changes, desk_codes, merging
from practices.choices import StaffRole
from practices.from_roster import ChartMerge
from practices.models import PatientRecord, StaffMembership
from practices.upload import Upload, UploadPart
from tests import people
from tests.people import MARIA, Browser, a_chart, a_practice, a_request, front_desk
from tests.staff.desk_kit import a_full_chart
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import with_email

pytestmark = pytest.mark.django_db


def second_of(account: Account, practice: Any, name: str = "second") -> Account:
    second = front_desk(practice, name)
    Account.objects.filter(pk=second.pk).update(email=account.email)
    return Account.objects.get(pk=second.pk)


def invited_by(manager: Account, account: Account, practice: Any) -> None:
    now = timezone.now()
    StaffInvitation.objects.create(
        practice=practice,
        email=account.email or "x@example.com",
        first_name="I",
        last_name="N",
        role=StaffRole.MANAGER,
        invited_by=manager,
        secret_digest=account.sign_in_name.encode()[:32],
        sent_at=now,
        expires_at=now,
        accepted_at=now,
        account=account,
    )


def test_importer_moves_charts_with_a_second_account() -> None:
    practice = a_practice()
    manager = with_email(a_manager(practice), practice, "Morgan", "Lee")
    second = second_of(manager, practice)
    own = a_chart(practice, people.someone_like(MARIA, given="Mallory", family="Crook", email="m@example.com"))
    victim = a_chart(practice, MARIA)
    merge = ChartMerge.objects.create(practice=practice, old=own, new=victim, by=manager)
    assert isinstance(merging.against(merge, second, practice), at_desk.CannotDo)


def test_importer_moves_charts_with_a_colleague_just_invited() -> None:
    practice = a_practice()
    manager = with_email(a_manager(practice), practice, "Morgan", "Lee")
    made = with_email(front_desk(practice, "made"), practice, "Made", "Up")
    invited_by(manager, made, practice)
    own, victim = a_chart(practice, MARIA), a_chart(practice, MARIA)
    merge = ChartMerge.objects.create(practice=practice, old=own, new=victim, by=manager)
    assert isinstance(merging.against(merge, made, practice), at_desk.CannotDo)


def test_manager_alone_deactivates_the_only_honest_one() -> None:
    practice = a_practice()
    crook = with_email(a_manager(practice), practice, "Morgan", "Lee")
    honest = with_email(a_manager(practice, "honest"), practice, "Olga", "Marsh")
    made = with_email(a_manager(practice, "made"), practice, "Made", "Up")
    invited_by(crook, made, practice)
    member = StaffMembership.objects.get(account=honest)
    with pytest.raises(TwoManagers):
        deactivate(member=member, by=crook, reason="left", request=a_request(practice))


def test_second_account_settles_what_was_objected_to() -> None:
    practice = a_practice()
    clerk = with_email(front_desk(practice), practice)
    second = second_of(clerk, practice)
    chart = a_full_chart(practice)
    why = contact_changes.Why(by=clerk, reason="asked", request=a_request(practice))
    change = contact_changes.stop_phone(chart=chart, which="mobile", why=why)
    contact_changes.object_to(change=change, request=a_request(practice))
    assert isinstance(contact_changes.against(second, practice, chart), contact_changes.SomebodyElse)


def test_invitation_of_who_is_a_manager_no_more_makes_a_manager() -> None:
    practice = a_practice()
    crook = with_email(a_manager(practice), practice, "Morgan", "Lee")
    honest = with_email(a_manager(practice, "honest"), practice, "Olga", "Marsh")
    with_email(a_manager(practice, "third"), practice, "Theo", "Park")
    now = timezone.now()
    invited = StaffInvitation.objects.create(
        practice=practice,
        email="alt@example.com",
        first_name="Al",
        last_name="Ter",
        role=StaffRole.MANAGER,
        invited_by=crook,
        secret_digest=b"5",
        sent_at=now,
        expires_at=now + timedelta(days=7),
    )
    member = StaffMembership.objects.get(account=crook)
    change_role(member=member, role=StaffRole.FRONT_DESK, by=honest, reason="other_work", request=a_request(practice))
    invited.refresh_from_db()
    assert invited.revoked_at


def test_forged_upload_leaves_nothing() -> None:
    practice = a_practice()
    manager = a_manager(practice)
    desk, _key = at_work(manager, practice)
    desk.handler.enforce_csrf_checks = True
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = super(Browser, desk).post("/staff/roster/", {"file": SimpleUploadedFile("r.csv", b"x" * 3_000_000)})
    assert answer.status_code == 403
    assert (Upload.objects.count(), UploadPart.objects.count()) == (0, 0)


def test_charts_of_different_names_do_not_move() -> None:
    practice = a_practice()
    clerk = with_email(front_desk(practice), practice)
    own = a_chart(practice, MARIA, given_names="Mallory", family_name="Crook", former_family_names=[])
    victim = a_chart(practice, MARIA)
    merge = ChartMerge.objects.create(practice=practice, old=own, new=victim, by=None)
    assert merging.against(merge, clerk, practice)


def test_merge_does_not_end_the_rest_of_contacts() -> None:
    """A contact changed by staff rests on the old chart; the trail of the chart that stays says nothing of it."""
    practice = a_practice()
    clerk = with_email(front_desk(practice), practice)
    clerk2 = with_email(front_desk(practice, "two"), practice, "Theo", "Park")
    old, new = a_chart(practice, MARIA), a_chart(practice, MARIA, emails=[])
    with transaction.atomic():
        record(Event.OWN_ACCESS_ENDED, actor=clerk, practice=practice, subject=old, request=a_request(practice))
    merge = ChartMerge.objects.create(practice=practice, old=old, new=new, by=None)
    with transaction.atomic():
        merging.move(merge=merge, by=clerk2, reason="same_person", request=a_request(practice))
    chart = PatientRecord.objects.select_related("practice").get(pk=new.pk)
    assert desk_codes.against_handing(clerk, chart)


def test_who_sent_the_roster_is_free_when_a_colleague_pressed_import() -> None:
    from tests.staff.test_roster_conflicts import roster
    from tests.staff.test_roster_upload import imported, send, worked

    practice = a_practice()
    crook, honest = a_manager(practice), a_manager(practice, "honest")
    desk, _key = at_work(crook, practice)
    theirs, _key2 = at_work(honest, practice)
    a_chart(practice, MARIA, mrn="A1")
    a_chart(practice, MARIA, mrn="B1")
    imported(theirs, worked(send(desk, roster(MARIA.email, merged_into="B1"))))
    merge = ChartMerge.objects.get()
    assert isinstance(merging.against(merge, crook, practice), merging.SentByYou)


def test_own_code_is_sent_again_from_deliveries() -> None:
    """Send again on Deliveries looks at nothing of who presses: own record, 72-hour change."""
    from enrollment import inviting
    from enrollment.models import CodeKind
    from notifications.models import Message

    practice = a_practice()
    clerk = with_email(front_desk(practice), practice)
    desk, _key = at_work(clerk, practice)
    chart = a_chart(practice, MARIA, emails=[clerk.email])
    inviting.send(chart=chart, kind=CodeKind.ACTIVATION, by=None, request=a_request(practice))
    message = Message.objects.filter(practice=practice, to=clerk.email).latest("pk")
    answer = desk.post(f"/staff/deliveries/{message.pk}/again/")
    assert answer.status_code == 409, (answer.status_code, answer.get("location"))
