"""Changing what a practice decides for itself: each setting with an audit event that says what it was before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from audit.events import Event
from audit.models import AuditEvent
from audit.record import LONGEST_DETAIL, record
from practices import current
from practices.models import Practice, PracticeSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model
    from django.http import HttpRequest

OF_PRACTICE = frozenset({"name", "colour", "phone", "email", "hours", "languages", "time_zone"})  # the others: settings


class Change(NamedTuple):
    """What a setting was, and is now; `pk` of its event in the trail, once it is there."""

    name: str
    old: Any
    new: Any
    pk: int = 0


def value(practice: Practice, name: str) -> Any:  # noqa: ANN401 - of whichever setting
    """What a setting is, as the trail keeps it: text, number, yes or no, list, or None."""
    found = getattr(practice if name in OF_PRACTICE else practice.settings, name)
    return list(found) if isinstance(found, (list, tuple)) else found


def lock(practice: Practice) -> Practice:
    """Read the practice and its settings again, locked to the end of the transaction."""
    practice = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    practice.settings = PracticeSettings.objects.select_for_update(no_key=True).get(pk=practice.pk)
    return practice


@transaction.atomic
def change(*, practice: Practice, values: Mapping[str, Any], by: Model, request: HttpRequest | None) -> list[Change]:
    """Set what differs, and return it. Raises ValidationError, with the names of the settings that are wrong.

    Other processes go by it within a minute (`practices.current`).
    """
    practice = lock(practice)
    settings = practice.settings
    changed = [Change(name, value(practice, name), new) for name, new in values.items() if value(practice, name) != new]
    for one in changed:
        setattr(practice if one.name in OF_PRACTICE else settings, one.name, one.new)
    if changed:
        practice.full_clean(validate_unique=False)
        settings.full_clean(exclude=["practice"], validate_unique=False)
        practice.save()
        settings.save()
        transaction.on_commit(current.forget)
    for one in changed:
        said = {"setting": one.name, "old": json.dumps(one.old), "new": json.dumps(one.new)}
        record(Event.SETTING_CHANGED, actor=by, practice=practice, subject=practice, request=request, **said)
    return changed


def lately(practice: Practice, most: int) -> list[AuditEvent]:
    """The last changes of settings, the newest first; `said` reads one."""
    kind, pk = Practice._meta.label_lower, str(practice.pk)  # noqa: SLF001 - Django documents it
    found = AuditEvent.objects.filter(subject_kind=kind, subject_id=pk, event=Event.SETTING_CHANGED)
    return list(found.order_by("-pk")[:most])


def said(event: AuditEvent) -> Change | None:
    """What an event says was changed; None where the trail could not keep all of it."""
    old, new = event.details.get("old", ""), event.details.get("new", "")
    if max(len(old), len(new)) >= LONGEST_DETAIL:
        return None
    return Change(event.details["setting"], json.loads(old), json.loads(new), event.pk)
