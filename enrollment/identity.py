"""Whether the answers typed with a code are the patient's. An unknown code is answered in the same time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from enrollment.models import EnrollmentCode
from guard import secrets
from practices.matching import fold_name, same_family_name
from practices.models import PatientRecord

if TYPE_CHECKING:
    from practices.models import Practice

ADULT_ENOUGH = 13  # years: under this age nobody has an account of their own (COPPA; docs/flows.md, I)
NOBODY = PatientRecord(given_names="Nobody", family_name="Nobody", birth_date=date(1900, 1, 1))


def nobodys_code() -> EnrollmentCode:
    """What an unknown number is taken for: made anew each time, as a code that is read is, and never saved."""
    chart = PatientRecord(given_names=NOBODY.given_names, family_name=NOBODY.family_name, birth_date=NOBODY.birth_date)
    return EnrollmentCode(record=chart)


def answers_match(chart: PatientRecord | None, *, birth_date: date, last_name: str) -> bool:
    """Compare date of birth and last name, former names too; every comparison is made, whatever came before."""
    against = chart or NOBODY
    right_date = secrets.same(_date_digest(against.birth_date), _date_digest(birth_date))
    right_name = same_family_name(against, last_name)
    return right_date & right_name & (chart is not None)


def birth_date_matches(chart: PatientRecord, birth_date: date) -> bool:
    """The date of birth alone, for who matched a code of this record before."""
    return secrets.same(_date_digest(chart.birth_date), _date_digest(birth_date))


def answer_digest(*, birth_date: date, last_name: str) -> bytes:
    """One digest for one distinct answer: the same wrong answer counts once."""
    return secrets.digest("answer", birth_date.isoformat(), fold_name(last_name))


def code_digest(practice: Practice, number: str) -> bytes:
    """Return what is kept of a code: HMAC-SHA-256 under CODE_KEY, bound to the practice.

    A keyed hash is looked up with one index probe; ASVS 5.0 6.5.2 asks for a salted one where entropy is below 112
    bits: the key, held outside the database, and the identity check answer it.
    """
    return secrets.digest("code", str(practice.pk), number)


def age_on(day: date, birth_date: date) -> int:
    """Full years lived on a day; who is born on 29 February has the birthday on 1 March of other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _date_digest(day: date) -> bytes:
    return day.isoformat().encode()
