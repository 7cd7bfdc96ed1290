from __future__ import annotations

from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError

from practices.demo import make_demo
from practices.models import PatientRecord, Practice, PracticeSettings

pytestmark = pytest.mark.django_db


def test_there_are_three_practices_that_differ() -> None:
    riverside, harbor, juniper = make_demo()
    assert [practice.host for practice in (riverside, harbor, juniper)] == [
        "localhost",
        "harbor.portal.localhost",
        "juniper.portal.localhost",
    ]
    assert (harbor.settings.person_word, harbor.settings.password_rule) == ("employee", "long")
    assert harbor.settings.idle_minutes == 10
    assert len({practice.colour for practice in (riverside, harbor, juniper)}) == 3


def test_making_the_demo_again_changes_nothing() -> None:
    practices = make_demo()
    practices[0].patients.filter(mrn="R100001").update(emails=["new@example.com"])
    before = all_rows()
    make_demo()
    assert all_rows() == before


def all_rows() -> tuple[object, ...]:
    models = (Practice, PracticeSettings, PatientRecord)
    return tuple(serializers.serialize("json", model._default_manager.order_by("pk")) for model in models)


def test_every_patient_can_be_reached_in_a_made_up_way() -> None:
    for record in PatientRecord.objects.filter(practice__in=make_demo()):
        assert record.home_e164 or record.work_e164 or record.mobile_e164 or record.email
        assert all(email.endswith("@example.com") for email in record.emails)
        assert all("55501" in e164 for e164 in (record.home_e164, record.work_e164, record.mobile_e164) if e164)


def test_every_practice_and_patient_is_valid() -> None:
    def complaints(thing: Any) -> str:
        try:
            thing.full_clean()
        except ValidationError as wrong:
            return f"{thing}: {wrong}"
        return ""

    practices = make_demo()
    made = [*practices, *PatientRecord.objects.filter(practice__in=practices)]
    assert list(filter(None, map(complaints, made))) == []


def test_families_share_an_email_and_a_phone() -> None:
    riverside = make_demo()[0]
    family = riverside.patients.filter(emails__contains=["okafor.family@example.com"])
    assert family.count() == 4
    assert len(set(family.values_list("home_e164", flat=True))) == 1
