"""How far an access opens its record today: a pure decision over relationship, level, ages and dates (flows.md, I).

Every page of a record asks it anew: what a birthday ends has ended on that day, whether or not the daily task ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from accounts.models import AccessLevel, AccessState, Relationship

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import PatientAccess
    from practices.models import PatientRecord, Practice, PracticeSettings

OWN_ACCOUNT_AGE = 13  # years: under this age nobody has an account of their own (COPPA, 16 CFR 312)


class Stage(StrEnum):
    """Where a patient stands between the two ages of the practice."""

    CHILD = "child"
    TEEN = "teen"
    ADULT = "adult"


@dataclass(frozen=True)
class Rights:
    """What the holder may do: open the record at all; act for the patient, such as answer forms; see results."""

    opens: bool = False
    acts: bool = False
    sees_results: bool = False


NOTHING = Rights()
EVERYTHING = Rights(opens=True, acts=True, sees_results=True)


def birthday(birth_date: date, age: int) -> date:
    """The day on which somebody is so many years old; who is born on 29 February has it on 1 March of other years."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def stage(birth_date: date, today: date, ages: PracticeSettings) -> Stage:
    """Child, teenager or adult, by the ages of the practice."""
    if today >= birthday(birth_date, ages.adult_age):
        return Stage.ADULT
    return Stage.TEEN if today >= birthday(birth_date, ages.teen_age) else Stage.CHILD


def may_have_account(birth_date: date, today: date, ages: PracticeSettings) -> bool:
    """Whether the patient is old enough for an account of their own."""
    return today >= birthday(birth_date, max(OWN_ACCOUNT_AGE, ages.teen_age))


def of(access: PatientAccess, today: date | None = None) -> Rights:
    """The rights of an access, read with its record and its practice's settings; `today` is the practice's."""
    if access.state != AccessState.ACTIVE:
        return NOTHING
    if access.relationship == Relationship.SELF:
        return EVERYTHING
    today = today or access.practice.today()
    is_over = access.ends_on is not None and access.ends_on <= today
    return NOTHING if is_over else _of_proxy(access, today)


def _of_proxy(access: PatientAccess, today: date) -> Rights:
    ages = access.practice.settings
    whole = Rights(opens=True, acts=access.level == AccessLevel.FULL, sees_results=True)
    match stage(access.record.birth_date, today, ages):
        case Stage.CHILD:
            return whole
        case Stage.TEEN:
            return Rights(opens=True, sees_results=ages.teen_results)
        case Stage.ADULT:
            return NOTHING if came_of_age(access) else whole


def came_of_age(access: PatientAccess) -> bool:
    """Whether a proxy was let in, or asked to be, while the patient was a minor: it ends at the adult age."""
    began = [moment for moment in (access.created_at, access.opened_at) if moment]
    is_proxy = access.relationship != Relationship.SELF
    return is_proxy and bool(began) and was_minor(access.record, access.practice, min(began))


def was_minor(chart: PatientRecord, practice: Practice, moment: datetime) -> bool:
    """Whether the patient was not of age yet on the day of a moment."""
    return practice.day_of(moment) < birthday(chart.birth_date, practice.settings.adult_age)


def is_claim(access: PatientAccess) -> bool:
    """Whether a proxy's access is, or was until it ended, but a claim: nobody approved it, and it never opened."""
    is_unopened = access.opened_at is None and access.granted_by_id is None
    return access.relationship != Relationship.SELF and is_unopened
