"""**This wasn't me**, for who was told that somebody was named for a record (docs/flows.md, rule 12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import access
from accounts.models import AccessState, EndReason
from accounts.notices import call_practice_in
from audit.events import Event
from audit.record import record
from enrollment import access_notices, codes, ending, naming
from enrollment.named_proxy import NamedBy, NamedProxy
from guard import secrets, sessions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import Practice

LIVES = timedelta(days=7)


def find(proxy: int, secret: str, practice: Practice) -> NamedProxy | None:
    """Who was named, where the link is right and its seven days are not over."""
    found = practice.named_proxies.filter(pk=proxy, named_at__gt=timezone.now() - LIVES)
    named = found.select_related("record", "practice").first()
    nobody = NamedProxy(pk=0, named_at=timezone.now())
    is_right = secrets.same(secret.encode(), access_notices.secret_of(named or nobody).encode())
    return named if is_right else None


@transaction.atomic
def object_to(*, proxy: NamedProxy, request: PracticeRequest) -> None:
    """Let nobody in who was named then, nor whom the same account invited since; call the practice in.

    Who is in already is stopped, and not ended: parents share a mailbox, and one of them is not to end the other's
    access for good. Whoever used the patient's account is signed out of it.
    """
    codes.lock_live(proxy.record)
    for one in _since(proxy):
        _stop(one, request)
    if proxy.source == NamedBy.PATIENT and proxy.named_by_id:
        sessions.end_all(proxy.named_by_id, but=request.session)
    record(Event.OBJECTION_RAISED, actor=None, practice=request.practice, subject=proxy, request=request)
    access_notices.proxy_stopped(proxy)


def _stop(proxy: NamedProxy, request: PracticeRequest) -> None:
    """Suspend what is open, end what never opened, and withdraw the name."""
    mine = {one.pk for one in ending.held_by(proxy)}
    for claim in access.claims_on(proxy.record):
        if claim.pk in mine and claim.state == AccessState.ACTIVE:
            access.suspend(claim, request)
            call_practice_in(practice=request.practice, access=claim)
    for claim in ending.held_by(proxy):
        if claim.state in access.UNPROVEN:
            ending.end(claim=claim, because=EndReason.REFUSED, by=None, request=request)
    naming.withdraw(proxy=proxy, by=None, request=request)


def _since(proxy: NamedProxy) -> QuerySet[NamedProxy]:
    later = Q(source=NamedBy.PATIENT, named_by=proxy.named_by_id, named_at__gte=proxy.named_at)
    is_invited = proxy.source == NamedBy.PATIENT
    found = NamedProxy.objects.filter(record=proxy.record_id)
    return found.filter(Q(pk=proxy.pk) | later if is_invited else Q(pk=proxy.pk)).select_related("record")
