"""**Roster**: a file is sent, looked at, imported by a worker, and refused rows come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.events import Event
from practices import uploads
from practices.models import Practice, Upload, UploadPart
from practices.upload import UploadState
from staff import tasks
from tests import people
from tests.people import Browser, h1, trail, words
from tests.practices.conftest import bundle, ndjson, patient
from tests.results.fhir_kit import ndjson as results_file
from tests.results.fhir_kit import observation, report, whole
from tests.staff.kit import a_manager, at_work

CSV = (
    b"mrn,first_name,last_name,birth_date,shoe\n"
    b"N1,Ana,Lopez,1990-02-03,9\n=1+1,Bad,Row,1990,9\nOLD,Maria Elena,Santoro,1984-03-12,9\n"
)


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


def send(desk: Browser, content: bytes = CSV, name: str = "patients.csv", page: str = "staff:roster") -> Any:
    return desk.post(reverse(page), {"file": SimpleUploadedFile(name, content)})


def worked(answer: Any) -> Upload:
    """The upload, once a worker saw to it."""
    pk = int(answer.url.rstrip("/").rpartition("/")[2])
    tasks.work_on_upload(pk)
    return Upload.objects.get(pk=pk)


def imported(desk: Browser, upload: Upload) -> Upload:
    desk.post(reverse("staff:upload_import", args=[upload.pk]))
    tasks.go_on_with_uploads()
    upload.refresh_from_db()
    return upload


def test_nothing_changes_before_import_and_the_preview_says_what_would(desk: Browser, practice: Practice) -> None:
    people.a_chart(practice, mrn="OLD")
    waits = desk.get(send(desk).url)
    assert "being checked" in words(waits).lower()
    upload = worked(send(desk))
    page = desk.get(reverse("staff:upload", args=[upload.pk]))
    assert upload.state == UploadState.CHECKED
    for said in (
        "New 1",
        "Changed 1",
        "Refused 1",
        "Ana Lopez, born February 3, 1990",
        "Santos → Santoro",
        "Columns not used: shoe",
    ):
        assert said in words(page), said
    assert practice.patients.count() == 1
    done = imported(desk, upload)
    assert (done.state, done.counts["new"], done.counts["changed"]) == (UploadState.DONE, 1, 1)
    assert practice.patients.get(mrn="OLD").family_name == "Santoro"
    assert "What was done" in words(desk.get(reverse("staff:upload", args=[upload.pk])))
    assert not UploadPart.objects.filter(upload=upload, kind="content").exists()
    assert trail(practice, Event.UPLOAD_SENT)
    assert trail(practice, Event.ROSTER_IMPORTED)


def test_refused_rows_come_back_without_formulas(desk: Browser, practice: Practice) -> None:
    upload = worked(send(desk))
    answer = desk.get(reverse("staff:upload_refused", args=[upload.pk]))
    said = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "3,'=1+1,partial_birth_date" in said
    assert answer["Content-Disposition"].startswith("attachment")
    assert trail(practice, Event.UPLOAD_REFUSED_READ)


@pytest.mark.parametrize("content", [ndjson(patient("F1")), bundle(patient("F1"))])
def test_fhir_is_taken_too(desk: Browser, practice: Practice, content: bytes) -> None:
    imported(desk, worked(send(desk, content, "export.json")))
    assert practice.patients.get().mrn == "F1"


def test_parts_are_sealed_and_put_together_again(desk: Browser, practice: Practice) -> None:
    big = b"mrn,last_name,birth_date\n" + b"".join(b"M%d,Lopez,1990-02-03\n" % n for n in range(60_000))
    upload = worked(send(desk, big))
    assert upload.parts.filter(kind="content").count() > 1
    assert not any(b"Lopez" in bytes(part.sealed) for part in upload.parts.all())
    assert (upload.size, upload.counts["new"]) == (len(big), 60_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "The file is empty"), (b"PK\x03\x04 a workbook", "workbook"), (b"colour,size\n1,2\n", "no CSV roster")],
)
def test_a_file_that_is_no_roster_is_said_to_be_none(desk: Browser, content: bytes, said: str) -> None:
    answer = send(desk, content)
    if answer.status_code == 302:
        upload = worked(answer)
        assert upload.state == UploadState.FAILED
        answer = desk.get(reverse("staff:upload", args=[upload.pk]))
    assert said in words(answer)


def test_without_a_file_the_form_says_so(desk: Browser) -> None:
    answer = desk.post(reverse("staff:roster"), {})
    assert (answer.status_code, "Choose a file." in words(answer)) == (400, True)


def test_a_newer_file_takes_the_place_of_one_that_waits(desk: Browser, practice: Practice) -> None:
    first = worked(send(desk))
    second = worked(send(desk))
    first.refresh_from_db()
    assert (first.state, first.parts.count(), second.state) == (UploadState.ENDED, 0, UploadState.CHECKED)
    desk.post(reverse("staff:upload_import", args=[first.pk]))
    tasks.go_on_with_uploads()
    assert not practice.patients.exists()


def test_none_is_taken_while_one_is_imported(desk: Browser) -> None:
    upload = worked(send(desk))
    desk.post(reverse("staff:upload_import", args=[upload.pk]))
    answer = send(desk)
    assert (answer.status_code, "Another file is being imported" in words(answer)) == (409, True)


def test_discarded_nothing_is_left_of_it(desk: Browser, practice: Practice) -> None:
    upload = worked(send(desk))
    desk.post(reverse("staff:upload_discard", args=[upload.pk]))
    upload.refresh_from_db()
    assert (upload.state, upload.parts.count(), upload.found_sealed) == (UploadState.ENDED, 0, None)
    assert trail(practice, Event.UPLOAD_ENDED)


def test_a_worker_that_was_killed_is_gone_on_for(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = worked(send(desk))

    class Killed(BaseException):
        """As a kill: nothing is caught."""

    def kill(*_arguments: object, **_facts: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("staff.roster.working._finish", kill)
        desk.post(reverse("staff:upload_import", args=[upload.pk]))
        with pytest.raises(Killed):
            tasks.work_on_upload(upload.pk)
        assert not upload.practice.patients.exists()
    tasks.go_on_with_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.practice.patients.count()) == (UploadState.DONE, 2)


def test_what_nobody_imported_is_erased_after_a_day(desk: Browser) -> None:
    upload = worked(send(desk))
    Upload.objects.filter(pk=upload.pk).update(at=timezone.now() - uploads.KEPT)
    uploads.purge()
    upload.refresh_from_db()
    assert (upload.state, upload.parts.count()) == (UploadState.ENDED, 0)


def test_the_front_desk_and_another_practice_see_none_of_it(desk: Browser, practice: Practice) -> None:
    upload = worked(send(desk))
    clerk = at_work(people.front_desk(practice), practice)[0]
    other = people.a_practice("oak")
    stranger = at_work(a_manager(other), other)[0]
    for who in (clerk, stranger):
        for page in ("upload", "upload_refused"):
            assert who.get(reverse(f"staff:{page}", args=[upload.pk])).status_code == 404
        for act in ("upload_import", "upload_discard"):
            assert who.post(reverse(f"staff:{act}", args=[upload.pk])).status_code == 404
    assert send(clerk).status_code == 404


def test_a_forged_form_is_refused(practice: Practice) -> None:
    manager = a_manager(practice)
    desk, _key = at_work(manager, practice)
    desk.handler.enforce_csrf_checks = True
    assert send(desk).status_code == 403
    assert not practice.uploads.exclude(state=UploadState.SENDING).exists()


def test_as_many_queries_for_six_files_as_for_one(desk: Browser, django_assert_num_queries: Any) -> None:
    worked(send(desk))
    assert h1(desk.get(reverse("staff:roster"))) == "Roster"
    with CaptureQueriesContext(connection) as few:
        desk.get(reverse("staff:roster"))
    count = len(few)
    for _number in range(5):
        worked(send(desk))
    with django_assert_num_queries(count):
        desk.get(reverse("staff:roster"))


def test_results_are_sent_in_the_same_way(desk: Browser, practice: Practice, tmp_path: Path) -> None:
    chart = people.a_chart(practice)
    content = results_file(tmp_path, [*whole(chart, observation()), report("r2", ["missing"])]).read_bytes()
    upload = worked(send(desk, content, "results.ndjson", "staff:result_upload"))
    assert "Reports 2" in words(desk.get(reverse("staff:upload", args=[upload.pk])))
    assert not practice.reports.exists()
    done = imported(desk, upload)
    assert (done.state, done.counts["new"], done.counts["refused"]) == (UploadState.DONE, 1, 1)
    assert practice.reports.get().record_id == chart.pk
    assert trail(practice, Event.RESULTS_IMPORTED)
    page = words(desk.get(reverse("staff:upload", args=[upload.pk])))
    assert "New 1" in page
    assert "Download the refused rows" in page
