"""Saving settings: changed, kept in the trail, and told to the other managers, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import staff_notices
from audit.events import Event
from audit.models import AuditEvent
from notifications import outbox
from practices import changing
from staff.asking import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Account
    from practices.changing import Change
    from practices.current import PracticeRequest


class ChangedSince(Refused):
    words = _("It was changed again since: change it on its page.")


class NotKept(Refused):
    words = _("The trail holds only a part of what it was: change it on its page.")


@transaction.atomic
def save(*, values: Mapping[str, Any], by: Account, request: PracticeRequest) -> list[Change]:
    """Change what differs, and tell the other managers. Raises ValidationError."""
    changed = changing.change(practice=request.practice, values=values, by=by, request=request)
    if changed:
        _tell(by, request)
    return changed


@transaction.atomic
def undo(*, event: AuditEvent, by: Account, request: PracticeRequest) -> None:
    """Put back what a setting was. Raises a Refused, ValidationError where it does not go with the others any more."""
    change = changing.said(event)
    if change is None:
        raise NotKept
    if changing.value(changing.lock(request.practice), change.name) != change.new:
        raise ChangedSince
    save(values={change.name: change.old}, by=by, request=request)


def find(request: PracticeRequest, pk: int) -> AuditEvent | None:
    """A change of this practice's settings, by its event in the trail."""
    return AuditEvent.objects.filter(practice_id=request.practice.pk, event=Event.SETTING_CHANGED, pk=pk).first()


def _tell(by: Account, request: PracticeRequest) -> None:
    """Every manager but who did it: one alone weakens nothing in silence."""
    practice = request.practice
    context = {"link": practice.address(reverse("staff:settings"))}
    for email, language in staff_notices.other_managers(practice, by):
        outbox.queue("settings_changed", practice=practice, to=email, language=language, context=context)
