"""Practices and patients of the journeys: committed, and each journey's own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from agreements.sample_texts import samples
from agreements.terms import publish
from enrollment import codes, numbers
from enrollment.models import CodeKind, Handover
from guard.models import Tally
from practices import current
from practices.models import PatientRecord, Practice, PracticeSettings

PASSWORD = "Kite-flying-77"


@dataclass(frozen=True)
class Patient:
    """A patient with a token in hand."""

    chart: PatientRecord
    token: str  # as it is printed

    @property
    def birth_date(self) -> str:
        return f"{self.chart.birth_date:%m/%d/%Y}"

    @property
    def last_name(self) -> str:
        return self.chart.family_name

    @property
    def email(self) -> str:
        return self.chart.email


@transaction.atomic
def open_practice(word: str = "clinic", **settings: object) -> Practice:
    """A practice with published terms, at a host that browsers resolve to this machine."""
    Tally.objects.all().delete()  # all journeys come from one address
    slug = f"{word}-{secrets.token_hex(3)}"
    practice = Practice.objects.create(
        slug=slug,
        host=f"{slug}.portal.localhost",
        name="Willow Street Family Practice",
        colour="#1f6f5c",
        phone="(212) 555-0110",
        email=f"help@{slug}.example.com",
        hours="Monday to Friday, 8 am to 6 pm",
        languages=["en", "es"],
    )
    PracticeSettings.objects.filter(practice=practice).update(**{"option_required": False, **settings})
    for kind, texts in samples(practice).items():
        publish(practice=practice, kind=kind, texts=texts, by=None)
    transaction.on_commit(current.forget)
    return practice


def new_address(name: str = "mia") -> str:
    """An email that nobody else in the tests has."""
    return f"{name}.{secrets.token_hex(4)}@example.com"


def patient(
    practice: Practice,
    *,
    given: str = "Mia Sofía",
    family: str = "O'Brien-Núñez",
    born: date = date(1986, 4, 28),
    email: str | None = None,
    handover: Handover = Handover.HANDED,
) -> Patient:
    """A patient on the practice's roster, with a token; `email` "" means none on the record."""
    chart = PatientRecord.objects.create(
        practice=practice,
        mrn=f"T{secrets.token_hex(4)}",
        given_names=given,
        family_name=family,
        birth_date=born,
        emails=[address] if (address := new_address() if email is None else email) else [],
        mobile_phone="(212) 555-0142",
        mobile_e164="+12125550142",
    )
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=handover, by=None)
    return Patient(chart, numbers.show(issued.number))
