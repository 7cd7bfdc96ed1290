"""What happened to an account lately, in plain words, from the audit trail (docs/flows.md D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.models import Account, PatientAccess, Relationship
from audit.events import Event
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import Model
    from django.utils.functional import Promise

SHOWN = 20
WORDS: dict[str, str | Promise] = {
    Event.ACCOUNT_CREATED: _("The account was created"),
    Event.ACCESS_OPENED: _("Access to a record was opened"),
    Event.ACCESS_CLAIMED: _("Access to somebody's record was asked for"),
    Event.ACCESS_SUSPENDED: _("Access to a record was stopped for now"),
    Event.ACCESS_STOP_LIFTED: _("The practice lifted the stop of an access to a record"),
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
ABOUT_OTHERS: dict[str, str | Promise] = {  # on the record of who looks
    Event.ACCESS_CLAIMED: _("Somebody asked for access to your record"),
    Event.ACCESS_OPENED: _("Somebody was given access to your record"),
    Event.ACCESS_SUSPENDED: _("Somebody's access to your record was stopped for now"),
    Event.ACCESS_STOP_LIFTED: _("The practice lifted the stop of somebody's access to your record"),
    Event.ACCESS_ENDED: _("Somebody's access to your record, or their request for it, was ended"),
    Event.PROXY_NAMED: _("Somebody was named or invited, who may get access to your record"),
    Event.PROXY_WITHDRAWN: _("Somebody who was named or invited gets no access to your record"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: what, where (the address it came from, the practice), and when."""

    words: str
    address: str
    practice: str
    at: datetime


def of(account: Account) -> list[Entry]:
    """What happened to the account, its accesses, and who else opens its own records, newest first; whoever did it."""
    mine = list(PatientAccess.objects.filter(account=account).values_list("pk", "record", "relationship", "state"))
    own = [record for _pk, record, tie, state in mine if tie == Relationship.SELF and state in access.PROVEN]
    others = PatientAccess.objects.filter(record__in=own).exclude(account=account).values_list("pk", flat=True)
    events = [
        *_about(Account, [account.pk], WORDS),
        *_about(PatientAccess, [pk for pk, *_rest in mine], WORDS),
        *_about(PatientAccess, list(others), ABOUT_OTHERS),
        *_about(PatientRecord, own, ABOUT_OTHERS),
    ]
    events.sort(key=lambda told: -told[0].pk)
    practices = Practice.objects.in_bulk({event.practice_id for event, _words in events[:SHOWN] if event.practice_id})
    return [_entry(event, words, practices) for event, words in events[:SHOWN]]


def _about(
    kind: type[Model], keys: list[int], words: dict[str, str | Promise]
) -> Iterator[tuple[AuditEvent, str | Promise]]:
    """The newest events about rows of one kind, each with its words: a short look into audit_by_subject."""
    if not keys:
        return
    told = AuditEvent.objects.filter(subject_kind=kind._meta.label_lower, subject_id__in=map(str, keys))  # noqa: SLF001 - documented
    for event in told.filter(event__in=[*words]).order_by("-pk")[:SHOWN]:
        yield event, words[event.event]


def _entry(event: AuditEvent, words: str | Promise, practices: dict[int, Practice]) -> Entry:
    """Where others act from is theirs."""
    practice, is_others = practices.get(event.practice_id or 0), words is ABOUT_OTHERS.get(event.event)
    address = "" if is_others else event.address or ""
    return Entry(_words(event, words), address, practice.name if practice else "", event.at)


def _words(event: AuditEvent, words: str | Promise) -> str:
    """What happened, and to which kind of option where it was about one."""
    said, kind = str(words), event.details.get("kind")
    is_about_option = event.event in {Event.OPTION_ADDED, Event.OPTION_REMOVED} and kind in NOUNS
    return f"{said}: {NOUNS[kind]}" if is_about_option else said
