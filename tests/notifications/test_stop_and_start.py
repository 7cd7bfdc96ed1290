"""A person texts STOP, START, or anything else, back to a sender."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from audit.events import Event
from audit.models import AuditEvent
from notifications import delivery, failures, optout, progress
from notifications.models import Channel, Lane, OptOut, State
from practices import current
from practices.models import Practice
from tests.notifications import twilio_stand_in
from tests.notifications.conftest import PHONE, Queue, make_practice, queue_code
from tests.notifications.twilio_stand_in import BULK, CODES, TwilioStandIn

Say = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("twilio")


@pytest.fixture
def say(practice: Practice) -> Say:
    """Texts something to a sender."""
    current.forget()
    client = Client(enforce_csrf_checks=True, headers={"host": practice.host})

    def text(body: str, *, token: str = twilio_stand_in.TOKEN, **more: str) -> Any:
        fields = {"From": PHONE, "To": "+12125550100", "MessagingServiceSid": CODES, "Body": body, **more}
        address = practice.address("/twilio/incoming/")
        signature = RequestValidator(token).compute_signature(address, fields)
        return client.post("/twilio/incoming/", fields, headers={"x-twilio-signature": signature})

    return text


@pytest.mark.parametrize("word", [*sorted(optout.STOP), "stop", " Stop. ", "STOP!", "alto", "¡Alto!", "Opt-out"])
def test_stop_and_its_kin_stop_texts(say: Say, word: str) -> None:
    answer = say(word)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert b"Message" not in answer.content  # Twilio answers by itself
    assert optout.is_stopped(PHONE, CODES)


@pytest.mark.parametrize("word", [*sorted(optout.START), "start", "Sí"])
def test_start_and_its_kin_undo_it(say: Say, word: str) -> None:
    say("STOP")
    say(word)
    assert not optout.is_stopped(PHONE, CODES)


@pytest.mark.parametrize("words", ["HELP", "INFO", "ayuda", "please stop by tomorrow", "", "012345", "\x01" * 2000])
def test_help_and_all_else_change_nothing(say: Say, words: str) -> None:
    assert say(words).status_code == 200
    assert not optout.is_stopped(PHONE, CODES)
    say("STOP")
    say(words)
    assert optout.is_stopped(PHONE, CODES)


def test_twilios_own_reading_goes_first(say: Say) -> None:
    say("Arrêt", OptOutType="STOP")
    assert optout.is_stopped(PHONE, CODES)
    say("STOP", OptOutType="HELP")
    say("anything", OptOutType="START")
    assert not optout.is_stopped(PHONE, CODES)


def test_saying_it_twice_is_as_good_as_once_and_is_put_on_the_trail_once(say: Say) -> None:
    for word in ("STOP", "STOP", "START", "START"):
        say(word)
    trail = AuditEvent.objects.filter(event__in=[Event.TEXTS_STOPPED, Event.TEXTS_STARTED]).order_by("pk")
    assert list(trail.values_list("event", flat=True)) == [Event.TEXTS_STOPPED, Event.TEXTS_STARTED]
    assert PHONE not in str(list(trail.values()))


def test_a_phone_that_said_stop_gets_no_text_and_the_page_says_how_to_undo_it(
    say: Say, code: Queue, twilio: TwilioStandIn
) -> None:
    say("STOP")
    message = code()
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure, twilio.asked) == (State.FAILED, "stopped", [])
    told = progress.of(message.pk)
    assert told.words == str(failures.STOPPED)
    assert "START" in told.words
    assert told.offer_call


def test_it_still_gets_calls(say: Say, code: Queue, twilio: TwilioStandIn) -> None:
    say("STOP")
    code(Channel.VOICE)
    delivery.drain(Lane.URGENT)
    assert [asked.kind for asked in twilio.asked] == ["Calls"]


def test_a_sender_that_practices_share_counts_for_all_of_them(say: Say, twilio: TwilioStandIn) -> None:
    say("STOP")
    queue_code(make_practice(name="Another practice"))
    delivery.drain(Lane.URGENT)
    assert twilio.asked == []


def test_another_sender_and_another_phone_are_not_concerned(say: Say, code: Queue, twilio: TwilioStandIn) -> None:
    say("STOP", MessagingServiceSid=BULK)
    code()
    delivery.drain(Lane.URGENT)
    say("STOP")
    code(to="+12125550143")
    delivery.drain(Lane.URGENT)
    assert [asked["To"] for asked in twilio.asked] == [PHONE, "+12125550143"]


def test_a_number_without_a_service_is_a_sender_too(say: Say) -> None:
    say("STOP", MessagingServiceSid="")
    assert OptOut.objects.get(number=PHONE).sender == "+12125550100"


def test_what_twilio_did_not_sign_stops_nothing(say: Say) -> None:
    assert say("STOP", token="somebody else's").status_code == 403
    assert not OptOut.objects.exists()
