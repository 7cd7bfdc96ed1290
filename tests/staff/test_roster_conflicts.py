"""A roster changes no contact that was verified; a closed record lets nobody in; merged charts move after review."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts import access
from accounts.models import AccessState, PatientAccess
from audit.events import Event
from enrollment import codes, contacts
from enrollment.models import CodeState, EnrollmentCode
from practices.from_roster import ChartMerge, MergeState, RosterConflict
from practices.models import PatientRecord, Practice
from tests import people
from tests.people import MARIA, Browser, mail, trail, words
from tests.practices.conftest import ndjson, patient
from tests.results.kit import a_report
from tests.staff.kit import a_manager, at_work
from tests.staff.test_roster_upload import imported, send, worked


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return people.a_chart(practice, mrn="A1", mobile_phone="212-555-0142", mobile_e164="+12125550142")


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


def roster(email: str = "new@example.com", phone: str = "212-555-0142", mrn: str = "A1", **more: str) -> bytes:
    facts = {"mrn": mrn, "first_name": "Maria Elena", "last_name": "Santos", "birth_date": "1984-03-12"}
    row = {**facts, "email": email, "mobile_phone": phone, **more}
    return (",".join(row) + "\n" + ",".join(row.values()) + "\n").encode()


def by_command(practice: Practice, content: bytes, folder: Path) -> None:
    (folder / "roster").write_bytes(content)
    call_command("import_roster", str(folder / "roster"), "--practice", practice.slug)


def enrolled(chart: PatientRecord) -> Any:
    return people.an_account(chart.practice, token=people.a_token(chart))


def test_a_verified_email_stays_until_the_desk_decides(desk: Browser, chart: PatientRecord, tmp_path: Path) -> None:
    enrolled(chart)
    upload = worked(send(desk, roster()))
    assert "1 contact stays as it is until you decide" in words(desk.get(reverse("staff:upload", args=[upload.pk])))
    assert not RosterConflict.objects.exists()  # the preview notes nothing
    imported(desk, upload)
    chart.refresh_from_db()
    assert chart.emails == [MARIA.email]
    page = words(desk.get(reverse("staff:conflicts")))
    assert all(said in page for said in (MARIA.email, "new@example.com", "The patient verified it"))
    [conflict] = RosterConflict.objects.all()
    desk.post(reverse("staff:conflict_keep", args=[conflict.pk]))
    assert trail(chart.practice, Event.ROSTER_CONFLICT_KEPT)
    by_command(chart.practice, roster(), tmp_path)  # the same again is no new question
    assert not RosterConflict.objects.filter(settled_at=None).exists()
    by_command(chart.practice, roster("third@example.com"), tmp_path)  # another one is
    assert RosterConflict.objects.get(settled_at=None).roster == [["third@example.com"]]
    chart.refresh_from_db()
    assert chart.emails == [MARIA.email]


def test_a_verified_phone_stays_and_an_unverified_one_is_taken(chart: PatientRecord, tmp_path: Path) -> None:
    account = enrolled(chart)
    by_command(chart.practice, roster(MARIA.email, "212-555-0199"), tmp_path)
    chart.refresh_from_db()
    assert chart.mobile_e164 == "+12125550199"
    people.an_option(account, "+12125550199")
    by_command(chart.practice, roster(MARIA.email, "212-555-0177"), tmp_path)
    chart.refresh_from_db()
    assert (chart.mobile_e164, RosterConflict.objects.get().field) == ("+12125550199", "mobile")


def test_taking_the_rosters_is_a_change_by_the_desk(desk: Browser, chart: PatientRecord, tmp_path: Path) -> None:
    enrolled(chart)
    by_command(chart.practice, roster(), tmp_path)
    [conflict] = RosterConflict.objects.all()
    page = reverse("staff:conflict_take", args=[conflict.pk])
    assert "Maria Elena Santos" in words(desk.get(page))
    assert desk.post(page, {"reason": "asked"}).status_code == 302
    chart.refresh_from_db()
    assert chart.emails == ["new@example.com"]
    assert contacts.rest(chart)
    assert {one["to"] for one in mail("contact_changed")} >= {MARIA.email}
    assert desk.get(page).status_code == 404


def test_a_contact_that_a_sent_file_changed_proves_nothing_for_a_while(
    desk: Browser, chart: PatientRecord, tmp_path: Path
) -> None:
    people.a_token(chart)
    imported(desk, worked(send(desk, roster(MARIA.email, "212-555-0199"))))
    assert contacts.rest(chart)
    other = people.a_practice("oak")
    theirs = people.a_chart(other, mrn="A1")
    people.a_token(theirs)
    by_command(other, roster(MARIA.email, "212-555-0199"), tmp_path)  # by who runs the portal
    assert not contacts.rest(theirs)


def test_a_deceased_patient_has_no_codes_and_access_rests_until_it_was_a_mistake(
    chart: PatientRecord, tmp_path: Path
) -> None:
    account, father = enrolled(chart), people.a_proxy(chart)
    code = people.a_token(chart).code
    stopped = people.a_proxy(chart, name="stopped", state=AccessState.SUSPENDED)
    by_command(chart.practice, roster(MARIA.email, deceased="yes"), tmp_path)
    assert EnrollmentCode.objects.get(pk=code.pk).state == CodeState.REVOKED
    assert not people.opens(account, chart)
    assert not people.opens(father, chart)
    assert {one["to"] for one in mail("access_rests")} == {account.email, father.email}
    chart.refresh_from_db()
    with pytest.raises(codes.CannotIssueError):
        people.a_token(chart)
    by_command(chart.practice, roster(MARIA.email, deceased="no"), tmp_path)
    assert people.opens(account, chart)
    assert people.opens(father, chart)
    assert not people.opens(stopped, chart)
    assert {one["to"] for one in mail("access_rests_no_more")} == {account.email, father.email}


def test_this_was_not_me_outlasts_the_closing_of_the_record(chart: PatientRecord, tmp_path: Path) -> None:
    father = people.a_proxy(chart)
    by_command(chart.practice, roster(MARIA.email, active="no"), tmp_path)
    claim = PatientAccess.objects.select_related("practice", "account", "record").get(account=father)
    access.stop(claim, people.a_request(chart.practice))
    by_command(chart.practice, roster(MARIA.email, active="yes"), tmp_path)
    assert not people.opens(father, chart)


def merged(practice: Practice, tmp_path: Path, **changes: Any) -> tuple[PatientRecord, PatientRecord, ChartMerge]:
    old = PatientRecord.objects.filter(practice=practice, mrn="A1").first() or people.a_chart(practice, mrn="A1")
    new = people.a_chart(practice, mrn="B1", **changes)
    by_command(practice, roster(MARIA.email, merged_into="B1"), tmp_path)
    return old, new, ChartMerge.objects.get(old=old)


def test_merged_charts_move_access_proxies_and_results_after_review(
    desk: Browser, chart: PatientRecord, practice: Practice, tmp_path: Path
) -> None:
    account, father = enrolled(chart), people.a_proxy(chart)
    report = a_report(chart)
    _old, new, merge = merged(practice, tmp_path)
    assert people.opens(account, chart)  # until somebody looked
    assert "A1" in words(desk.get(reverse("staff:merges")))
    page = reverse("staff:merge", args=[merge.pk])
    assert "MRN B1" in words(desk.get(page))
    answer = desk.post(page, {"reason": "same_person"})
    assert answer.status_code == 302, words(answer)
    report.refresh_from_db()
    chart.refresh_from_db()
    assert (report.record_id, chart.active) == (new.pk, False)
    assert people.opens(account, new)
    assert people.opens(father, new)
    assert not people.opens(account, chart)
    assert MARIA.email in {one["to"] for one in mail("chart_moved")}
    assert trail(practice, Event.CHART_MERGED)


def test_fhir_says_it_by_a_link(practice: Practice, tmp_path: Path) -> None:
    people.a_chart(practice, mrn="A1")
    link = [{"type": "replaced-by", "other": {"reference": "Patient/b"}}]
    by_command(practice, ndjson(patient("A1", id="a", link=link), patient("B1", id="b")), tmp_path)
    merge = ChartMerge.objects.select_related("old", "new").get()
    assert (merge.old.mrn, merge.new.mrn) == ("A1", "B1")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"birth_date": date(1985, 3, 12)}, "different dates of birth"), ({"active": False}, "deceased or inactive")],
)
def test_charts_that_may_be_of_two_people_do_not_move(
    desk: Browser, chart: PatientRecord, practice: Practice, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    enrolled(chart)
    _old, _new, merge = merged(practice, tmp_path, **changes)
    answer = desk.post(reverse("staff:merge", args=[merge.pk]), {"reason": "same_person"})
    assert (answer.status_code, said in words(answer)) == (409, True)


def test_who_sent_the_roster_does_not_review_it(chart: PatientRecord, practice: Practice) -> None:
    enrolled(chart)
    people.a_chart(practice, mrn="B1")
    sender = at_work(a_manager(practice, "sender"), practice)[0]
    imported(sender, worked(send(sender, roster(MARIA.email, merged_into="B1"))))
    merge = ChartMerge.objects.get()
    answer = sender.post(reverse("staff:merge", args=[merge.pk]), {"reason": "same_person"})
    assert (answer.status_code, "You imported the roster" in words(answer)) == (409, True)
    colleague = at_work(people.front_desk(practice), practice)[0]
    assert colleague.post(reverse("staff:merge", args=[merge.pk]), {"reason": "same_person"}).status_code == 302


def test_two_people_stay_two(desk: Browser, chart: PatientRecord, practice: Practice, tmp_path: Path) -> None:
    account = enrolled(chart)
    _old, new, merge = merged(practice, tmp_path)
    desk.post(reverse("staff:merge_leave", args=[merge.pk]))
    merge.refresh_from_db()
    assert merge.state == MergeState.LEFT
    assert not people.opens(account, new)
    by_command(practice, roster(MARIA.email, merged_into="B1"), tmp_path)
    assert "No merged chart waits" in words(desk.get(reverse("staff:merges")))


def test_another_practice_sees_none_of_it(chart: PatientRecord, practice: Practice, tmp_path: Path) -> None:
    enrolled(chart)
    by_command(practice, roster(), tmp_path)
    _old, _new, merge = merged(practice, tmp_path)
    [conflict] = RosterConflict.objects.all()
    other = people.a_practice("oak")
    stranger = at_work(a_manager(other), other)[0]
    for page, pk in (("conflict_take", conflict.pk), ("merge", merge.pk)):
        assert stranger.get(reverse(f"staff:{page}", args=[pk])).status_code == 404
    for act, pk in (("conflict_keep", conflict.pk), ("merge_leave", merge.pk)):
        assert stranger.post(reverse(f"staff:{act}", args=[pk])).status_code == 404
    assert "Santos" not in words(stranger.get(reverse("staff:conflicts")))
