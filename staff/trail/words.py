"""What **Audit trail** says of an event: what happened, and each of its details in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLevel, ChangeKind, EndReason, Relationship
from agreements.models import Kind as TextKind
from audit.events import Event
from enrollment.models import CodeKind, IdSeen
from enrollment.named_proxy import NamedBy
from notifications.models import Channel
from practices.choices import StaffRole
from staff import forms_people, lifting
from staff.codes import forms as codes
from staff.desk import reasons
from staff.roster import forms as roster
from staff.team import forms as team
from staff.trail.reasons import ExportReason, PortalReason
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

Choices = tuple[type[Any], ...]
MEANINGS: dict[str, str] = {event.value: event.meaning for event in Event}
LABELS: dict[str, StrOrPromise] = {
    "access": _("access"),
    "account": _("account"),
    "because": _("because"),
    "by": _("by"),
    "changed": _("changed"),
    "contact": _("contact"),
    "ended": _("ended"),
    "event": _("what happened"),
    "filter": _("filter"),
    "handover": _("handed over"),
    "held": _("held"),
    "id_seen": _("ID seen"),
    "issued": _("issued"),
    "kind": _("kind"),
    "language": _("language"),
    "left_out": _("left out"),
    "level": _("level"),
    "new": pgettext_lazy("what it became", "new"),
    "old": _("before"),
    "patient": _("patient"),
    "proxy": _("named person"),
    "reason": _("reason"),
    "refused": _("refused"),
    "relationship": _("relationship"),
    "renew": _("also who has a code"),
    "required": _("required"),
    "role": _("role"),
    "rows": _("events"),
    "sender": _("sender"),
    "setting": _("setting"),
    "since": pgettext_lazy("days", "from"),
    "source": _("named by"),
    "until": pgettext_lazy("days", "to"),
    "values": _("values"),
    "version": _("version"),
}
REASONS: Choices = (
    lifting.Reason,
    forms_people.NamingReason,
    forms_people.EndingReason,
    forms_people.LiftingReason,
    *(one for one in vars(reasons).values() if isinstance(one, type) and hasattr(one, "choices") and one.choices),
    EndReason,
    PortalReason,
    ExportReason,
    codes.CodeReason,
    codes.RevokeReason,
    codes.UnlockReason,
    codes.ResetReason,
    roster.TakingReason,
    roster.MergeReason,
    team.InviteReason,
    team.RoleReason,
    team.LeavingReason,
    team.OptionsReason,
)
REASONS_OF: dict[str, Choices] = {  # where one word means several things
    Event.ACCESS_ENDED: (forms_people.EndingReason, EndReason),
    Event.ACCESS_STOP_LIFTED: (forms_people.LiftingReason,),
    Event.ACCESS_TERMS_CHANGED: (reasons.TermsReason,),
    Event.ACCOUNT_LOCKED: (reasons.LockReason,),
    Event.ACCOUNT_UNLOCKED: (reasons.UnlockReason,),
    Event.CHART_MERGED: (roster.MergeReason,),
    Event.CLAIM_DECLINED: (forms_people.EndingReason,),
    Event.CODE_ISSUED: (codes.CodeReason, codes.ResetReason),
    Event.CODE_REVOKED: (codes.RevokeReason,),
    Event.CODE_UNLOCKED: (codes.UnlockReason,),
    Event.CONTACT_CHANGED: (reasons.ContactReason, reasons.OwnReason, roster.TakingReason),
    Event.LETTERS_REVOKED: (codes.RevokeReason,),
    Event.LETTERS_STARTED: (codes.CodeReason,),
    Event.OPTION_STOP_LIFTED: (lifting.Reason,),
    Event.PHONE_ALLOWED: (reasons.UseReason,),
    Event.PHONE_STOPPED: (reasons.PhoneReason,),
    Event.PROXY_NAMED: (forms_people.NamingReason,),
    Event.PROXY_WITHDRAWN: (forms_people.EndingReason,),
    Event.ROSTER_CONFLICT_TAKEN: (roster.TakingReason,),
    Event.SESSIONS_ENDED: (reasons.SignOutReason,),
    Event.STAFF_ACTIVATED: (team.RoleReason,),
    Event.STAFF_DEACTIVATED: (team.LeavingReason,),
    Event.STAFF_INVITATION_REVOKED: (team.InviteReason,),
    Event.STAFF_OPTIONS_RESET_ASKED: (team.OptionsReason,),
    Event.STAFF_ROLE_CHANGED: (team.RoleReason,),
    Event.TRAIL_EXPORTED: (ExportReason,),
    Event.WRONG_CODES_FORGIVEN: (lifting.Reason,),
}
KINDS: Choices = (CodeKind, TextKind, ChangeKind, Channel)
OF_OPTIONS = frozenset({"option", "passkey", "password", "password_reset", "second_step", "sign_in", "step_up"})
VALUES: dict[str, Choices] = {
    "because": (EndReason,),
    "id_seen": (IdSeen,),
    "kind": KINDS,
    "level": (AccessLevel,),
    "relationship": (Relationship,),
    "role": (StaffRole,),
    "source": (NamedBy,),
}


def meaning(event: str) -> str:
    """What happened, in a sentence. A kind that this version does not know is shown as it stands."""
    known = MEANINGS.get(event)
    return gettext(known) if known else event


def details(event: str, found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each detail's name and value; what nobody has words for as it stands."""
    return [
        (str(LABELS.get(name, name)), _value(event, name, value))
        for name, value in found.items()
        if value not in {"", None}
    ]


def _value(event: str, name: str, value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name in {"kind", "by"} and value in NOUNS and event.partition(".")[0] in OF_OPTIONS:
        return str(NOUNS[value])
    choices = (*REASONS_OF.get(event, ()), *REASONS) if name == "reason" else VALUES.get(name, ())
    for one in choices:
        if value in one.values:
            label: str | Promise = one(value).label
            return str(label)
    return meaning(value) if name == "event" else str(value)
