"""A run of **Invite all** in words: how far it is, whom it was for, whom it left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import names
from enrollment import bulk, notices
from enrollment.bulk_issue import UNDER_WAY, BulkIssue, BulkState, LeftOut
from enrollment.models import CodeKind
from enrollment.whom import OLDEST, Whom
from notifications.models import OPEN, Lane, Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

MOST_COUNTED = 10_000  # emails that wait
STALLED = 2 * bulk.FORGOTTEN


@dataclass(frozen=True)
class Run:
    """A run as pages show it. `waiting`: its emails that are not sent yet, counted up to MOST_COUNTED."""

    row: BulkIssue
    kind: str
    by: str
    whom: list[str]
    left_out: list[tuple[str, int]]
    waiting: int
    silent: timedelta

    @property
    def is_under_way(self) -> bool:
        return self.row.state in UNDER_WAY

    @property
    def is_running(self) -> bool:
        return self.row.state == BulkState.RUNNING

    @property
    def is_stalled(self) -> bool:
        """Whether nobody goes on with it: its worker is gone, and the next has not taken over yet."""
        return self.is_running and self.silent > STALLED

    @property
    def is_watched(self) -> bool:
        """Whether there is anything to wait for."""
        return self.is_running or bool(self.waiting)

    @property
    def percent(self) -> int:
        if self.row.state == BulkState.DONE:
            return 100
        return min(99, self.row.seen * 100 // self.row.total) if self.row.total else 0

    @property
    def most(self) -> int:
        return MOST_COUNTED


def shown(row: BulkIssue, waiting: int = 0) -> Run:
    """`row` comes with `by`."""
    return Run(
        row=row,
        kind=str(CodeKind(row.kind).label),
        by=names.called(row.by) if row.by else _("the command line"),
        whom=conditions(Whom(**row.whom)),
        left_out=left_out(row.left_out),
        waiting=waiting,
        silent=timezone.now() - row.touched_at,
    )


def waiting(row: BulkIssue) -> int:
    """Emails of this kind that the bulk lane still has for the practice; no more than one beyond MOST_COUNTED."""
    name = notices.NAMES.get(CodeKind(row.kind), "")
    found = Message.objects.filter(practice=row.practice_id, lane=Lane.BULK, state__in=OPEN, notice=name)
    return found.order_by()[: MOST_COUNTED + 1].count()


def conditions(whom: Whom) -> list[str]:
    """Whom a run is for, a condition a line; nothing where it is for everybody."""
    said = []
    if whom.language:
        name = str(dict(settings.LANGUAGES).get(whom.language, whom.language))
        said.append(_("speaks %(language)s") % {"language": name})
    if whom.youngest and whom.oldest < OLDEST:
        said.append(_("%(youngest)s to %(oldest)s years old") % {"youngest": whom.youngest, "oldest": whom.oldest})
    elif whom.youngest:
        said.append(_("%(youngest)s years old or older") % {"youngest": whom.youngest})
    elif whom.oldest < OLDEST:
        said.append(_("%(oldest)s years old or younger") % {"oldest": whom.oldest})
    if whom.last_name:
        said.append(_("last name begins with “%(letters)s”") % {"letters": whom.last_name})
    return said


def left_out(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Whom a run leaves out, and how many, in the order of the reasons; "" (who gets one) is not among them."""
    return [(str(why.label), counts[why.value]) for why in LeftOut if counts.get(why.value)]
