"""The forms of **Audit trail**."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit.events import Event
from pages.fields import DayField, RadioField
from staff.fields import OFF, SelectField
from staff.paging import LARGEST
from staff.trail.reasons import ExportReason
from staff.trail.words import meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS: dict[str, tuple[Any, frozenset[str]]] = {  # by the first word of what happened
    "codes": (_("Codes"), frozenset({"code", "bulk"})),
    "enrolling": (_("Enrolling and proof of the record"), frozenset({"enrollment", "phone_on_file", "vouch"})),
    "access": (_("Access to records"), frozenset({"access", "proxy", "claim", "objection", "guardian"})),
    "charts": (
        _("Charts, contacts and results"),
        frozenset({"chart", "contact", "phone", "record", "roster", "upload", "result", "results", "texts", "merge"}),
    ),
    "signing_in": (
        _("Signing in"),
        frozenset({"sign_in", "second_step", "passkey", "sign_out", "session", "sessions", "step_up"}),
    ),
    "accounts": (
        _("Accounts and security options"),
        frozenset(
            {
                "account", "account_change", "account_reset", "email", "password", "password_reset", "option",
                "sign_in_name", "usernames", "wrong_codes",
            }
        ),
    ),
    "practice": (
        _("The practice and its staff"),
        frozenset({"practice", "staff", "terms", "consent", "trail"}),
    ),
}  # fmt: skip


def kinds() -> list[tuple[str, Any]]:
    """All that can happen, in groups, each of which may be asked for whole; what is in none of them comes last."""
    by_group: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in Event:
        by_group[_group(event)].append((event.value, meaning(event)))
    listed: list[tuple[str, Any]] = [("", pgettext("events", "Everything"))]
    for name, (label, _words) in GROUPS.items():
        whole = (name, gettext("All of: %(group)s") % {"group": label})
        listed.append((str(label), (whole, *by_group[name])))
    return [*listed, *([(gettext("Other"), tuple(by_group["other"]))] if by_group["other"] else [])]


def events_of(kind: str) -> tuple[str, ...]:
    """The events that a choice stands for: those of a group, or the one."""
    if kind in GROUPS:
        return tuple(event.value for event in Event if _group(event) == kind)
    return (kind,) if kind else ()


def _group(event: Event) -> str:
    word = event.value.partition(".")[0]
    return next((name for name, (_label, words) in GROUPS.items() if word in words), "other")


class DateField(DayField):
    """The first or the last day that is looked at; it may be over."""

    def __init__(self, *, label: Any) -> None:  # noqa: ANN401 - lazy words
        widget = forms.TextInput(attrs={**OFF, "inputmode": "numeric", "class": "portal-input-date"})
        super().__init__(label=label, required=False, unmarked=True, help_text=_("mm/dd/yyyy"), widget=widget)


class TrailForm(forms.Form):
    """Which events are shown. Whose they are comes with links: an address holds ids, no names."""

    kind = SelectField(label=_("What happened"), choices=[])
    by = SelectField(label=_("Which member of staff did it"), choices=[])
    since = DateField(label=pgettext_lazy("days", "From"))
    until = DateField(label=pgettext_lazy("days", "To"))
    patient = forms.IntegerField(min_value=1, max_value=LARGEST, required=False, widget=forms.HiddenInput())
    account = forms.IntegerField(min_value=1, max_value=LARGEST, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, staff: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds()  # type: ignore[attr-defined]
        self.fields["by"].choices = [("", gettext("Anybody")), *staff]  # type: ignore[attr-defined]
        if not staff:  # nobody was asked for, nor is to be chosen
            self.fields["by"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the other one."))
        return data


class ExportForm(forms.Form):
    """Why the file is made."""

    reason = RadioField(label=_("Why?"), choices=ExportReason.choices)
