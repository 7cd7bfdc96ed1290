from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from audit.events import Event
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from tests.practices.conftest import Find, Import, bundle, ndjson, patient


@pytest.mark.parametrize("write", [ndjson, bundle])
def test_new_changed_and_same_rows_are_told_apart(import_roster: Import, record: Find, write: Any) -> None:
    import_roster(write(patient("A1"), patient("A2")))
    done = import_roster(write(patient("A1"), patient("A2", gender="female"), patient("A3")))
    assert done.counts() == {"new": 1, "changed": 1, "same": 1, "refused": 0}
    assert record("A2").sex == "female"


def test_importing_again_changes_nothing(import_roster: Import, practice: Practice) -> None:
    content = ndjson(patient("A1", telecom=[{"system": "phone", "value": "1"}], address=[{"city": "X"}]), patient("A2"))
    import_roster(content)
    before = list(practice.patients.order_by("pk").values())
    done = import_roster(content)
    assert done.counts() == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    assert list(practice.patients.order_by("pk").values()) == before


def test_a_dry_run_says_what_would_happen_and_changes_nothing(import_roster: Import) -> None:
    done = import_roster(ndjson(patient("A1"), patient("A1")), "--dry-run")
    assert done.counts() == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    assert done.records() == 0
    assert not AuditEvent.objects.filter(practice_id=done.practice.pk).exists()


def test_records_that_are_not_in_the_file_stay(import_roster: Import, record: Find) -> None:
    import_roster(ndjson(patient("A1"), patient("A2")))
    import_roster(ndjson(patient("A2")))
    assert record("A1").active


def test_another_practice_with_the_same_mrn_is_not_touched(import_roster: Import) -> None:
    other = Practice.objects.create(slug="other-elm", host="other-elm.example", name="Other")
    PatientRecord.objects.create(practice=other, mrn="A1", family_name="Else", birth_date="1990-01-01")
    import_roster(ndjson(patient("A1")))
    assert other.patients.get().family_name == "Else"


def test_an_mrn_twice_refuses_the_later_rows(import_roster: Import, record: Find) -> None:
    first, *later = (patient("A1", name=[{"family": name}]) for name in ("First", "Second", "Third"))
    done = import_roster(ndjson(first, patient("A2"), *later))
    assert record("A1").family_name == "First"
    assert done.reasons() == [("3", "A1", "mrn_twice"), ("4", "A1", "mrn_twice")]
    assert done.counts() == {"new": 2, "changed": 0, "same": 0, "refused": 2}


def test_a_refused_row_does_not_stand_in_the_way_of_a_good_one(import_roster: Import, record: Find) -> None:
    done = import_roster(ndjson(patient("A1", birthDate=None), patient("A1")))
    assert done.reasons() == [("1", "A1", "no_birth_date")]
    assert record("A1").family_name == "Santos"


def test_the_import_is_in_the_audit_trail_with_its_counts(import_roster: Import, practice: Practice) -> None:
    import_roster(ndjson(patient("A1"), patient("A2"), patient("A2")))
    event = AuditEvent.objects.get(practice_id=practice.pk)
    assert (event.event, event.practice_id) == (Event.ROSTER_IMPORTED.value, practice.pk)
    assert event.details == {"new": 2, "changed": 0, "refused": 1}


def test_without_its_audit_event_nothing_is_imported(
    import_roster: Import, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_details: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("practices.roster.apply.record", broken)
    with pytest.raises(RuntimeError):
        import_roster(ndjson(patient("A1")))
    assert not practice.patients.exists()


def test_a_record_that_changes_keeps_when_it_was_made(import_roster: Import, record: Find, practice: Practice) -> None:
    import_roster(ndjson(patient("A1")))
    practice.patients.update(created_at="2020-01-01T00:00Z", updated_at="2020-01-01T00:00Z")
    import_roster(ndjson(patient("A1", gender="male")))
    assert (record().created_at.year, record().updated_at.year > 2020) == (2020, True)


def test_what_is_worth_knowing_is_said(import_roster: Import, record: Find) -> None:
    contacts = [{"system": "phone", "value": "555-907-9875"}, {"system": "email", "value": "none"}]
    done = import_roster(
        ndjson(
            patient("A1", telecom=contacts, deceasedBoolean=True),
            patient("A2", telecom=contacts, active=False),
            {"resourceType": "Observation"},
        )
    )
    assert "2 phone numbers kept as given, not usable for codes." in done.said
    assert "2 emails left out: they are no email addresses." in done.said
    assert "2 deceased or inactive: kept, but they get no codes." in done.said
    assert "1 resources that are no patients skipped." in done.said
    assert not record("A1").can_enroll


def test_nothing_is_left_behind(import_roster: Import) -> None:
    import_roster(ndjson(patient("A1")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.roster_stage')")
        assert cursor.fetchone() == (None,)
