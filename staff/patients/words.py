"""What the lists of **Patients** say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.lists import Show
from enrollment.models import CodeKind, EnrollmentState

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrPromise

    from enrollment.lists import Row

ABOUT: dict[Show, _StrPromise | str] = {
    Show.ALL: "",
    Show.NOT_ENROLLED: gettext_lazy(
        "Patients without an account of their own, the newest records first. The paw sends an invitation."
    ),
    Show.CODE_PENDING: gettext_lazy("Patients with a code that nobody used yet; the one that ends first comes first."),
    Show.EXPIRED: gettext_lazy("Patients whose last code ended unused, the latest first. The paw sends another one."),
    Show.ENROLLED: gettext_lazy("Patients with an account of their own, the newest records first."),
    Show.STUCK: gettext_lazy(
        "People who began to enroll more than an hour ago, and did not get in. The chart says what is in the way."
    ),
}
EMPTY: dict[Show, _StrPromise] = {
    Show.ALL: gettext_lazy("There are no patients here yet. Bring in a roster first."),
    Show.NOT_ENROLLED: gettext_lazy("Every patient has an account."),
    Show.CODE_PENDING: gettext_lazy("Nobody has a code that waits to be used."),
    Show.EXPIRED: gettext_lazy("Nobody's code expired unused."),
    Show.ENROLLED: gettext_lazy("Nobody is enrolled yet."),
    Show.STUCK: gettext_lazy("Nobody is stuck."),
}
KINDS = {
    CodeKind.TOKEN: gettext_lazy("Token"),
    CodeKind.ACTIVATION: gettext_lazy("Activation code"),
    CodeKind.INVITATION: gettext_lazy("Invitation"),
}


def note(row: Row, now: datetime) -> str:
    """What a list says of a patient besides name, date of birth and number; "" for nothing."""
    if row.at is None:
        return ""
    day = date_format(localtime(row.at), "DATE_FORMAT")
    if row.enrollment:
        return _stuck(row, day)
    if row.code is None:
        return ""
    said = {"kind": KINDS[row.code], "day": day}
    return _("%(kind)s, good until %(day)s") % said if row.at > now else _("%(kind)s, ended %(day)s") % said


def _stuck(row: Row, day: str) -> str:
    if row.enrollment is None:
        return ""
    if row.enrollment.state == EnrollmentState.WAITING and row.enrollment.vouch_asked_at:
        return _("Waiting to be vouched for; began %(day)s") % {"day": day}
    if row.enrollment.state == EnrollmentState.WAITING:
        return _("Has an account, and has yet to prove who they are; began %(day)s") % {"day": day}
    if row.enrollment.account_id:
        return _("Has an account, and did not finish; began %(day)s") % {"day": day}
    return _("Typed the code, and made no account; began %(day)s") % {"day": day}
