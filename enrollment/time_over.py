"""Accesses whose last day has passed: they open nothing any more (`accounts.rights`), and are ended here.

Else they would stand in the way of their holder, who is named again, and nobody could end them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import access
from accounts.models import EndReason, PatientAccess, Relationship
from enrollment import access_notices, codes

if TYPE_CHECKING:
    from datetime import date

    from practices.models import Practice


def at(practice: Practice, today: date) -> list[int]:
    """The accesses of a practice, by id, that are over and not ended."""
    dated = PatientAccess.objects.filter(practice=practice, ends_on__lte=today, state__in=access.PROVEN)
    return list(dated.exclude(relationship=Relationship.SELF).order_by("pk").values_list("pk", flat=True))


def is_over(claim: PatientAccess, today: date) -> bool:
    """Whether somebody was let in until a day that has passed."""
    is_proxys = claim.relationship != Relationship.SELF and claim.state in access.PROVEN
    return is_proxys and claim.ends_on is not None and claim.ends_on <= today


def end(pk: int, practice: Practice, today: date) -> bool:
    """End an access that is over; tell whose it was, and the patient. In the caller's transaction; twice is once."""
    found = PatientAccess.objects.select_related("account", "record").get(pk=pk)
    codes.lock_live(found.record)
    claim = next((one for one in access.claims_on(found.record) if one.pk == pk), None)
    if claim is None or not is_over(claim, today):
        return False
    claim.account, claim.record, claim.practice = found.account, found.record, practice
    claim.record.practice = practice
    close(claim)
    access_notices.access_ended(claim, was_claim=False)
    return True


def close(claim: PatientAccess) -> None:
    """End an access that is over, in the caller's transaction, with its row locked."""
    access.end(claim=claim, because=EndReason.OVER, by=None, request=None)
