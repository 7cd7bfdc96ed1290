"""**Codes**, on a patient's chart: the live and the latest past ones, who issued them, and what the desk does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access, names
from enrollment import desk_codes
from enrollment.models import CodeState, EnrollmentCode

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

MOST = 12
STATES = {
    CodeState.PENDING: gettext_lazy("not used yet"),
    CodeState.RESERVED: gettext_lazy("in use: somebody is enrolling with it"),
    CodeState.REDEEMED: gettext_lazy("used"),
    CodeState.EXPIRED: gettext_lazy("expired"),
    CodeState.REVOKED: gettext_lazy("revoked"),
    CodeState.SUPERSEDED: gettext_lazy("replaced by a newer one"),
    CodeState.LOCKED: gettext_lazy("locked after wrong answers"),
}


@dataclass(frozen=True)
class Line:
    """One code as the chart lists it."""

    code: EnrollmentCode
    state: StrOrPromise
    whom: str  # "" for the patient
    by: str
    can_revoke: bool
    is_locked: bool


@dataclass(frozen=True)
class Section:
    """What the chart says of codes; `has_account`: the patient opens the record, so that only a reset is of use."""

    lines: list[Line]
    has_account: bool


def of(chart: PatientRecord, request: PracticeRequest) -> Section:
    """The newest codes of a record, the live ones first: the same number of queries however many there are."""
    found = request.practice.codes.filter(record=chart).select_related("proxy", "issued_by").order_by("-pk")
    lines = [_line(code) for code in found[:MOST]]
    lines.sort(key=lambda one: not one.can_revoke)
    return Section(lines, access.self_of(chart) is not None)


def _line(code: EnrollmentCode) -> Line:
    state = code.state_at(timezone.now())
    return Line(
        code=code,
        state=STATES[state],
        whom=code.proxy.full_name if code.proxy else "",
        by=_who(code.issued_by),
        can_revoke=desk_codes.can_revoke(code),
        is_locked=state == CodeState.LOCKED,
    )


def _who(by: Account | None) -> str:
    return names.shown(by) if by else _("the portal")
