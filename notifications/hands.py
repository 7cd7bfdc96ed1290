"""Emptying a lane: with more hands where more than a batch waits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from notifications.delivery import BATCH, work
from notifications.models import Lane, State

# Threads: most of a message's time is waiting for answers, of its mail server above all. What is urgent has the tasks'.
HANDS = {Lane.URGENT: 1, Lane.BULK: 4}
EVERYTHING = 1_000_000


def empty(lane: Lane) -> Counter[State]:
    """Send all that is due in a lane; counts as `work` does."""
    done = work(lane, BATCH[lane])
    if done.total() < BATCH[lane]:
        return done
    if HANDS[lane] == 1:
        return done + work(lane, EVERYTHING)
    with ThreadPoolExecutor(HANDS[lane], thread_name_prefix=f"hand-{lane}") as pool:
        return sum(pool.map(_lend_a_hand, [lane] * HANDS[lane]), done)


def _lend_a_hand(lane: Lane) -> Counter[State]:
    try:
        return work(lane, EVERYTHING)
    finally:
        connection.close()
