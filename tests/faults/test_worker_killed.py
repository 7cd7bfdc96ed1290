"""A worker is killed by SIGKILL in the middle of sending: nothing is lost, and little comes twice."""

from __future__ import annotations

from notifications.models import Lane, State
from practices.models import Practice
from tests.faults import truth
from tests.faults.stack import SENDING, SENDING_BULK, Portal
from tests.notifications.conftest import queue_hello
from tests.processes import wait_until


def test_messages_of_a_killed_worker_are_sent_by_the_other(portal: Portal, practice: Practice) -> None:
    portal.mail.delay = 0.05
    messages = [queue_hello(practice, to=f"p{number}@example.com", lane=Lane.URGENT) for number in range(60)]
    wait_until(lambda: portal.mail.in_flight > 0 and len(portal.mail.accepted) > 0)
    portal.workers["urgent-1"].kill()
    wait_until(lambda: truth.states() == {State.SENT: len(messages)}, log=portal.workers["urgent-2"].log)
    portal.start_worker("urgent-1")
    lost, duplicate = truth.lost_and_duplicate(portal.mail)
    assert (lost, duplicate <= SENDING) == (0, True)


def test_a_bulk_worker_that_is_killed_with_all_its_hands_full_loses_nothing(portal: Portal, practice: Practice) -> None:
    portal.mail.delay = 0.02
    messages = [queue_hello(practice, to=f"p{number}@example.com", lane=Lane.BULK) for number in range(500)]
    wait_until(lambda: portal.mail.in_flight > 1 and len(portal.mail.accepted) > 100)
    portal.workers["bulk"].kill()
    portal.start_worker("bulk")
    wait_until(lambda: truth.states() == {State.SENT: len(messages)}, log=portal.workers["bulk"].log)
    lost, duplicate = truth.lost_and_duplicate(portal.mail)
    assert (lost, duplicate <= SENDING_BULK) == (0, True)
