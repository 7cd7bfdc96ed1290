"""What one member of staff alone may try by a roster, a letter, a merge or a role; and what is left in a file."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts import access as accesses
from accounts import colleagues
from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.record import record
from enrollment import at_desk, contacts, letter_runs, merging
from enrollment.models import EnrollmentCode
from notifications.models import Message
from practices.from_roster import ChartMerge
from practices.models import PatientRecord, Practice
from practices.roster.refused import defused
from tests.people import MARIA, Browser, a_chart, a_practice, a_proxy, a_request, an_account, front_desk, mail, path_of
from tests.staff.desk_kit import claim_of
from tests.staff.kit import a_manager, at_work
from tests.staff.test_letters import HOME
from tests.staff.test_roster_conflicts import roster
from tests.staff.test_roster_upload import imported, send, worked
from tests.staff.test_staff_list_member import with_email

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_a_phone_that_a_manager_sent_proves_nothing_before_the_first_code(practice: Practice) -> None:
    """A practice that is new: no code, no access, no change by the desk yet."""
    chart = a_chart(practice, MARIA, mrn="A1")
    desk, _key = at_work(a_manager(practice), practice)
    imported(desk, worked(send(desk, roster(MARIA.email, phone="646-555-0166"))))
    chart = PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)
    assert chart.mobile_phone == "646-555-0166"
    assert contacts.rest(chart)
    assert not EnrollmentCode.objects.filter(record=chart).exists()


def test_no_letter_for_oneself_by_name(practice: Practice) -> None:
    clerk = with_email(front_desk(practice), practice, "Maria", "Santos")
    a_chart(practice, MARIA, emails=[], addresses=HOME)
    said = {"everybody": False, "by": clerk, "reason": "offered", "request": a_request(practice)}
    run = letter_runs.start(practice=practice, **said)  # type: ignore[arg-type]
    letter_runs.run(run.pk)
    assert not EnrollmentCode.objects.filter(practice=practice).exists()


def test_nobody_leaves_their_own_chart(practice: Practice) -> None:
    clerk = with_email(front_desk(practice), practice, "Maria", "Santos")
    old, new = a_chart(practice, MARIA), a_chart(practice, MARIA)
    merge = ChartMerge.objects.create(practice=practice, old=old, new=new, by=None)
    with pytest.raises(at_desk.ForOneself), transaction.atomic():
        merging.leave(merge=merge, by=clerk, request=a_request(practice))


def test_this_was_not_me_stops_every_access_that_moved(practice: Practice) -> None:
    """The patient's own, and a proxy's: whoever put the charts together let both in."""
    clerk = with_email(front_desk(practice), practice, "Dana", "Reed")
    account = an_account(practice)
    old, new = claim_of(account).record, a_chart(practice, MARIA)
    a_proxy(old, name="friend")
    merge = ChartMerge.objects.create(practice=practice, old=old, new=new, by=None)
    with transaction.atomic():
        merging.move(merge=merge, by=clerk, reason="same_person", request=a_request(practice))
    patient = Browser(practice)
    patient.get(path_of(mail("chart_moved")[0]["not_me"]))
    assert patient.post("/not-me/").status_code == 302
    assert set(PatientAccess.objects.filter(record=new).values_list("state", flat=True)) == {"suspended"}
    assert Message.objects.filter(practice=practice, to=practice.email).count() == 1, "the practice is called in once"
    assert accesses.held(account).count() == 1


def changed_role(by: Account, whom: Account, practice: Practice, role: str) -> None:
    with transaction.atomic():
        said = {"actor": by, "practice": practice, "subject": whom, "request": a_request(practice)}
        record(Event.STAFF_ROLE_CHANGED, **said, role=role)  # type: ignore[arg-type]


def test_a_manager_makes_no_one_person_of_the_desk_by_lowering(practice: Practice) -> None:
    crook, one = a_manager(practice), front_desk(practice, "one")
    changed_role(crook, one, practice, "front_desk")
    assert colleagues.hands(crook, practice) == {crook.pk}
    changed_role(crook, one, practice, "manager")
    assert colleagues.hands(crook, practice) == {crook.pk, one.pk}


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1+1", "\n=1+1", "\t=1", "\r\n@SUM(1)", "\u200b=1", "\uff1d1+1", "\xa0+1", "-2", "\x00=1", "\nx"]
)  # fmt: skip
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "A1", "O'Brien", "1-2", "Santos =", "a@example.com"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell
