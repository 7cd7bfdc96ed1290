"""Every way in which Twilio does not take a text, takes it and says nothing, or says no."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery, failures, progress
from notifications.channels import twilio_api
from notifications.failures import Again
from notifications.models import Channel, Lane, Message, OptOut, State
from practices.phones import Kind
from tests.notifications import twilio_stand_in
from tests.notifications.conftest import PHONE, Queue
from tests.notifications.mail_server import MailServer
from tests.notifications.test_delivery import due_again, wait_of
from tests.notifications.twilio_stand_in import GARBAGE, HANG_UP, STALL, Answer, TwilioStandIn

REFUSED_AT_ONCE = (21211, 21610, 21614)


@pytest.fixture(autouse=True)
def _impatient(settings: Settings) -> None:
    settings.TWILIO_TIMEOUT = 0.5


def drained(message: Message) -> Message:
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("number", REFUSED_AT_ONCE)
def test_a_refused_number_has_failed_and_says_why(code: Queue, twilio: TwilioStandIn, number: int) -> None:
    twilio.answers.append((400, number))
    message = drained(code())
    assert (message.state, message.failure, message.context_sealed) == (State.FAILED, f"twilio_{number}", None)
    told = progress.of(message.pk)
    assert told.words == str(failures.PHONE_REASONS[f"twilio_{number}"].words)
    assert not told.again


def test_a_number_that_said_stop_elsewhere_is_remembered(code: Queue, twilio: TwilioStandIn) -> None:
    twilio.answers.append((400, 21610))
    drained(code())
    assert OptOut.objects.filter(number=PHONE, sender=twilio_stand_in.CODES).exists()
    again = drained(code())
    assert (again.failure, twilio.asked) == ("stopped", [])
    assert progress.of(again.pk).offer_call


def test_a_number_that_is_no_mobile_is_remembered(code: Queue, twilio: TwilioStandIn) -> None:
    from notifications import lines

    twilio.answers.append((400, 21614))
    drained(code())
    assert lines.kind(PHONE) is Kind.FIXED
    assert not lines.takes_texts(PHONE)
    assert lines.takes_calls(PHONE)


@pytest.mark.parametrize("answer", [(429, 20429), (503, 20503), (401, 20003), (400, 21606), (400, 21703)])
def test_what_is_not_the_numbers_fault_is_tried_again(code: Queue, twilio: TwilioStandIn, answer: Answer) -> None:
    twilio.answers.append(answer)
    message = drained(code())
    assert (message.state, message.failure) == (State.QUEUED, f"twilio_{answer[1]}")
    assert 0 < wait_of(message) <= 5
    assert progress.of(message.pk).words
    assert drained(due_again(message)).state == State.SENT
    assert len(twilio.asked) == 1


@pytest.mark.parametrize("answer", [STALL, HANG_UP, GARBAGE, (500, 20500), (502, 502), (504, 504)])
def test_a_code_that_may_have_left_is_never_sent_again_by_itself(
    code: Queue, twilio: TwilioStandIn, answer: Answer
) -> None:
    twilio.answers.append(answer)
    message = drained(code())
    assert (message.state, message.context_sealed) == (State.UNKNOWN, None)
    told = progress.of(message.pk)
    assert told.words == str(failures.MAY_HAVE_LEFT)
    assert told.again
    assert told.offer_call
    before = len(twilio.asked)
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert delivery.drain(Lane.URGENT) == 0
    assert len(twilio.asked) == before


def test_where_nothing_listens_nothing_has_left(code: Queue, twilio: TwilioStandIn) -> None:
    port = twilio.port
    twilio.stop()
    message, other = code(), code()
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.state, message.failure, message.left_at) == (State.QUEUED, "unreachable", None)
    assert (other.state, other.tries) == (State.QUEUED, 0)
    back = TwilioStandIn(port).start()
    try:
        assert drained(due_again(message)).state == State.SENT
    finally:
        back.stop()


@pytest.mark.parametrize(("idle", "connections"), [(60.0, 1), (-1.0, 2)])
def test_a_connection_that_may_be_gone_is_not_used_again(
    code: Queue, twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch, idle: float, connections: int
) -> None:
    monkeypatch.setattr(twilio_api, "IDLE", idle)
    assert drained(code()).state == State.SENT
    assert drained(code()).state == State.SENT
    assert twilio.connections == connections


def test_a_code_whose_worker_died_while_asking_is_not_sent_again(code: Queue, twilio: TwilioStandIn) -> None:
    message = code()
    [leased] = delivery.lease(Lane.URGENT)
    assert delivery._leaves(leased)  # and now it is killed
    assert drained(due_again(message)).state == State.UNKNOWN
    assert (message.failure, twilio.asked) == ("worker_lost", [])


def test_a_code_whose_worker_died_before_asking_is_sent(code: Queue, twilio: TwilioStandIn) -> None:
    message = code()
    delivery.lease(Lane.URGENT)
    assert drained(due_again(message)).state == State.SENT


def test_a_silent_twilio_holds_up_no_email(
    code: Queue, queue: Queue, twilio: TwilioStandIn, mail_server: MailServer
) -> None:
    twilio.answers.extend([STALL] * 4)
    texts = [code() for _ in range(4)]
    mail = queue()
    delivery.drain(Lane.URGENT)
    mail.refresh_from_db()
    assert mail.state == State.SENT
    states = [Message.objects.get(pk=text.pk).state for text in texts]
    assert states == [State.UNKNOWN, *[State.QUEUED] * 3]  # the others wait, untried


def test_a_broken_text_is_tried_again_with_the_next_release(code: Queue, twilio: TwilioStandIn) -> None:
    broken = code(Channel.VOICE, context={"minutes": 10, "code": 5})  # a number has no digits to spell
    assert (drained(broken).state, broken.failure, broken.left_at) == (State.QUEUED, "error", None)


def test_every_reason_has_words_and_a_rule() -> None:
    for failure, reason in failures.PHONE_REASONS.items():
        assert str(reason.words).endswith((".", "?")), failure
        assert reason.again in Again
        assert progress.told(Channel.SMS, State.FAILED, failure).words == str(reason.words)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("channel", list(Channel))
def test_every_state_can_be_told(channel: Channel, state: State) -> None:
    told = progress.told(channel, state, "")
    all_is_well = state in {State.QUEUED, State.SENDING, State.SENT, State.DELIVERED}
    assert bool(told.words) is not all_is_well
    assert not (told.offer_call and channel == Channel.EMAIL)


def test_a_code_of_which_nothing_is_known_has_nothing_to_tell(db: None) -> None:
    assert progress.of(None) == progress.NOTHING
    assert progress.of(-1) == progress.NOTHING
