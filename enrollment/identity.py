"""What a code is kept and looked up by, and what an unknown one is taken for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from accounts import names
from enrollment.models import EnrollmentCode
from guard import secrets
from practices.matching import fold_name
from practices.models import PatientRecord

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

NOBODY = PatientRecord(given_names="Nobody", family_name="Nobody", birth_date=date(1900, 1, 1))


def nobodys_code() -> EnrollmentCode:
    """What an unknown number is taken for: made anew each time, as a code that is read is, and never saved."""
    chart = PatientRecord(given_names=NOBODY.given_names, family_name=NOBODY.family_name, birth_date=NOBODY.birth_date)
    return EnrollmentCode(record=chart)


class Born(Protocol):
    """A patient record, or who is named as a proxy."""

    birth_date: date


class Named(Protocol):
    """Who is, or is to be, named as a proxy."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def email(self) -> str: ...


def is_own(who: Named, by: Account) -> bool:
    """Whether a member of staff seems to be this person, as far as their own account tells: by whole name or email."""
    whole = fold_name(who.first_name + who.last_name)
    is_name = whole != "" and whole == fold_name(by.first_name + by.last_name)
    return is_name or (bool(who.email) and names.fold(who.email) in {names.fold(by.email), names.fold(by.sign_in_name)})


def are_one(by: Account, account: Account, chart: PatientRecord) -> bool:
    """Whether they are, or seem to be, one person: staff who are patients too have a second account for that."""
    if account.pk == by.pk:
        return True
    theirs = {names.fold(email) for email in (account.email, account.sign_in_name, *chart.emails) if "@" in email}
    return not theirs.isdisjoint({names.fold(by.email), names.fold(by.sign_in_name)})


def birth_date_matches(who: Born, birth_date: date) -> bool:
    """Compare in constant time."""
    return secrets.same(_date_digest(who.birth_date), _date_digest(birth_date))


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
