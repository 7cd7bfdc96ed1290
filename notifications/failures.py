"""Why a message did not arrive: one table, each reason with what the patient is told and who may try again.

The codes are Twilio's (https://www.twilio.com/docs/api/errors), "call_…" is how a call ended, the rest are ours.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel

NO_ANSWER, UNREACHABLE = "no_answer", "unreachable"


class Again(Enum):
    """Who may send it again."""

    NEVER = "the same would come of it"
    ON_REQUEST = "whoever presses Send again"
    BY_ITSELF = "the worker, until the message expires: nothing had left, and it is not the number's fault"


@dataclass(frozen=True)
class Reason:
    """`offer_call`: the number may well take a call."""

    words: Promise
    again: Again
    offer_call: bool = False


WRONG_NUMBER = _("This number cannot be reached: a digit may be wrong. Check the number, or try another way.")
STOPPED = _(
    "This phone answered STOP to our texts, so we may not text it. Text START to the number that our texts came from, "
    "or let us call you instead."
)
NO_CONSENT = _("Nobody agreed to texts with reminders and notices for this phone, or somebody said no to them.")
NO_TEXTS = _("That number could not get a text: it may be a landline. Shall we call instead?")
OUT_OF_REACH = _(
    "The phone could not be reached. Check that it is switched on and has a signal, then send the code again, or let "
    "us call you instead."
)
NOT_KNOWN = _("The phone company does not know this number. Check the number, or let us call you instead.")
HELD_BACK = _("The phone company held our text back. Let us call you instead, or try another way.")
NOT_DELIVERED = _("The text could not be delivered. Send it again, or let us call you instead.")
MAY_HAVE_LEFT = _("We cannot tell whether it was sent. If nothing comes within a minute, send it again.")
NOT_NOW = _("We cannot send texts or call at the moment. Try another way.")
BUSY = _("The line was busy. Let us call again.")
NOBODY_THERE = _("Nobody answered our call. Let us call again.")
NO_CALL = _("We could not call this number. Check the number, or try another way.")
NO_EMAIL = _("The email could not be delivered. Check the address, or try another way.")

NOT_SURE = Reason(MAY_HAVE_LEFT, Again.ON_REQUEST, offer_call=True)  # whatever left us without an answer
NOTHING_LEFT = Reason(NOT_NOW, Again.BY_ITSELF)
PHONE_REASONS: dict[str, Reason] = {
    "twilio_21211": Reason(WRONG_NUMBER, Again.NEVER),  # no valid number
    "twilio_21217": Reason(WRONG_NUMBER, Again.NEVER),
    "twilio_13224": Reason(WRONG_NUMBER, Again.NEVER),  # the same, of a call
    "twilio_21610": Reason(STOPPED, Again.NEVER, offer_call=True),
    "stopped": Reason(STOPPED, Again.NEVER, offer_call=True),  # known before it was sent
    "no_consent": Reason(NO_CONSENT, Again.NEVER),  # the same: a reminder or notice, never a code
    "twilio_21612": Reason(NO_TEXTS, Again.NEVER, offer_call=True),  # no way to this number
    "twilio_21614": Reason(NO_TEXTS, Again.NEVER, offer_call=True),  # no mobile
    "fixed_line": Reason(NO_TEXTS, Again.NEVER, offer_call=True),  # known before it was sent
    "twilio_21408": Reason(NO_TEXTS, Again.NEVER, offer_call=True),  # a country that the installation does not text
    "twilio_30003": Reason(OUT_OF_REACH, Again.ON_REQUEST, offer_call=True),  # switched off, no signal
    "twilio_30004": Reason(HELD_BACK, Again.NEVER, offer_call=True),  # blocked
    "twilio_30005": Reason(NOT_KNOWN, Again.NEVER, offer_call=True),  # unknown, or no longer in service
    "twilio_30006": Reason(NO_TEXTS, Again.NEVER, offer_call=True),  # landline, or a carrier out of reach
    "twilio_30007": Reason(HELD_BACK, Again.NEVER, offer_call=True),  # filtered
    "twilio_30008": Reason(NOT_DELIVERED, Again.ON_REQUEST, offer_call=True),  # nobody says why
    "twilio_30034": Reason(HELD_BACK, Again.NEVER, offer_call=True),  # the sender is not registered (A2P 10DLC)
    "twilio_30036": Reason(NOT_DELIVERED, Again.ON_REQUEST, offer_call=True),  # ValidityPeriod was over
    "twilio_20003": NOTHING_LEFT,  # account, token
    "twilio_20005": NOTHING_LEFT,  # account suspended
    "twilio_20429": NOTHING_LEFT,  # too many requests
    "twilio_20503": NOTHING_LEFT,
    "twilio_21606": NOTHING_LEFT,  # the sender is not ours
    "twilio_21703": NOTHING_LEFT,  # the Messaging Service has no sender
    "twilio_21705": NOTHING_LEFT,  # there is no such Messaging Service
    "twilio_21611": NOTHING_LEFT,  # the sender's queue is full
    "twilio_429": NOTHING_LEFT,
    "twilio_503": NOTHING_LEFT,
    UNREACHABLE: NOTHING_LEFT,  # no connection
    "no_provider": Reason(NOT_NOW, Again.NEVER),
    "call_busy": Reason(BUSY, Again.ON_REQUEST, offer_call=True),
    "call_no-answer": Reason(NOBODY_THERE, Again.ON_REQUEST, offer_call=True),
    "call_failed": Reason(NO_CALL, Again.ON_REQUEST),
    "call_canceled": Reason(NO_CALL, Again.ON_REQUEST),
}
OTHER_PHONE = Reason(NOT_DELIVERED, Again.ON_REQUEST, offer_call=True)
OTHER = {
    Channel.EMAIL: Reason(NO_EMAIL, Again.ON_REQUEST),
    Channel.SMS: OTHER_PHONE,
    Channel.VOICE: Reason(NO_CALL, Again.ON_REQUEST),
}


def reason(channel: Channel, failure: str) -> Reason:
    """Look up why; a code that the table does not have is told in general words."""
    if channel == Channel.EMAIL:
        return OTHER[channel]
    return PHONE_REASONS.get(failure, OTHER[channel])
