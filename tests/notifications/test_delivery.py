"""From a due row to a named state, with a real SMTP server at the other end."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery
from notifications.channels.email import message_id
from notifications.models import Lane, Message, State
from practices.models import Practice
from tests.notifications.conftest import SECRET, Queue
from tests.notifications.mail_server import MailServer


def due_again(message: Message) -> Message:
    """Let the wait of a message be over; gives the row as it stands."""
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    message.refresh_from_db()
    return message


def wait_of(message: Message) -> float:
    message.refresh_from_db()
    return (message.due_at - timezone.now()).total_seconds()


def test_a_message_is_sent_and_its_secret_erased(queue: Queue, mail_server: MailServer) -> None:
    message = queue()
    assert delivery.drain(Lane.URGENT) == 1
    message.refresh_from_db()
    assert (message.state, message.tries, message.failure, message.context_sealed) == (State.SENT, 1, "", None)
    assert message.sent_at
    [mail] = mail_server.mails
    assert SECRET in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert delivery.drain(Lane.URGENT) == 0


def test_a_temporary_refusal_is_tried_again_later(queue: Queue, mail_server: MailServer) -> None:
    mail_server.recipient_answers.append("451 4.7.1 greylisted")
    mail_server.answers.append("452 4.3.1 no room")
    message = queue()
    delivery.drain(Lane.URGENT)
    assert 0 < wait_of(message) <= 5
    assert (message.state, message.failure) == (State.QUEUED, "smtp_451")
    due_again(message)
    delivery.drain(Lane.URGENT)
    assert 5 < wait_of(message) <= 30
    assert message.failure == "smtp_452"
    due_again(message)
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.tries, message.failure, len(mail_server.mails)) == (State.SENT, 3, "", 1)


@pytest.mark.parametrize("where", ["recipient_answers", "answers"])
def test_a_permanent_refusal_fails_the_message_and_no_other(queue: Queue, mail_server: MailServer, where: str) -> None:
    getattr(mail_server, where).append("550 5.1.1 no such mailbox")
    refused, fine = queue(), queue(to="ana@example.com")
    assert delivery.drain(Lane.URGENT) == 2
    refused.refresh_from_db()
    fine.refresh_from_db()
    assert (refused.state, refused.failure, refused.context_sealed) == (State.FAILED, "smtp_550", None)
    assert fine.state == State.SENT


def test_a_server_that_is_gone_costs_the_other_messages_no_try(queue: Queue, mail_server: MailServer) -> None:
    port = mail_server.port
    mail_server.stop()
    first, second = queue(), queue()
    assert delivery.drain(Lane.URGENT) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.tries, first.failure) == (State.QUEUED, 1, "unreachable")
    assert (second.state, second.tries, second.failure) == (State.QUEUED, 0, "")
    back = MailServer(port).start()
    try:
        due_again(first)
        due_again(second)
        assert delivery.drain(Lane.URGENT) == 2
        assert len(back.mails) == 2
    finally:
        back.stop()


def test_a_server_that_hangs_up_is_asked_again(queue: Queue, mail_server: MailServer) -> None:
    mail_server.answers.append("421 4.3.2 shutting down")
    message = queue()
    delivery.drain(Lane.URGENT)
    assert due_again(message).failure == "smtp_421"
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert message.state == State.SENT


def test_an_expired_message_is_never_sent(queue: Queue, mail_server: MailServer) -> None:
    message = queue(expires_at=timezone.now() - timedelta(seconds=1))
    assert delivery.drain(Lane.URGENT) == 1
    message.refresh_from_db()
    assert (message.state, message.context_sealed) == (State.EXPIRED, None)
    assert mail_server.mails == []


def test_no_wait_is_longer_than_the_message_lives(queue: Queue, mail_server: MailServer) -> None:
    mail_server.recipient_answers.append("451 later")
    message = queue(expires_at=timezone.now() + timedelta(seconds=2))
    delivery.drain(Lane.URGENT)
    assert wait_of(message) <= 2


@pytest.mark.parametrize("lane", list(Lane))
def test_after_the_last_try_a_message_has_failed(queue: Queue, mail_server: MailServer, lane: Lane) -> None:
    mail_server.recipient_answers.append("451 later")
    message = queue(lane=lane)
    Message.objects.filter(pk=message.pk).update(tries=delivery.TRIES[lane] - 1)
    delivery.drain(lane)
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.FAILED, "smtp_451")


def test_a_message_whose_workers_always_die_is_given_up(queue: Queue, mail_server: MailServer) -> None:
    message = queue()
    Message.objects.filter(pk=message.pk).update(state=State.SENDING, tries=delivery.TRIES[Lane.URGENT])
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure, mail_server.mails) == (State.FAILED, "given_up", [])


def test_a_leased_message_belongs_to_its_worker_until_the_lease_ends(queue: Queue, mail_server: MailServer) -> None:
    message = queue()
    [leased] = delivery.lease(Lane.URGENT)
    assert delivery.drain(Lane.URGENT) == 0
    due_again(message)  # the lease ran out
    assert delivery.drain(Lane.URGENT) == 1
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.SENT, 2)
    delivery.give_back([leased], timedelta())  # the first worker comes back to life, and changes nothing
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.SENT, 2)


def test_a_duplicate_can_be_known_as_one(queue: Queue, mail_server: MailServer) -> None:
    message = queue()
    [leased] = delivery.lease(Lane.URGENT)
    due_again(message)
    delivery.drain(Lane.URGENT)
    delivery.send_batch([leased])  # it was only slow
    assert [mail["Message-ID"] for mail in mail_server.mails] == [message_id(message)] * 2
    message.refresh_from_db()
    assert message.tries == 2


def test_lanes_do_not_mix(queue: Queue, mail_server: MailServer) -> None:
    bulk = queue(lane=Lane.BULK)
    assert delivery.drain(Lane.URGENT) == 0
    bulk.refresh_from_db()
    assert bulk.state == State.QUEUED


def test_a_batch_uses_one_connection(queue: Queue, mail_server: MailServer) -> None:
    for _ in range(7):
        queue(lane=Lane.BULK)
    assert delivery.drain(Lane.BULK) == 7
    assert (len(mail_server.mails), len(mail_server.sessions)) == (7, 1)


def test_a_batch_that_takes_too_long_gives_the_rest_back(
    queue: Queue, mail_server: MailServer, settings: Settings
) -> None:
    settings.OUTBOX_LEASE = timedelta(seconds=-1)  # over before it began
    messages = [queue(), queue()]
    delivery.send_batch(delivery.lease(Lane.URGENT))
    assert {(m.state, m.tries) for m in Message.objects.filter(pk__in=[m.pk for m in messages])} == {(State.QUEUED, 0)}


def test_a_text_that_cannot_be_rendered_is_kept_for_a_mended_release(
    queue: Queue, practice: Practice, mail_server: MailServer
) -> None:
    message = queue()
    Message.objects.filter(pk=message.pk).update(notice="nobody_wrote_it")
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.QUEUED, "error")
    assert message.context_sealed
