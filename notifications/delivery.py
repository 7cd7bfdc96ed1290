"""Delivery: leases due rows, sends them outside any transaction, and brings each to a named state."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils import timezone
from django_guid import clear_guid, get_guid, set_guid

from notifications import channels, words
from notifications.channels import NotSent, Provider
from notifications.models import OPEN, Lane, Message, State

# A worker that is killed leaves its rows to the others when the lease ends. Half of it is for beginning to send,
# the other half for the last message to be answered.
LEASE = timedelta(seconds=60)
BATCH = {Lane.URGENT: 5, Lane.BULK: 100}  # a few, so that codes are shared among the workers' threads
AGAIN_AFTER = (5, 30, 120, 600, 3600)  # seconds; the last one from then on
WRITE_AGAIN_AFTER = 0.5  # seconds
TRIES = {Lane.URGENT: 16, Lane.BULK: 76}  # about half a day; about three days

ending = threading.Event()  # this process was asked to stop: it begins nothing more, and gives back what it leased
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    state: State
    provider_is_down: bool = False


def drain(lane: Lane | str, limit: int = 100) -> int:
    """Bring about `limit` due messages of a lane on their way; gives how many came to a state."""
    return work(Lane(lane), limit).total()


def work(lane: Lane, limit: int) -> Counter[State]:
    """As `drain`, but counts the states that the messages came to. Ends early where the provider takes nothing."""
    done: Counter[State] = Counter()
    while done.total() < limit and not ending.is_set():
        batch = lease(lane)
        outcomes = send_batch(batch)
        done.update(outcome.state for outcome in outcomes)
        if len(batch) < BATCH[lane] or outcomes[-1].provider_is_down:
            break
    return done


def lease(lane: Lane) -> list[Message]:
    """Take the rows that are due, those of killed workers among them, for LEASE. What others hold is passed by."""
    with transaction.atomic(durable=True):
        due = Message.objects.filter(lane=lane, state__in=OPEN, due_at__lte=Now()).order_by("due_at", "pk")
        batch = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("practice")[: BATCH[lane]])
        Message.objects.filter(pk__in=[message.pk for message in batch]).update(
            state=State.SENDING, tries=F("tries") + 1, due_at=Now() + lease_time()
        )
    for message in batch:
        message.tries += 1
    return batch


def lease_time() -> timedelta:
    """How long a worker holds a row: a setting, so that tests of killed workers need not wait a minute."""
    lasting: timedelta = getattr(settings, "OUTBOX_LEASE", LEASE)
    return lasting


def send_batch(batch: list[Message]) -> list[Outcome]:
    """Send the rows over one connection. What there is no time for, or no provider, is given back untried."""
    outcomes: list[Outcome] = []
    begin_until = time.monotonic() + lease_time().total_seconds() / 2
    with channels.provider() as provider:
        for message in batch:
            if time.monotonic() > begin_until or ending.is_set():
                give_back(batch[len(outcomes) :], timedelta())
                break
            with _request_of(message):
                outcomes.append(send(message, provider))
            if outcomes[-1].provider_is_down:
                give_back(batch[len(outcomes) :], timedelta(seconds=AGAIN_AFTER[0]))
                break
    return outcomes


def send(message: Message, provider: Provider) -> Outcome:
    """Send one leased row and write down what became of it."""
    if message.expires_at and message.expires_at <= timezone.now():
        return _finish(message, State.EXPIRED)
    if message.tries > TRIES[Lane(message.lane)]:  # its workers were killed, every time
        return _finish(message, State.FAILED, "given_up")
    try:
        provider.send(message, words.render(message))
    except NotSent as refusal:
        return _not_sent(message, refusal)
    except Exception:
        logger.exception("message not sent", extra=_facts(message))
        return _not_sent(message, NotSent("error", again=True))  # a mended release may send it yet
    return _finish(message, State.SENT)


def _not_sent(message: Message, refusal: NotSent) -> Outcome:
    if not refusal.again or message.tries >= TRIES[Lane(message.lane)]:
        return replace(_finish(message, State.FAILED, refusal.code), provider_is_down=refusal.nobody)
    wait = timedelta(seconds=AGAIN_AFTER[min(message.tries, len(AGAIN_AFTER)) - 1])
    _write(message, State.QUEUED, refusal.code, due_at=Least(Now() + wait, F("expires_at")))
    return Outcome(State.QUEUED, provider_is_down=refusal.nobody)


def _finish(message: Message, state: State, failure: str = "") -> Outcome:
    sent_at = Now() if state == State.SENT else None
    _write(message, state, failure, sent_at=sent_at, context_sealed=None)
    return Outcome(state)


def _write(message: Message, state: State, failure: str, **changes: object) -> None:
    """Write a state, unless the lease ran out and the row is somebody else's by now."""
    own = Message.objects.filter(pk=message.pk, state=State.SENDING, tries=message.tries)
    kept = _patiently(lambda: own.update(state=state, failure=failure, **changes)) == 1
    facts = _facts(message) | {"state": str(state), "failure": failure}
    if kept:
        logger.info("message handled", extra=facts)
    else:
        logger.warning("message handled after its lease ran out", extra=facts)


def give_back(messages: list[Message], wait: timedelta) -> None:
    """End the lease of rows that were not tried."""
    for message in messages:
        own = Message.objects.filter(pk=message.pk, state=State.SENDING, tries=message.tries)
        changes = {"state": State.QUEUED, "tries": F("tries") - 1, "due_at": Least(Now() + wait, F("expires_at"))}
        _patiently(partial(own.update, **changes))


def _patiently(write: Callable[[], int]) -> int:
    """Write also where PostgreSQL is being restarted, for half a lease at most: what left would leave again."""
    until = time.monotonic() + lease_time().total_seconds() / 2
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until or ending.wait(WRITE_AGAIN_AFTER):
                raise
            connection.close()


def _facts(message: Message) -> dict[str, str | int]:
    return {
        "message_id": message.pk,
        "notice": message.notice,
        "channel": message.channel,
        "lane": message.lane,
        "tries": message.tries,
        "practice": message.practice.slug,
    }


@contextmanager
def _request_of(message: Message) -> Iterator[None]:
    """Let the log lines carry the id of the request that queued the message."""
    before = get_guid()
    set_guid(message.request_id)
    try:
        yield
    finally:
        set_guid(before) if before else clear_guid()
