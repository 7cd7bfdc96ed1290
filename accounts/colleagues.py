"""Which members of a practice's staff count as one person, wherever the practice asks for two (docs/flows.md H).

Somebody with two accounts is one person. So, for 72 hours, are a manager and whoever that manager brought to the staff,
back to it, or to the role of a manager: else one manager alone would make the second person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from accounts import names
from accounts.models import Account, StaffInvitation
from audit.events import Event
from audit.models import AuditEvent
from guard import limits
from practices.choices import StaffRole
from practices.matching import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from practices.models import Practice, StaffMembership

BROUGHT = Q(event=Event.STAFF_ACTIVATED) | Q(event=Event.STAFF_ROLE_CHANGED, details__role=StaffRole.MANAGER.value)


def hands(by: Account, practice: Practice) -> frozenset[int]:
    """The ids of all accounts that count as one person with this one at the practice, its own too. Three queries."""
    staff = _staff(practice)
    pairs = [*_alike(staff), *_brought(practice, staff)]
    found = {by.pk}
    while more := {one for pair in pairs if found & pair for one in pair} - found:
        found |= more
    return frozenset(found)


def are_one(a: Account, b: Account) -> bool:
    """Whether two accounts are, or seem to be, of one person: by an email, or by their whole name."""
    return a.pk == b.pk or not _marks(a).isdisjoint(_marks(b))


def managers(practice: Practice) -> QuerySet[StaffMembership]:
    """Who manages the practice now."""
    found = practice.staff.filter(active=True, role=StaffRole.MANAGER, account__is_active=True)
    return found.select_related("account").order_by("pk")


def is_manager(account: Account, practice: Practice) -> bool:
    """Whether an account manages the practice."""
    return managers(practice).filter(account=account).exists()


def _staff(practice: Practice) -> list[Account]:
    """Everybody who works there or has worked there: what they did lately counts still."""
    return [one.account for one in practice.staff.select_related("account")]


def _marks(account: Account) -> set[str]:
    """What two accounts of one person have in common."""
    emails = {names.fold(one) for one in (account.email, account.sign_in_name) if "@" in one}
    whole = fold_name(account.first_name + account.last_name) if account.first_name and account.last_name else ""
    return emails | ({f"name {whole}"} if whole else set())


def _alike(staff: Iterable[Account]) -> Iterator[set[int]]:
    """Those who share a mark, each mark a set."""
    by_mark: dict[str, set[int]] = {}
    for account in staff:
        for mark in _marks(account):
            by_mark.setdefault(mark, set()).add(account.pk)
    return (found for found in by_mark.values() if len(found) > 1)


def _brought(practice: Practice, staff: Iterable[Account]) -> Iterator[set[int]]:
    """Whoever was brought lately, with whoever did it."""
    since = timezone.now() - limits.NEW_COLLEAGUE_RESTS
    invited = StaffInvitation.objects.filter(practice=practice, accepted_at__gt=since, account__isnull=False)
    for account, by in invited.values_list("account_id", "invited_by_id"):
        yield {account or 0, by}
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    events = AuditEvent.objects.filter(BROUGHT, practice_id=practice.pk, subject_kind=kind, at__gt=since)
    ours = [str(account.pk) for account in staff]
    for account_id, by_id in events.filter(subject_id__in=ours).values_list("subject_id", "actor_id"):
        if by_id:
            yield {int(account_id), int(by_id)}
