"""What happened to an account lately, in plain words, from the audit trail (docs/flows.md D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from practices.models import Practice
from verification.methods import NOUNS

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model, QuerySet
    from django.utils.functional import Promise

SHOWN = 20
WORDS: dict[str, str | Promise] = {
    Event.ACCOUNT_CREATED: _("The account was created"),
    Event.ACCESS_OPENED: _("Access to a record was opened"),
    Event.ACCESS_SUSPENDED: _("Access to a record was stopped for now"),
    Event.ACCESS_ENDED: _("Access to a record was ended"),
    Event.SIGN_IN_SUCCEEDED: _("Signed in"),
    Event.SIGN_IN_FAILED: _("A wrong password was typed"),
    Event.SIGN_IN_SLOWED: _("Tries to sign in were refused: there were too many"),
    Event.SIGN_IN_LINK_SENT: _("A sign-in link was emailed"),
    Event.SIGN_IN_LINK_USED: _("A sign-in link was used"),
    Event.SECOND_STEP_FAILED: _("The password was right, but the code was wrong"),
    Event.SIGN_OUT: _("Signed out"),
    Event.SESSION_TIMED_OUT: _("Signed out by the portal after a time without activity"),
    Event.SIGN_IN_NAME_CHOSEN: _("A new username was chosen"),
    Event.SIGN_IN_NAME_LOST: _("The email no longer signs in: somebody else verified it"),
    Event.EMAIL_VERIFIED: _("The email address was verified"),
    Event.EMAIL_CHANGED: _("The email address was changed"),
    Event.PASSWORD_CHANGED: _("The password was changed"),
    Event.ACCOUNT_CHANGE_STOPPED: _("A change of password or email was taken back: this wasn't me"),
    Event.OPTION_ADDED: _("A security option was added"),
    Event.OPTION_REMOVED: _("A security option was removed"),
    Event.OPTION_CHANGE_ASKED: _("A change of security options was asked for"),
    Event.OPTION_CHANGE_STOPPED: _("A change of security options was stopped: this wasn't me"),
    Event.OPTION_STOP_LIFTED: _("The practice let security options be changed again"),
    Event.WRONG_CODES_FORGIVEN: _("The practice forgave the wrong codes"),
    Event.SESSIONS_ENDED: _("Signed out everywhere else"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: what, where (the address it came from, the practice), and when."""

    words: str
    address: str
    practice: str
    at: datetime


def of(account: Account) -> list[Entry]:
    """What happened to the account and its accesses, whoever did it, newest first."""
    accesses = [str(pk) for pk in PatientAccess.objects.filter(account=account).values_list("pk", flat=True)]
    events = [*_about(Account, [str(account.pk)]), *_about(PatientAccess, accesses)]
    newest = sorted(events, key=lambda event: -event.pk)[:SHOWN]
    practices = Practice.objects.in_bulk({event.practice_id for event in newest if event.practice_id})
    return [_entry(event, practices) for event in newest]


def _about(kind: type[Model], keys: list[str]) -> QuerySet[AuditEvent]:
    """The newest events about rows of one kind: a short look into audit_by_subject."""
    told = AuditEvent.objects.filter(subject_kind=kind._meta.label_lower, subject_id__in=keys)  # noqa: SLF001 - documented
    return told.filter(event__in=[*WORDS]).order_by("-pk")[:SHOWN]


def _entry(event: AuditEvent, practices: dict[int, Practice]) -> Entry:
    practice = practices.get(event.practice_id or 0)
    return Entry(_words(event), event.address or "", practice.name if practice else "", event.at)


def _words(event: AuditEvent) -> str:
    """What happened, and to which kind of option where it was about one."""
    said, kind = str(WORDS[event.event]), event.details.get("kind")
    is_about_option = event.event in {Event.OPTION_ADDED, Event.OPTION_REMOVED} and kind in NOUNS
    return f"{said}: {NOUNS[kind]}" if is_about_option else said
