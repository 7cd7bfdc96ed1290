"""For whom codes are issued in bulk: the part of a practice's patients that is asked for, and who of it is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.rights import OWN_ACCOUNT_AGE
from enrollment.bulk_issue import BulkIssue, LeftOut
from enrollment.models import CodeKind, CodeState, EnrollmentCode
from practices.choices import ActivationCheck
from practices.models import PatientRecord, Practice

OLDEST = 150  # years: older than anybody
NO_EMAIL = Q(emails=[]) | Q(emails__0="")


class NotUnderstood(ValueError):
    """A condition that nobody can read; in words."""


@dataclass(frozen=True)
class Whom:
    """All conditions hold at once; "" and the widest ages leave everybody in. Ages are full years, both included."""

    language: str = ""
    youngest: int = 0
    oldest: int = OLDEST
    last_name: str = ""  # how it begins

    @classmethod
    def parse(cls, conditions: Iterable[str]) -> Self:
        """Read `language=es`, `age=18-64`, `age=65-`, `last_name=Mc`; raises NotUnderstood."""
        found: dict[str, Any] = {}
        for condition in conditions:
            name, _equals, value = condition.partition("=")
            if name == "age":
                found |= _ages(value)
            elif name in {"language", "last_name"} and value:
                found[name] = value
            else:
                raise NotUnderstood(_("%(words)s: say language=, age= or last_name=.") % {"words": condition})
        return cls(**found)

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)

    def of(self, practice: Practice) -> QuerySet[PatientRecord]:
        """The practice's patients for whom all conditions hold."""
        found = PatientRecord.objects.filter(practice=practice)
        if self.language:
            found = found.filter(_speaks(self.language, practice))
        if self.youngest:
            found = found.exclude(birth_date__gt=born_by(self.youngest))
        if self.oldest < OLDEST:
            found = found.filter(birth_date__gt=born_by(self.oldest + 1))
        if self.last_name:
            found = found.filter(family_name__istartswith=self.last_name)
        return found


def born_by(years: int, today: date | None = None) -> date:
    """The latest birthday of who is so many years old today (identity.age_on says how 29 February counts)."""
    today = today or timezone.localdate()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February, in a year that has none
        return date(today.year - years, 3, 1) - timedelta(days=1)


def reason(bulk: BulkIssue) -> Case:
    """Of a patient record in a query: why it gets no code (LeftOut), "" where it gets one."""
    reasons: dict[LeftOut, Q | Exists] = {
        LeftOut.CLOSED: Q(active=False) | Q(deceased=True),
        LeftOut.CHILD: Q(birth_date__gt=born_by(max(OWN_ACCOUNT_AGE, bulk.practice.settings.teen_age))),
        LeftOut.ONLY_MOBILE: NO_EMAIL & ~Q(mobile_e164=""),
        LeftOut.NO_EMAIL: NO_EMAIL,
        LeftOut.GUARDIANS: _came_as_a_minor(bulk.practice.settings.adult_age),
        LeftOut.NO_PHONE: _lacks_phone(bulk),
        LeftOut.ENROLLED: access.has_self("pk"),
        LeftOut.ENROLLING: has_code(CodeState.RESERVED),
    }
    if not bulk.renew:
        reasons[LeftOut.HAS_CODE] = has_code(CodeState.PENDING, expires_at__gt=timezone.now())
    return Case(*(When(is_so, then=Value(why.value)) for why, is_so in reasons.items()), default=Value(""))


def has_code(state: CodeState, **conditions: object) -> Exists:
    """Of a patient record in a query: whether the patient, not a proxy, has such a code, which opens the record."""
    return Exists(_codes(state).filter(**conditions).exclude(kind=CodeKind.RESET))


def has_pending() -> Exists:
    """The same of any code that waits, also of a reset token that outlived the account: a new code takes its place."""
    return Exists(_codes(CodeState.PENDING))


def _codes(state: CodeState) -> QuerySet[EnrollmentCode]:
    return EnrollmentCode.objects.filter(record=OuterRef("pk"), proxy=None, state=state)


def _came_as_a_minor(adult_age: int) -> Q:
    """Of a patient record in a query: whether its email may be a parent's (`guardians.contacts` knows it exactly)."""
    years = Func(Value(adult_age), template="make_interval(years => %(expressions)s)", output_field=DurationField())
    return Q(created_at__lt=ExpressionWrapper(F("birth_date") + years, DateTimeField()))


def _lacks_phone(bulk: BulkIssue) -> Q:
    check = ActivationCheck(bulk.practice.settings.activation_check)
    asked = {ActivationCheck.HOME_PHONE: "home_e164", ActivationCheck.WORK_PHONE: "work_e164"}
    if bulk.kind == CodeKind.ACTIVATION and check in asked:
        return Q(**{asked[check]: ""})
    return Q(pk__in=[])


def _speaks(language: str, practice: Practice) -> Q:
    """`es` is also who has es-419, and who says nothing where the practice speaks it first."""
    speaks = Q(language__iexact=language) | Q(language__istartswith=f"{language}-")
    return speaks | Q(language="") if language.lower() == practice.language else speaks


def _ages(words: str) -> dict[str, int]:
    youngest, dash, oldest = words.partition("-")
    try:
        return {"youngest": int(youngest or 0), "oldest": int((oldest if dash else youngest) or OLDEST)}
    except ValueError:
        raise NotUnderstood(_("age=%(words)s: say age=18-64, age=65- or age=40.") % {"words": words}) from None
