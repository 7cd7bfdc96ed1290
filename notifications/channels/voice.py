"""Calls, through Twilio: the words are said, nothing is asked and no key is listened for."""

from twilio.twiml.voice_response import VoiceResponse

from notifications import senders
from notifications.channels import Receipt
from notifications.channels.sms import callback
from notifications.channels.twilio_api import Twilio, ask
from notifications.models import Message
from notifications.words import Words

RINGS_FOR = 30  # seconds: time to reach the phone, and most answering machines begin later
LONGEST = 120  # seconds a call may take
EVENTS = ["initiated", "ringing", "answered", "completed"]
VOICES = {"en": "en-US", "es": "es-MX"}


class Calls(Twilio):
    def send(self, message: Message, words: Words) -> Receipt:
        """Have Twilio call; the words go along, so that no code is ever asked for over the network."""
        taken = ask(
            lambda client: client.calls.create(
                to=message.to,
                from_=senders.of_call(message),
                twiml=said(words, message.language),
                timeout=RINGS_FOR,
                time_limit=LONGEST,
                status_callback=callback(message),
                status_callback_event=EVENTS,
                status_callback_method="POST",
            )
        )
        return Receipt(provider_id=taken.sid or "")


def said(words: Words, language: str) -> str:
    """Each paragraph by itself, with a pause behind it, as TwiML."""
    response = VoiceResponse()
    response.pause(length=1)
    for paragraph in words.text.split("\n\n"):
        response.say(" ".join(paragraph.split()), language=VOICES[language])
        response.pause(length=1)
    return str(response)
