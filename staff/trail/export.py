"""The audit trail as a CSV file: streamed in short reads, so that no transaction holds up the sealer meanwhile."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.timezone import localtime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from audit import looking
from audit.events import Event
from audit.record import record
from practices.roster.refused import defused
from staff.trail import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from accounts.models import Account
    from audit.looking import Sought
    from practices.current import PracticeRequest
    from practices.models import Practice
    from staff.trail.asked import Asked
    from staff.trail.rows import Row

MOST = 100_000  # events in one file: what a spreadsheet still opens at ease, and a server sends within a minute
AT_ONCE = 1000


class _Line:
    """What `csv` writes into: it gives back the line."""

    def write(self, line: str) -> str:
        return line


def answer(*, sought: Sought, query: str, by: Account, reason: str, request: PracticeRequest) -> HttpResponse:
    """Note the export, then send what was there until now. The trail has it although the file may be broken off."""
    with transaction.atomic():
        said = {"reason": reason, **({"filter": query} if query else {})}
        practice = request.practice
        record(Event.TRAIL_EXPORTED, actor=by, practice=practice, subject=practice, request=request, **said)
    name = f"audit-trail-{practice.slug}-{practice.today():%Y-%m-%d}.csv"
    sent = StreamingHttpResponse(
        _lines(practice, sought, get_language() or "en"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
    return cast("HttpResponse", sent)  # as views say what they answer


def said(asked: Asked) -> list[tuple[str, str]]:
    """What the file is restricted to, in words."""
    if asked.sought is None:
        return []
    shown = {name: asked.form[name] for name in ("kind", "by", "since", "until") if asked.form.cleaned_data[name]}
    found = [(str(field.label), _choice(field.value(), field.field)) for field in shown.values()]
    if asked.chart:
        found.insert(0, (_("Patient"), asked.chart.full_name))
    return found


def _choice(value: str, field: object) -> str:
    """The words of a choice; what was typed where there are none."""
    listed = getattr(field, "choices", ())
    flat = [one for choice in listed for one in (choice[1] if isinstance(choice[1], (list, tuple)) else [choice])]
    return str(dict(flat).get(value, value))


def _lines(practice: Practice, sought: Sought, language: str) -> Iterator[str]:
    """The file, line by line; its BOM makes Excel read it as UTF-8. `language`: of who asked."""
    write = csv.writer(_Line()).writerow
    with override(language):
        yield "\ufeff" + write(_header())
    before, left = None, MOST
    while left > 0:
        events = looking.newest(sought, min(AT_ONCE, left), before=before)
        with override(language):
            lines = [write([defused(cell) for cell in _cells(row, practice)]) for row in rows.of(practice, events)]
        yield "".join(lines)
        if len(events) < AT_ONCE:
            return
        before, left = events[-1].pk, left - len(events)


def _header() -> list[str]:
    return [
        _("Number"), _("Time"), _("Who"), _("Account number"), _("What happened"), _("Event"), _("Patient"),
        _("Chart number"), _("About"), _("Details"), _("Address"), _("Request"),
    ]  # fmt: skip


def _cells(row: Row, practice: Practice) -> list[str]:
    event = row.event
    return [
        str(event.pk),
        localtime(event.at, ZoneInfo(practice.time_zone)).isoformat(timespec="seconds"),
        row.who,
        event.actor_id,
        row.what,
        event.event,
        row.patient.name if row.patient else "",
        str(row.patient.pk) if row.patient else "",
        f"{event.subject_kind} {event.subject_id}".strip(),
        "; ".join(f"{name}: {value}" for name, value in row.details),
        str(event.address or ""),
        event.request_id,
    ]
