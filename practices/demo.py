"""The demo: three practices that look and behave differently, with made-up patients.

Phones are of the 555-01xx kind, set aside for fiction, and pass as real ones; emails are at example.com.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction

from practices.choices import CodeWhen, PasswordRule, PersonWord, RecordProof, SecurityOption
from practices.demo_people import HARBOR, JUNIPER, RIVERSIDE, Person
from practices.models import PatientRecord, Practice, PracticeSettings
from practices.phones import usable_e164

_PRACTICES: tuple[tuple[dict[str, Any], dict[str, Any], tuple[Person, ...]], ...] = (
    (
        {
            "slug": "riverside",
            "name": "Riverside Family Practice",
            "colour": "#1f6f5c",
            "phone": "(212) 555-0110",
            "email": "help@riverside.example.com",
            "hours": "Monday to Friday, 8 am to 6 pm",
            "languages": ["en", "es"],
        },
        {},
        RIVERSIDE,
    ),
    (
        {
            "slug": "harbor",
            "name": "Harbor Occupational Health",
            "colour": "#123a6b",
            "phone": "(617) 555-0120",
            "email": "portal@harbor.example.com",
            "hours": "Every day, 6 am to 10 pm",
            "languages": ["en", "es"],
        },
        {
            "person_word": PersonWord.EMPLOYEE,
            "password_rule": PasswordRule.LONG,
            "idle_minutes": 10,
            "code_when": CodeWhen.NEW_DEVICES,
            "proof": RecordProof.CODE_AND_CHECK,
        },
        HARBOR,
    ),
    (
        {
            "slug": "juniper",
            "name": "Juniper Children's Clinic",
            "colour": "#8a3ffc",
            "phone": "(312) 555-0130",
            "email": "hello@juniper.example.com",
            "hours": "Monday to Saturday, 9 am to 5 pm",
            "languages": ["en", "es"],
            "time_zone": "America/Chicago",
        },
        {
            "token_handed_hours": 48,
            "token_mailed_days": 14,
            "code_when": CodeWhen.RESET_ONLY,
            "option_required": False,
            "option_recommended": SecurityOption.PASSKEY,
        },
        JUNIPER,
    ),
)


@transaction.atomic
def make_demo() -> list[Practice]:
    """Make what is missing of the demo practices, their settings and patients; what is there stays as it is."""
    return [_make(facts, chosen, people) for facts, chosen, people in _PRACTICES]


def _make(facts: dict[str, Any], chosen: dict[str, Any], people: tuple[Person, ...]) -> Practice:
    slug = facts["slug"]
    practice, is_new = Practice.objects.get_or_create(
        slug=slug, defaults={**facts, "host": _host(slug), "logo": f"img/logos/{slug}.svg"}
    )
    if is_new:
        PracticeSettings.objects.filter(practice=practice).update(**chosen)
        practice.refresh_from_db()
    records = [_record(practice, number, person) for number, person in enumerate(people, start=1)]
    PatientRecord.objects.bulk_create(records, ignore_conflicts=True)
    return practice


def _host(slug: str) -> str:
    """Browsers resolve `localhost` and the names under it; the first practice is the shortest to type."""
    return "localhost" if slug == "riverside" else f"{slug}.{settings.PORTAL_BASE_HOST}"


def _record(practice: Practice, number: int, person: Person) -> PatientRecord:
    return PatientRecord(
        practice=practice,
        mrn=f"{practice.slug[0].upper()}{100000 + number}",
        given_names=person.given,
        family_name=person.family,
        former_family_names=list(person.former),
        birth_date=dt.date.fromisoformat(person.born),
        sex=person.sex,
        addresses=[person.address] if person.address else [],
        emails=list(person.emails),
        home_phone=person.home,
        work_phone=person.work,
        mobile_phone=person.mobile,
        home_e164=usable_e164(person.home),
        work_e164=usable_e164(person.work),
        mobile_e164=usable_e164(person.mobile),
        language=person.language,
        deceased=person.deceased,
        active=person.active,
    )
