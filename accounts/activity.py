"""**Recent activity**: what happened to an account and its own records, from the audit trail (docs/flows.md, H).

Events are found by what they are about, or by who did them, each kind of them a `Source`; floors above add their own.
The owner reads all of it. Who only acts for a patient, or was stopped, reads what they did themselves, and what became
of their access.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import F, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import activity_words as words
from accounts import names, rights
from accounts.models import Account, PatientAccess, Relationship
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import Model, QuerySet
    from django.utils.functional import Promise

A_PAGE = 40
Words = Mapping[str, "str | Promise | Callable[[AuditEvent], str]"]


@dataclass(frozen=True)
class Mine:
    """What an account may read of: its accesses, its own records that open, and who else has, or had, access to these.

    `others`: by their accesses, the account and what it is called.
    """

    account: Account
    accesses: list[int]
    records: list[int]
    others: dict[int, tuple[int, str]]

    @property
    def called(self) -> dict[str, str]:
        """The names of others, by the id of their account as the trail has it."""
        return {str(account): name for account, name in self.others.values()}


@dataclass(frozen=True)
class Source:
    """Events about the rows of one kind that `keys` names, with words for each; `%(who)s` stands for who did it.

    `by_actor`: these are the rows that did it, whatever it was about.
    """

    kind: type[Model]
    keys: Callable[[Mine], Iterable[int]]
    words: Words
    by_actor: bool = False


@dataclass(frozen=True)
class Entry:
    """One thing that happened: what, where (the address it came from, the practice), and when. `pk` orders them."""

    pk: int
    words: str
    address: str
    practice: str
    at: datetime

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


def register(*sources: Source) -> None:
    """Once, when the app is ready. Words for the same rows are looked for in one go."""
    for new in sources:
        for at, one in enumerate(_sources):
            if (one.kind, one.keys, one.by_actor) == (new.kind, new.keys, new.by_actor):
                _sources[at] = replace(one, words={**one.words, **new.words})
                break
        else:
            _sources.append(new)


def of(account: Account, *, before: int | None = None, most: int = A_PAGE) -> list[Entry]:
    """The newest entries, or the newest that are older than one; as many queries however many they are."""
    mine = _mine(account)
    rows = [_rows(number, source, mine, before, most) for number, source in enumerate(_sources)]
    # What an account did to its own is found in two ways.
    found = rows[0].union(*rows[1:], all=True).order_by("-id")[: 2 * most]
    events = list({event.pk: event for event in found}.values())[:most]
    practices = Practice.objects.in_bulk({event.practice_id for event in events if event.practice_id})
    return [_entry(event, mine, practices) for event in events]


def _mine(account: Account) -> Mine:
    held = list(PatientAccess.objects.filter(account=account))
    own = [one.record_id for one in held if one.relationship == Relationship.SELF and rights.of(one).opens]
    others = PatientAccess.objects.filter(record__in=own).exclude(account=account).select_related("account")
    called = {one.pk: (one.account_id, _first_name(one.account)) for one in others}
    return Mine(account, [one.pk for one in held], own, called)


def _first_name(other: Account) -> str:
    """What **People with access** calls them, without the last name."""
    return other.first_name.partition(" ")[0] or names.mask(other.sign_in_name)


def _rows(number: int, source: Source, mine: Mine, before: int | None, most: int) -> QuerySet[AuditEvent]:
    """The newest events of a source: a short look into audit_by_subject, or audit_by_actor.

    One row's are there in order. Those of many are read and sorted: PostgreSQL would else go through the whole trail,
    newest first, in the hope to come upon some soon.
    """
    part, keys = "actor" if source.by_actor else "subject", [str(pk) for pk in source.keys(mine)]
    about = {f"{part}_kind": source.kind._meta.label_lower, f"{part}_id__in": keys}  # noqa: SLF001 - Django documents it
    found = AuditEvent.objects.filter(**about, event__in=[*source.words]).annotate(source=Value(number))
    order = F("pk").desc() if len(keys) == 1 else (F("pk") + 0).desc()
    return (found.filter(pk__lt=before) if before else found).order_by(order)[:most]


def _entry(event: AuditEvent, mine: Mine, practices: dict[int, Practice]) -> Entry:
    """Where others act from is theirs, but where nobody was signed in to the account that it is about."""
    practice = practices.get(event.practice_id or 0)
    kind, me = Account._meta.label_lower, str(mine.account.pk)  # noqa: SLF001 - as above
    is_mine = event.actor_id == me
    is_nobodys = not event.actor_id and (event.subject_kind, event.subject_id) == (kind, me)
    say = _sources[event.source].words[event.event]  # type: ignore[attr-defined] # annotated
    said = say(event) if callable(say) else str(say)
    at = practice.name if practice else ""
    who = _("You") if is_mine else _who(event, mine, at)
    address = event.address if is_mine or is_nobodys else None
    return Entry(event.pk, said.replace("%(who)s", who), address or "", at, event.at)


def _who(event: AuditEvent, mine: Mine, practice: str) -> str:
    """Others with access by their first name; of staff, that they are."""
    if not event.actor_id:
        return _("Somebody")
    known = mine.called.get(event.actor_id)
    return known or (_("Staff of %(practice)s") % {"practice": practice} if practice else _("Somebody"))


def own_records(mine: Mine) -> list[int]:
    """Rows of records that are the account's own."""
    return mine.records


def _self(mine: Mine) -> list[int]:
    return [mine.account.pk]


def _my_accesses(mine: Mine) -> list[int]:
    return mine.accesses


def _accesses_of_others(mine: Mine) -> list[int]:
    return [*mine.others]


def by_me(said: Words) -> Source:
    """What the account did, also where it is about nothing of its own: of a patient it acts for, only that."""
    return Source(Account, _self, said, by_actor=True)


_sources: list[Source] = [
    Source(Account, _self, words.ACCOUNT),
    Source(PatientAccess, _my_accesses, words.MY_ACCESS),
    Source(PatientAccess, _accesses_of_others, words.ACCESS_OF_OTHERS),
    Source(PatientRecord, own_records, words.MY_RECORD),
    by_me(words.BY_ME),
]
