from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from practices.models import PatientRecord, Practice, PracticeSettings, StaffMembership


def new_record(practice: Practice, **changes: Any) -> PatientRecord:
    facts = {"mrn": "A1", "family_name": "Santos", "birth_date": dt.date(1984, 3, 12), **changes}
    return PatientRecord.objects.create(practice=practice, **facts)


@pytest.mark.parametrize(
    "changes",
    [
        {"mrn": ""},
        {"family_name": ""},
        {"birth_date": dt.date(1874, 12, 31)},
        {"sex": "robot"},
        {"home_e164": "212-555-0123"},
        {"mobile_e164": "+1"},
    ],
)
def test_the_database_refuses_an_impossible_record(practice: Practice, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new_record(practice, **changes)


def test_an_mrn_is_there_once_a_practice(practice: Practice) -> None:
    other = Practice.objects.create(slug="other-elm", host="other-elm.example", name="Other")
    new_record(practice)
    new_record(other)
    with pytest.raises(IntegrityError), transaction.atomic():
        new_record(practice)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "Elm.example"},
        {"host": "elm.example:8000"},
        {"host": "-a.example"},
        {"host": "a..example"},
        {"colour": "red"},
        {"colour": "#12345G"},
        {"name": ""},
        {"languages": []},
    ],
)
def test_the_database_refuses_an_impossible_practice(db: None, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Practice.objects.create(**{"slug": "impossible", "host": "impossible.example", "name": "A", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"idle_minutes": 1},
        {"idle_minutes": 31},
        {"token_handed_hours": 0},
        {"token_mailed_days": 91},
        {"person_word": "guest"},
        {"password_rule": "none"},
    ],
)
def test_the_database_refuses_impossible_settings(practice: Practice, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeSettings.objects.filter(practice=practice).update(**changes)


def test_a_new_practice_has_its_settings(practice: Practice) -> None:
    assert Practice.objects.get(pk=practice.pk).settings.idle_minutes == 15


def test_a_member_of_staff_is_one_once(practice: Practice, django_user_model: Any) -> None:
    account = django_user_model.objects.create_account(sign_in_name="front.desk.of.elm", password="long enough 1!")
    StaffMembership.objects.create(practice=practice, account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffMembership.objects.create(practice=practice, account=account)


def test_who_can_enroll(practice: Practice) -> None:
    assert new_record(practice).can_enroll
    assert not new_record(practice, mrn="A2", deceased=True).can_enroll
    assert not new_record(practice, mrn="A3", active=False).can_enroll
