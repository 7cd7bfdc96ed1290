"""What the two birthdays change, applied by the daily task (docs/flows.md, I).

What anybody may open is decided anew on every page by `accounts.rights`, and does not wait for this: the task writes it
down, tells everybody, and keeps whose contacts were on the record.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts import rights
from accounts.rights import Stage
from enrollment import growing_due, growing_steps, time_over
from enrollment.growing import GrowingDay
from enrollment.growing_due import Step
from enrollment.growing_steps import Grown
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

logger = logging.getLogger(__name__)

BY_DAY = range(8, 20)  # hours of a practice's day at which its patients are told
FIRST_RUN = timedelta(days=366)  # how far back the first run looks for who came of age meanwhile


def due(now: datetime) -> Iterator[tuple[Practice, date]]:
    """Practices whose day is not finished, with the day there."""
    finished = dict(GrowingDay.objects.values_list("practice", "day"))
    for practice in Practice.objects.select_related("settings").order_by("pk"):
        there = timezone.localtime(now, ZoneInfo(practice.time_zone))
        if there.hour in BY_DAY and finished.get(practice.pk, date.min) < there.date():
            yield practice, there.date()


def run(practice: Practice, today: date) -> Counter[Grown]:
    """Do what is due at a practice on its day; returns what was done. Killed anywhere and run again, it does the rest.

    One transaction a record, or a batch of those that nothing depends on. What fails is left to the next run, and holds
    up nothing else.
    """
    mark = GrowingDay.objects.filter(practice=practice).first()
    since = mark.day if mark else today - FIRST_RUN
    done: Counter[Grown] = Counter()
    with timezone.override(ZoneInfo(practice.time_zone)):  # rights ask on which day an access was opened
        for step, ids in growing_due.look(practice, today, since):
            done += _do(step, ids, practice, today)
        for pk in time_over.at(practice, today):
            done += _try(pk, partial(growing_steps.end_over, pk, practice, today))
        for ids in growing_due.addresses(practice):
            done += _try(ids[0], partial(growing_steps.flag, ids, practice, today))
    if not done[Grown.FAILED]:
        day = GrowingDay(practice=practice, day=max(today, since))
        GrowingDay.objects.bulk_create([day], update_conflicts=True, unique_fields=["practice"], update_fields=["day"])
    return done


def _do(step: Step, ids: list[int], practice: Practice, today: date) -> Counter[Grown]:
    done: Counter[Grown] = Counter()
    if step == Step.TEEN:
        bare = growing_steps.keep_contacts(ids, practice)
        done[Grown.TEEN] += len(bare)
        ids = [pk for pk in ids if pk not in bare]
    for pk in ids:
        done += _try(pk, partial(_one, step, pk, practice, today))
    return done


def _try(pk: int, act: Callable[[], Grown | Counter[Grown]]) -> Counter[Grown]:
    """What an act came to; whatever is wrong with one record, the others have their birthdays."""
    came_to: Grown | Counter[Grown]
    try:
        came_to = act()
    except Exception as error:  # noqa: BLE001 - see above
        logger.warning("growing up: left to the next run", extra={"record": pk, "failure": type(error).__name__})
        came_to = Grown.FAILED
    return came_to if isinstance(came_to, Counter) else Counter({came_to: 1})


@transaction.atomic
def _one(step: Step, pk: int, practice: Practice, today: date) -> Grown:
    """Bring one record to where its birthdays say that it is; looked at again, now that its row is locked."""
    chart, growing = growing_steps.lock(pk, practice)
    if not chart.can_enroll:
        return Grown.NOTHING
    if step in {Step.SOON_TEEN, Step.SOON_ADULT}:
        return growing_steps.tell_soon(chart, growing, today)
    match rights.stage(chart.birth_date, today, practice.settings):
        case Stage.CHILD:
            return growing_steps.be_a_child(growing)
        case Stage.TEEN:
            return growing_steps.become_teenager(chart, growing)
        case Stage.ADULT:
            return growing_steps.come_of_age(chart, growing, today)
