"""Who a text or a call comes from: the practice's own sender, or the installation's, which its practices share."""

from django.conf import settings

from notifications.models import Lane, Message
from practices.models import Practice


def of_text(message: Message) -> str:
    """The Messaging Service of a message's lane: what is urgent, and codes are, never stands behind bulk."""
    return of_codes(message.practice) if message.lane == Lane.URGENT else of_bulk(message.practice)


def of_codes(practice: Practice) -> str:
    sid: str = practice.settings.codes_service_sid or settings.TWILIO_CODES_SERVICE_SID
    return sid


def of_bulk(practice: Practice) -> str:
    sid: str = practice.settings.bulk_service_sid or settings.TWILIO_BULK_SERVICE_SID
    return sid


def of_call(message: Message) -> str:
    """The number that rings (E.164)."""
    number: str = message.practice.settings.voice_from or settings.TWILIO_VOICE_FROM
    return number
