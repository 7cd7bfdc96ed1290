"""Why a message did not arrive, and what to do about it, in words for the desk: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from notifications import trouble
from notifications.models import Channel, State
from notifications.trouble import Trouble
from staff.outreach import kinds

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from notifications.models import Message


class Why(NamedTuple):
    """`says` what happened; `to_do` is the next step, "" where there is none."""

    says: StrOrPromise
    to_do: StrOrPromise = ""


WHY: dict[Trouble, Why] = {
    Trouble.BOUNCED: Why(
        _("The mail server refused the address: there is no such mailbox, or it takes no mail from us."),
        _("Ask the patient for the right email, and correct it on the chart."),
    ),
    Trouble.MAILBOX_FULL: Why(
        _("The mailbox is full."), _("Ask the patient to make room, or for another email. Then send it again.")
    ),
    Trouble.LANDLINE: Why(
        _("The number cannot get texts: it is a landline, or its phone company takes none from us."),
        _("The patient chooses “Call me”. If there is a mobile too, add it to the chart."),
    ),
    Trouble.WRONG_NUMBER: Why(
        _("There is no such number, or it is no longer in service."),
        _("Ask the patient for the right number, and correct it on the chart."),
    ),
    Trouble.STOPPED: Why(
        _("The phone answered STOP to our texts, so we may not text it."),
        _("Only the phone itself can undo it: ask the patient to text START to the number that our texts came from. "
          "Until then the patient chooses “Call me”."),
    ),
    Trouble.NO_CONSENT: Why(
        _("Nobody agreed to texts with reminders and notices for this phone, or somebody said no to them."),
        _("Nothing: the same went out by email where there is one. Texts are agreed to under Settings, My agreements."),
    ),
    Trouble.OUT_OF_REACH: Why(
        _("The phone was off, had no signal, was busy, or nobody answered."),
        _("Ask the patient to switch the phone on and to press Send again."),
    ),
    Trouble.HELD_BACK: Why(
        _("The phone company held the text back."),
        _("The patient chooses “Call me”. If it happens often, tell whoever runs the portal: the sender may not be "
          "registered."),
    ),
    Trouble.NOT_DELIVERED: Why(
        _("The phone company did not deliver it, and does not say why."),
        _("Ask the patient to press Send again, or to choose “Call me”."),
    ),
    Trouble.OURS: Why(
        _("Our mail server or phone provider did not take it. The address is not at fault."),
        _("If there are many of these, tell whoever runs the portal. Then send it again."),
    ),
    Trouble.LATE: Why(_("It was no longer good before it could be sent."), _("Send a new one.")),
    Trouble.UNSURE: Why(
        _("It was handed over, and no answer came back: it may have arrived. It is not sent twice by itself."),
        _("Ask the patient whether it came."),
    ),
    Trouble.TRYING: Why(_("It could not be sent yet. It is tried again by itself."), ""),
}  # fmt: skip
OF_STATES: dict[State, Why] = {
    State.QUEUED: Why(_("It waits for its turn.")),
    State.SENDING: Why(_("It is being sent at this moment.")),
    State.DELIVERED: Why(_("It arrived.")),
}
TAKEN = {
    Channel.EMAIL: Why(
        _("The mail server took it. Whether it was read, nobody tells us."),
        _("If the patient has nothing: ask to look into the spam or junk folder, and compare the email on the chart."),
    ),
    Channel.SMS: Why(_("The phone company took it. It has not said yet whether it arrived.")),
    Channel.VOICE: Why(_("The phone company took the call. It has not said yet how it ended.")),
}


def of(message: Message) -> Why:
    """What became of a message, and what to do."""
    channel, state = Channel(message.channel), State(message.state)
    found = trouble.of(channel, state, message.failure)
    if found is None:
        return TAKEN[channel] if state == State.SENT else OF_STATES[state]
    why = WHY[found]
    if message.notice in kinds.WARNINGS and found not in {Trouble.NO_CONSENT, Trouble.TRYING}:
        return Why(why.says, _("It told of a change that the patient may have to stop: call them and tell them."))
    if message.notice == "code" and found in {Trouble.OURS, Trouble.LATE, Trouble.UNSURE}:
        return Why(why.says, _("Codes are good for ten minutes: the patient presses Send again."))
    return why
