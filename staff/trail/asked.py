"""What was asked of the audit trail: by the form, by a link from a chart, or by both. Only of this practice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404

from accounts import names
from accounts.models import Account, PatientAccess, Relationship
from audit.looking import Sought, Thing
from enrollment.models import Enrollment, EnrollmentCode
from enrollment.named_proxy import NamedProxy
from practices.models import PatientRecord
from results.models import Report
from staff.paging import LARGEST
from staff.trail.forms import TrailForm, events_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import Practice, StaffMembership

ACCOUNT = Account._meta.label_lower  # noqa: SLF001 - Django documents it
OF_A_RECORD = (EnrollmentCode, Enrollment, NamedProxy, Report)
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
MOST_THINGS = 400  # of one patient: the newest of each kind; more would be read one after the other


@dataclass(frozen=True)
class Asked:
    """The form with what it asks for; `query` says the same in an address. `is_choosing`: among all of the staff."""

    form: TrailForm
    chart: PatientRecord | None = None
    account: Account | None = None
    sought: Sought | None = None
    query: str = ""
    is_choosing: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.query)


def read(request: PracticeRequest, data: Any) -> Asked:  # noqa: ANN401 - a QueryDict
    """What is asked for; `sought` is None where it cannot be read. 404 for whoever is not of this practice."""
    practice = request.practice
    choosing = "choose" in data
    form = TrailForm(data, staff=staff(practice) if choosing else _one_of(practice, data.get("by", "")))
    if not form.is_valid():
        return Asked(form, is_choosing=choosing)
    given = form.cleaned_data
    chart = get_object_or_404(practice.patients, pk=given["patient"]) if given["patient"] else None
    account = _account(practice, given["account"]) if given["account"] else None
    sought = Sought(
        practice=practice.pk,
        events=events_of(given["kind"]),
        by=Thing(ACCOUNT, given["by"]) if given["by"] else None,
        about=things_of(chart) if chart else (),
        by_or_about=Thing(ACCOUNT, str(account.pk)) if account and not chart else None,
        since=_midnight(practice, given["since"]),
        until=_midnight(practice, given["until"], days=1),
    )
    if chart and account:
        sought = replace(sought, by=Thing(ACCOUNT, str(account.pk)))
    kept = {name: data.get(name) for name in form.fields if given.get(name)}
    return Asked(form, chart, account, sought, urlencode(kept), choosing)


def staff(practice: Practice) -> list[tuple[str, str]]:
    """Who works here, or did, as choices."""
    return _choices(practice.staff.order_by("-active", "account__sign_in_name"))


def _one_of(practice: Practice, typed: str) -> list[tuple[str, str]]:
    """The one who is asked for: a list of all costs three pages of the database each."""
    is_id = typed.isascii() and typed.isdigit() and len(typed) < len(str(LARGEST))
    return _choices(practice.staff.filter(account=int(typed))) if is_id else []


def _choices(members: QuerySet[StaffMembership]) -> list[tuple[str, str]]:
    return [(str(one.account_id), names.called(one.account)) for one in members.select_related("account")]


def things_of(chart: PatientRecord) -> tuple[Thing, ...]:
    """All that a patient's events are about, in one query: what hangs on the record, and the patient's own account."""
    own = Case(When(relationship=Relationship.SELF, then=F("account_id")))
    parts = [
        kind.objects.filter(record=chart)
        .order_by("-pk")
        .values_list(Value(_label(kind)), "pk", own if kind is PatientAccess else Cast(Value(None), BigIntegerField()))[
            :MOST_THINGS
        ]
        for kind in (PatientAccess, *OF_A_RECORD)
    ]
    found = [Thing(_label(PatientRecord), str(chart.pk))]
    for kind, pk, account in parts[0].union(*parts[1:], all=True):
        found += [Thing(kind, str(pk)), *([Thing(ACCOUNT, str(account))] if account else [])]
    return tuple(dict.fromkeys(found))[:MOST_THINGS]


def _account(practice: Practice, pk: int) -> Account:
    """An account that opens, or opened, a record here, or works here."""
    holds = Exists(practice.accesses.filter(account=OuterRef("pk")))
    works = Exists(practice.staff.filter(account=OuterRef("pk")))
    return get_object_or_404(Account.objects.filter(holds | works), pk=pk)


def _label(kind: type[Any]) -> str:
    return str(kind._meta.label_lower)  # noqa: SLF001 - as above


def _midnight(practice: Practice, day: date | None, *, days: int = 0) -> datetime | None:
    """When a day begins at the practice; of one that no calendar goes on from, the nearest that was or will be."""
    if day is None:
        return None
    near = min(max(day, EARLIEST), LATEST) + timedelta(days=days)
    return datetime.combine(near, time(), ZoneInfo(practice.time_zone))
