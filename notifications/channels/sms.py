"""Texts, through a Twilio Messaging Service: codes leave by one that bulk never uses."""

from django.urls import reverse
from django.utils import timezone

from notifications import lines, optout, senders, texting
from notifications.channels import NotSent, Receipt
from notifications.channels.twilio_api import Twilio, ask
from notifications.models import Message
from notifications.words import Words
from practices.phones import Kind

LONGEST_QUEUED = 14_400  # seconds; of what has no end of its own
NO_MOBILE = "twilio_21614"


class Texts(Twilio):
    def send(self, message: Message, words: Words) -> Receipt:
        """Hand a text to Twilio. It leaves Twilio's queue while the message is good, or never."""
        sender = senders.of_text(message)
        if refused := texting.refusal(message, sender):
            raise NotSent(refused, again=False)
        validity, address = _seconds_left(message), callback(message)
        try:
            taken = ask(
                lambda client: client.messages.create(
                    to=message.to,
                    messaging_service_sid=sender,
                    body=words.text,
                    validity_period=validity,
                    smart_encoded=True,  # a curly apostrophe makes two texts of one
                    status_callback=address,
                )
            )
        except NotSent as refusal:
            _learn(message, sender, refusal.code)
            raise
        return Receipt(provider_id=taken.sid or "")


def callback(message: Message) -> str:
    """Where Twilio reports what became of a message: at its practice, with the row's id."""
    return message.practice.address(reverse("twilio_status", args=[message.pk]))


def _seconds_left(message: Message) -> int:
    if message.expires_at is None:
        return LONGEST_QUEUED
    left = int((message.expires_at - timezone.now()).total_seconds())
    return max(1, min(left, LONGEST_QUEUED))


def _learn(message: Message, sender: str, code: str) -> None:
    """Remember what Twilio knows of a number, so that the next text to it is refused before it is sent."""
    if code == optout.TWILIO_CODE:
        optout.stop(message.to, sender)
    elif code == NO_MOBILE:
        lines.learn(message.to, Kind.FIXED)
