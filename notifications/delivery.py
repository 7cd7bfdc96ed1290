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
from django.db.models import F, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone
from django_guid import clear_guid, get_guid, set_guid

from notifications import failures, words
from notifications.channels import MayHaveLeft, NotSent, Provider, Providers, Receipt
from notifications.models import OPEN, PHONE, Channel, Lane, Message, State
from practices.models import Practice

# A worker that is killed leaves its rows to the others when the lease ends. Half of it is for beginning to send,
# the other half for the last message to be answered.
LEASE = timedelta(seconds=60)
BATCH = {Lane.URGENT: 5, Lane.BULK: 100}  # a few, so that codes are shared among the workers' threads
AGAIN_AFTER = (5, 30, 120, 600, 3600)  # seconds; the last one from then on
WRITE_AGAIN_AFTER = 0.5  # seconds
TOO_LATE = timedelta(seconds=5)  # before a code expires: a text takes so long to be read, and Twilio to begin with it
TRIES = {Lane.URGENT: 16, Lane.BULK: 76}  # about half a day; about three days

# For every message once: as a statement of its own it takes half the time of the same made by the ORM.
_FINISH = """
UPDATE notifications_message SET state = %s, failure = %s, provider_id = coalesce(nullif(%s, ''), provider_id),
    context_sealed = NULL, sent_at = CASE WHEN %s THEN statement_timestamp() END
WHERE id = %s AND state = 'sending' AND tries = %s
"""

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
    """As `drain`, but counts the states that the messages came to. Ends early where no provider takes anything."""
    done: Counter[State] = Counter()
    while done.total() < limit and not ending.is_set():
        batch = lease(lane)
        outcomes = send_batch(batch)
        done.update(outcome.state for outcome in outcomes)
        if len(batch) < BATCH[lane] or all(outcome.provider_is_down for outcome in outcomes):
            break
    return done


def lease(lane: Lane) -> list[Message]:
    """Take the rows that are due, those of killed workers among them, for LEASE. What others hold is passed by."""
    with transaction.atomic(durable=True):
        due = Message.objects.filter(lane=lane, state__in=OPEN, due_at__lte=Now()).order_by("due_at", "pk")
        batch = list(due.select_for_update(skip_locked=True)[: BATCH[lane]])
        Message.objects.filter(pk__in=[message.pk for message in batch]).update(
            state=State.SENDING, tries=F("tries") + 1, due_at=Now() + lease_time()
        )
    practices = Practice.objects.select_related("settings").in_bulk({message.practice_id for message in batch})
    for message in batch:
        message.practice = practices[message.practice_id]
        message.tries += 1
    return batch


def lease_time() -> timedelta:
    """How long a worker holds a row: a setting, so that tests of killed workers need not wait a minute."""
    lasting: timedelta = getattr(settings, "OUTBOX_LEASE", LEASE)
    return lasting


def send_batch(batch: list[Message]) -> list[Outcome]:
    """Send the rows, over one connection a provider. What there is no time or no provider for is given back untried."""
    outcomes: list[Outcome] = []
    down: set[Channel] = set()
    begin_until = time.monotonic() + lease_time().total_seconds() / 2
    with Providers() as providers:
        for number, message in enumerate(batch):
            if time.monotonic() > begin_until or ending.is_set():
                give_back(batch[number:], timedelta())
                break
            channel = Channel(message.channel)
            if channel in down:
                give_back([message], timedelta(seconds=AGAIN_AFTER[0]))
                continue
            with _request_of(message):
                outcomes.append(send(message, providers.of(channel)))
            if outcomes[-1].provider_is_down:
                down |= set(PHONE) if channel in PHONE else {channel}
    return outcomes


def send(message: Message, provider: Provider) -> Outcome:
    """Send one leased row and write down what became of it."""
    if untried := _over(message):
        return _finish(message, *untried)
    try:
        receipt = _hand_over(message, provider)
    except NotSent as refusal:
        return _not_sent(message, refusal)
    except MayHaveLeft as silence:
        outcome = _finish(message, State.UNKNOWN, silence.code)
        return replace(outcome, provider_is_down=silence.code == failures.NO_ANSWER)
    except Exception:
        logger.exception("message not sent", extra=_facts(message))
        if message.left_at:
            return _finish(message, State.UNKNOWN, "error")
        return _not_sent(message, NotSent("error", again=True))  # a mended release may send it yet
    return _finish(message, receipt.state, receipt.failure, provider_id=receipt.provider_id)


def _over(message: Message) -> tuple[State, str] | None:
    """What a message has come to without being tried once more, and why; None where it is to be tried."""
    if message.left_at:  # its worker was killed while it was asking: sent once more, it could arrive twice
        return State.UNKNOWN, "worker_lost"
    margin = TOO_LATE if message.channel in PHONE else timedelta()
    if message.expires_at and message.expires_at <= timezone.now() + margin:
        return State.EXPIRED, ""
    if message.tries > TRIES[Lane(message.lane)]:  # its workers were killed, every time
        return State.FAILED, "given_up"
    return None


def _hand_over(message: Message, provider: Provider) -> Receipt:
    rendered = words.render(message)
    if message.channel in PHONE and not _leaves(message):
        raise NotSent("lease", again=True)  # it is another's by now, and nothing is written
    return provider.send(message, rendered)


def _leaves(message: Message) -> bool:
    """Note that a text or a call is about to be asked for; False where the row is not ours any more."""
    message.left_at = timezone.now()
    return _own(message).update(left_at=message.left_at) == 1


def _not_sent(message: Message, refusal: NotSent) -> Outcome:
    if not refusal.again or message.tries >= TRIES[Lane(message.lane)]:
        return replace(_finish(message, State.FAILED, refusal.code), provider_is_down=refusal.nobody)
    wait = timedelta(seconds=AGAIN_AFTER[min(message.tries, len(AGAIN_AFTER)) - 1])
    changes = {"due_at": Least(Now() + wait, F("expires_at")), "left_at": None}
    write = partial(_own(message).update, state=State.QUEUED, failure=refusal.code, **changes)
    _tell(message, State.QUEUED, refusal.code, kept=_patiently(write) == 1)
    return Outcome(State.QUEUED, provider_is_down=refusal.nobody)


def _finish(message: Message, state: State, failure: str = "", provider_id: str = "") -> Outcome:
    left = state in {State.SENT, State.DELIVERED}
    values: list[str | int | bool] = [state.value, failure, provider_id, left, message.pk, message.tries]
    _tell(message, state, failure, kept=_patiently(partial(_execute, _FINISH, values)) == 1)
    return Outcome(state)


def _execute(statement: str, values: list[str | int | bool]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _tell(message: Message, state: State, failure: str, *, kept: bool) -> None:
    """Not kept: the lease ran out and the row is somebody else's, or the provider has reported already."""
    facts = _facts(message) | {"state": str(state), "failure": failure}
    if kept:
        logger.info("message handled", extra=facts)
    elif _was_reported(message):
        logger.info("message handled, and reported on before", extra=facts)
    else:
        logger.warning("message handled after its lease ran out", extra=facts)


def _was_reported(message: Message) -> bool:
    """Whether the provider told what became of it before it answered us."""
    return Message.objects.filter(pk=message.pk, tries=message.tries).exclude(provider_id="").exists()


def _own(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=State.SENDING, tries=message.tries)


def give_back(messages: list[Message], wait: timedelta) -> None:
    """End the lease of rows that were not tried."""
    for message in messages:
        changes = {"state": State.QUEUED, "tries": F("tries") - 1, "due_at": Least(Now() + wait, F("expires_at"))}
        _patiently(partial(_own(message).update, **changes))


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
