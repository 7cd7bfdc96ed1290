"""Reports on texts and calls: signed, late, twice, in any order, and now and then before our own answer."""

import itertools
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from notifications import delivery, failures, progress, reports
from notifications.models import Channel, Lane, Message, State
from practices import current
from practices.models import Practice
from tests.notifications import twilio_stand_in
from tests.notifications.conftest import Queue
from tests.notifications.twilio_stand_in import TwilioStandIn

TEXT_SID, CALL_SID = "SM" + "a" * 32, "CA" + "a" * 32
REPORTED = (30003, 30005, 30006, 30007, 30008)
Report = Callable[..., int]
pytestmark = pytest.mark.usefixtures("twilio")


@pytest.fixture
def report(practice: Practice) -> Report:
    """Tells what became of a message, as Twilio does, and gives the status of the answer."""
    current.forget()
    client = Client(enforce_csrf_checks=True, headers={"host": practice.host})

    def tell(message: Message, *, token: str = twilio_stand_in.TOKEN, **fields: str) -> int:
        path = f"/twilio/status/{message.pk}/"
        signature = RequestValidator(token).compute_signature(practice.address(path), fields)
        return client.post(path, fields, headers={"x-twilio-signature": signature}).status_code

    return tell


def sent(message: Message) -> Message:
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert message.state == State.SENT
    return message


def text(status: str, code: int | None = None, sid: str = "") -> dict[str, str]:
    told = {"MessageSid": sid, "MessageStatus": status}
    return told | ({"ErrorCode": str(code)} if code else {})


def test_a_report_of_delivery_is_written_down(code: Queue, report: Report) -> None:
    message = sent(code())
    assert report(message, **text("delivered", sid=message.provider_id)) == 204
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.DELIVERED, "")
    assert progress.of(message.pk) == progress.Progress(State.DELIVERED)


@pytest.mark.parametrize("number", REPORTED)
@pytest.mark.parametrize(("status", "state"), [("undelivered", State.UNDELIVERED), ("failed", State.FAILED)])
def test_what_the_carrier_says_reaches_the_page(
    code: Queue, report: Report, number: int, status: str, state: State
) -> None:
    message = sent(code())
    report(message, **text(status, number, message.provider_id))
    message.refresh_from_db()
    assert (message.state, message.failure) == (state, f"twilio_{number}")
    reason = failures.PHONE_REASONS[f"twilio_{number}"]
    told = progress.of(message.pk)
    assert told.words == str(reason.words)
    assert told.offer_call
    assert told.again is (number in {30003, 30008})
    assert delivery.drain(Lane.URGENT) == 0  # nobody sends it again by itself


@pytest.mark.parametrize(
    ("status", "state", "failure"),
    [
        ("initiated", State.SENT, ""),
        ("ringing", State.SENT, ""),
        ("in-progress", State.DELIVERED, ""),
        ("completed", State.DELIVERED, ""),
        ("busy", State.UNDELIVERED, "call_busy"),
        ("no-answer", State.UNDELIVERED, "call_no-answer"),
        ("failed", State.FAILED, "call_failed"),
    ],
)
def test_how_a_call_ended_is_told(code: Queue, report: Report, status: str, state: State, failure: str) -> None:
    message = sent(code(Channel.VOICE))
    report(message, CallSid=message.provider_id, CallStatus=status)
    message.refresh_from_db()
    assert (message.state, message.failure) == (state, failure)
    assert bool(progress.of(message.pk).words) is bool(failure)


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "undelivered"])))
def test_the_order_of_reports_makes_no_difference(code: Queue, report: Report, order: tuple[str, ...]) -> None:
    message = sent(code())
    for status in order:
        report(message, **text(status, 30003 if status == "undelivered" else None, message.provider_id))
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.UNDELIVERED, "twilio_30003")


@given(st.lists(st.sampled_from(sorted(reports.TEXT_STATES.values())), min_size=1), st.randoms())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_and_no_repetition_changes_the_end(heard: list[State], chance: object) -> None:
    def end_of(told: list[State]) -> State:
        state = State.SENDING
        for one in told:
            state = reports.merged(state, one)
        return state

    mixed = [*heard, *heard]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert end_of(mixed) == end_of(heard)


def test_a_report_settles_what_was_not_known(code: Queue, report: Report, twilio: TwilioStandIn) -> None:
    twilio.answers.append(twilio_stand_in.HANG_UP)
    message = code()
    delivery.drain(Lane.URGENT)
    report(message, **text("delivered", sid=TEXT_SID))
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.failure) == (State.DELIVERED, TEXT_SID, "")


def test_a_report_may_come_before_twilios_answer(code: Queue, report: Report) -> None:
    message = code()
    [leased] = delivery.lease(Lane.URGENT)
    assert delivery._leaves(leased)
    report(message, **text("delivered", sid=TEXT_SID))
    delivery._finish(leased, State.SENT, provider_id=TEXT_SID)
    message.refresh_from_db()
    assert (message.state, message.context_sealed) == (State.DELIVERED, None)


def test_a_report_stops_what_was_to_be_tried_again(code: Queue, report: Report, twilio: TwilioStandIn) -> None:
    twilio.answers.append((503, 20503))
    message = code()
    delivery.drain(Lane.URGENT)
    report(message, **text("sent", sid=TEXT_SID))
    Message.objects.filter(pk=message.pk).update(due_at=message.created_at)
    assert delivery.drain(Lane.URGENT) == 0
    message.refresh_from_db()
    assert (message.state, message.context_sealed, twilio.asked) == (State.SENT, None, [])


def test_a_report_on_another_text_changes_nothing(code: Queue, report: Report) -> None:
    message = sent(code())
    assert report(message, **text("undelivered", 30003, TEXT_SID)) == 204
    message.refresh_from_db()
    assert message.state == State.SENT


def test_what_twilio_did_not_sign_is_refused(code: Queue, report: Report) -> None:
    message = sent(code())
    assert report(message, token="somebody else's", **text("undelivered", 30003, message.provider_id)) == 403
    message.refresh_from_db()
    assert message.state == State.SENT


def test_a_signature_is_good_for_one_address_only(code: Queue, practice: Practice) -> None:
    message, other = sent(code()), code()
    fields = text("delivered", sid=message.provider_id)
    address = practice.address(f"/twilio/status/{message.pk}/")
    signature = RequestValidator(twilio_stand_in.TOKEN).compute_signature(address, fields)
    current.forget()
    client = Client(headers={"host": practice.host, "x-twilio-signature": signature})
    assert client.post(f"/twilio/status/{other.pk}/", fields).status_code == 403
    assert client.post(f"/twilio/status/{message.pk}/", fields).status_code == 204


def test_an_email_is_not_reported_on_and_a_missing_row_is_no_error(queue: Queue, report: Report) -> None:
    mail = queue()
    assert report(mail, **text("delivered", sid=TEXT_SID)) == 204
    mail.refresh_from_db()
    assert mail.state == State.QUEUED
    gone = Message(pk=mail.pk + 1000)
    assert report(gone, **text("delivered", sid=TEXT_SID)) == 204


def test_words_of_twilio_that_are_new_change_nothing(code: Queue, report: Report) -> None:
    message = sent(code())
    assert report(message, **text("teleported", sid=message.provider_id)) == 204
    message.refresh_from_db()
    assert message.state == State.SENT
