"""What a code is kept and looked up by, and what an unknown one is taken for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from accounts import names
from accounts.models import AccessState, PatientAccess, Relationship
from enrollment.models import EnrollmentCode
from guard import secrets
from practices.matching import fold_name
from practices.models import PatientRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    has_name = _has_name(by, [account.first_name], [account.last_name]) or is_named(by, chart)
    return account.pk == by.pk or has_name or _has_any(by, account.email, account.sign_in_name, *chart.emails)


def owns(by: Account, chart: PatientRecord) -> bool:
    """Whether a record is, or seems to be, of this member of staff."""
    held = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF)
    mine = [one.account for one in held.exclude(state=AccessState.ENDED).select_related("account")]
    return any(are_one(by, one, chart) for one in mine) or _has_any(by, *chart.emails) or is_named(by, chart)


def is_named(by: Account, chart: PatientRecord) -> bool:
    """Whether the record has the name of the member of staff; who only shares it asks a colleague."""
    return _has_name(by, [chart.given_names], [chart.family_name, *chart.former_family_names])


def _has_name(by: Account, given: Iterable[str], family: Iterable[str]) -> bool:
    """Whether a first and a last name are the member of staff's; of several given names, the first will do."""
    first, last = fold_name(by.first_name), fold_name(by.last_name)
    firsts = {fold_name(one) for name in given for one in (name, name.partition(" ")[0])}
    return bool(first and last) and first in firsts and last in {fold_name(name) for name in family}


def _has_any(by: Account, *emails: str) -> bool:
    theirs = {names.fold(email) for email in emails if "@" in email}
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
