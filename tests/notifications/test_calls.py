"""What a call says."""

from xml.etree import ElementTree as ET

import pytest

from notifications import delivery
from notifications.models import Channel, Lane, State
from practices.models import Practice, PracticeSettings
from tests.notifications import twilio_stand_in
from tests.notifications.conftest import PHONE, Queue
from tests.notifications.twilio_stand_in import Asked, TwilioStandIn

DIGITS = "0. 1. 2. 3. 4. 5."


def called(twilio: TwilioStandIn) -> Asked:
    delivery.drain(Lane.URGENT)
    [asked] = twilio.asked
    return asked


def test_the_code_is_said_three_times_digit_by_digit(code: Queue, twilio: TwilioStandIn) -> None:
    message = code(Channel.VOICE)
    call = called(twilio)
    assert (call.kind, call["To"], call["From"]) == ("Calls", PHONE, twilio_stand_in.VOICE)
    said = ET.fromstring(call["Twiml"])  # noqa: S314 - our own
    words = [say.text or "" for say in said.iter("Say")]
    assert [DIGITS in one for one in words] == [False, True, True, True, False]
    assert "O'Brien & Núñez, Family Practice" in words[0]
    assert "10 minutes" in words[-1]
    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.SENT, call.sid)


def test_no_key_is_listened_for_and_nothing_is_recorded(code: Queue, twilio: TwilioStandIn) -> None:
    code(Channel.VOICE)
    call = called(twilio)
    assert {one.tag for one in ET.fromstring(call["Twiml"]).iter()} == {"Response", "Say", "Pause"}  # noqa: S314
    assert {"Record", "Url", "MachineDetection"} & set(call.fields) == set()


@pytest.mark.parametrize(("language", "voice"), [("en", "en-US"), ("es", "es-MX")])
def test_the_voice_speaks_the_language_of_the_person(
    code: Queue, twilio: TwilioStandIn, practice: Practice, language: str, voice: str
) -> None:
    practice.languages = ["en", "es"]
    code(Channel.VOICE, language=language)
    said = ET.fromstring(called(twilio)["Twiml"])  # noqa: S314 - our own
    assert {say.get("language") for say in said.iter("Say")} == {voice}


def test_every_step_of_a_call_is_reported(code: Queue, twilio: TwilioStandIn, practice: Practice) -> None:
    message = code(Channel.VOICE)
    call = called(twilio)
    assert call["StatusCallback"] == practice.address(f"/twilio/status/{message.pk}/")
    assert call.fields["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]


def test_a_practice_may_call_from_its_own_number(code: Queue, twilio: TwilioStandIn, practice: Practice) -> None:
    PracticeSettings.objects.filter(practice=practice).update(voice_from="+12125550199")
    code(Channel.VOICE)
    assert called(twilio)["From"] == "+12125550199"
