"""How a message fares, for the page of whoever waits for it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from notifications import failures
from notifications.models import OPEN, Channel, Message, State


@dataclass(frozen=True)
class Progress:
    """`words` is what to tell the person, "" while all is well. `again`: sending it again could help."""

    state: State
    words: str = ""
    offer_call: bool = False
    again: bool = True


NOTHING = Progress(State.UNKNOWN)


def of(message_id: int | None) -> Progress:
    """Look up what became of a message; NOTHING where there is none."""
    if message_id is None:
        return NOTHING
    row = Message.objects.filter(pk=message_id).values_list("channel", "state", "failure").first()
    return told(Channel(row[0]), State(row[1]), row[2]) if row else NOTHING


def told(channel: Channel, state: State, failure: str) -> Progress:
    """Put a state into words: a decision over values."""
    if state in {State.SENT, State.DELIVERED}:
        return Progress(state)
    if state in OPEN:
        return Progress(state, _("It could not be sent yet. We keep trying.") if failure else "")
    if state == State.EXPIRED:
        return Progress(state, _("It could not be sent in time. Send a new one, or try another way."))
    reason = failures.NOT_SURE if state == State.UNKNOWN else failures.reason(channel, failure)
    offer_call = reason.offer_call and channel != Channel.EMAIL
    return Progress(state, str(reason.words), offer_call, reason.again is not failures.Again.NEVER)
