"""What a text looks like to Twilio."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from notifications import delivery, outbox
from notifications.models import Channel, Lane, Message, State
from practices.models import Practice, PracticeSettings
from tests.notifications import twilio_description, twilio_stand_in
from tests.notifications.conftest import CODE, PHONE, Queue
from tests.notifications.twilio_stand_in import Asked, TwilioStandIn


def sent(twilio: TwilioStandIn) -> Asked:
    delivery.drain(Lane.URGENT)
    [asked] = twilio.asked
    return asked


def test_a_code_leaves_by_the_service_for_codes_and_not_later_than_it_is_good(
    code: Queue, twilio: TwilioStandIn, practice: Practice
) -> None:
    message = code()
    text = sent(twilio)
    assert (text.kind, text["To"], text["MessagingServiceSid"]) == ("Messages", PHONE, twilio_stand_in.CODES)
    assert 590 <= int(text["ValidityPeriod"]) <= 600
    assert text["StatusCallback"] == practice.address(f"/twilio/status/{message.pk}/")
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.context_sealed) == (State.SENT, text.sid, None)
    assert message.sent_at


def test_the_words_are_the_practices_and_the_last_line_binds_the_code_to_its_host(
    code: Queue, twilio: TwilioStandIn, practice: Practice
) -> None:
    code()
    lines = sent(twilio)["Body"].splitlines()
    assert lines[0] == (
        f"O'Brien & Núñez, Family Practice: your code is {CODE}. It expires in 10 minutes. Give it to nobody."
    )
    assert lines[1:] == ["", f"@{practice.host} #{CODE}"]
    assert not re.search(r"https?://", "\n".join(lines))


def test_the_words_are_in_the_language_of_the_person(code: Queue, twilio: TwilioStandIn, practice: Practice) -> None:
    practice.languages = ["en", "es"]
    message = code(language="es")
    assert message.language == "es"
    assert CODE in sent(twilio)["Body"]


def test_time_spent_waiting_is_taken_off_what_twilio_may_take(code: Queue, twilio: TwilioStandIn) -> None:
    code(expires_at=timezone.now() + timedelta(seconds=61))
    assert 50 <= int(sent(twilio)["ValidityPeriod"]) <= 61


@pytest.mark.parametrize("left", [-1, 0, 3])
def test_a_code_that_expired_while_it_waited_is_not_sent(code: Queue, twilio: TwilioStandIn, left: int) -> None:
    message = code(expires_at=timezone.now() + timedelta(seconds=left))
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.context_sealed, twilio.asked) == (State.EXPIRED, None, [])


def test_bulk_never_leaves_by_the_service_for_codes(code: Queue, twilio: TwilioStandIn) -> None:
    code(lane=Lane.BULK, expires_at=None)
    delivery.drain(Lane.BULK)
    [text] = twilio.asked
    assert text["MessagingServiceSid"] == twilio_stand_in.BULK
    assert int(text["ValidityPeriod"]) <= 36_000


def test_a_practice_may_have_senders_of_its_own(code: Queue, twilio: TwilioStandIn, practice: Practice) -> None:
    own = "MG" + "a" * 32
    PracticeSettings.objects.filter(practice=practice).update(codes_service_sid=own)
    code()
    assert sent(twilio)["MessagingServiceSid"] == own


def test_a_batch_takes_one_connection(code: Queue, twilio: TwilioStandIn) -> None:
    for _ in range(3):
        code()
    assert delivery.drain(Lane.URGENT) == 3
    assert (len(twilio.asked), twilio.connections) == (3, 1)


def test_a_text_without_a_provider_says_so(code: Queue, settings: object) -> None:
    settings.CAPTURES_PHONE = False  # type: ignore[attr-defined]
    message = code()
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.FAILED, "no_provider")


@pytest.mark.skipif(not twilio_description.is_there(), reason="Twilio's description is not at hand")
@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"Body": ["x"]}, "To is missing"),
        ({"To": ["+12125550142"], "Bodi": ["x"]}, "Bodi is not a field"),
        ({"To": ["212 555 0142"]}, "To is no number"),
        ({"To": ["+12125550142"], "ValidityPeriod": ["ten"]}, "ValidityPeriod is no whole number"),
        ({"To": ["+12125550142"], "MessagingServiceSid": ["MG1"]}, "MessagingServiceSid has not its pattern"),
        ({"To": ["+12125550142"], "SmartEncoded": ["True"]}, "SmartEncoded is neither true nor false"),
        ({"To": ["+12125550142", "+12125550143"]}, "To comes 2 times"),
        ({"To": ["+12125550142"], "StatusCallback": ["/twilio/"]}, "StatusCallback is no address"),
    ],
)
def test_the_stand_in_refuses_what_twilio_would(fields: dict[str, list[str]], fault: str) -> None:
    path = f"/2010-04-01/Accounts/{twilio_stand_in.ACCOUNT}/Messages.json"
    assert fault in twilio_description.faults(path, fields)


def test_no_message_is_written_down_as_sent_before_it_left(code: Queue, twilio: TwilioStandIn) -> None:
    message = code()
    [leased] = delivery.lease(Lane.URGENT)
    Message.objects.filter(pk=message.pk).update(tries=2)  # another worker has it by now
    delivery.send_batch([leased])
    assert twilio.asked == []


def test_a_notice_without_a_consent_does_not_reach_twilio(twilio: TwilioStandIn, practice: Practice) -> None:
    with transaction.atomic():
        message = outbox.queue("texting_on", practice=practice, to=PHONE, channel=Channel.SMS, context={})
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure, twilio.asked) == (State.FAILED, "no_consent", [])
