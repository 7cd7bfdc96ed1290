"""What a provider reports of a text or a call after it took it: late, twice, in any order, and now and then first."""

import logging

from django.db import transaction
from django.db.models.functions import Now

from notifications.models import PHONE, Message, State

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
TEXT_STATES = {
    "accepted": State.SENT,
    "scheduled": State.SENT,
    "queued": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
# https://www.twilio.com/docs/voice/api/call-resource#call-status-values; answered is as good as heard.
CALL_STATES = {
    "queued": State.SENT,
    "initiated": State.SENT,
    "ringing": State.SENT,
    "in-progress": State.DELIVERED,
    "completed": State.DELIVERED,
    "busy": State.UNDELIVERED,
    "no-answer": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
# Whatever comes later counts more, in whatever order it is heard.
RANKS = (
    State.QUEUED,
    State.SENDING,
    State.EXPIRED,
    State.UNKNOWN,
    State.SENT,
    State.FAILED,
    State.UNDELIVERED,
    State.DELIVERED,
)

logger = logging.getLogger(__name__)


def merged(now: State, reported: State) -> State:
    """The state of a message after a report: the order of reports makes no difference, nor does hearing one twice."""
    return max(now, reported, key=RANKS.index)


@transaction.atomic
def note(message_id: int, *, provider_id: str, reported: State, failure: str = "") -> None:
    """Write a report down. One about a row that is gone, or about another text or call than the row's, is dropped."""
    message = Message.objects.select_for_update(of=("self",)).filter(pk=message_id, channel__in=PHONE).first()
    if message is None or message.provider_id not in {"", provider_id}:
        return
    state = merged(State(message.state), reported)
    is_new = state != message.state
    message.provider_id = provider_id
    if is_new:
        message.state, message.failure, message.context_sealed = state, failure, None
        message.sent_at = message.sent_at or (Now() if state in {State.SENT, State.DELIVERED} else None)
    message.save(update_fields=["provider_id", "state", "failure", "context_sealed", "sent_at"])
    logger.info("message reported on", extra={"message_id": message_id, "state": str(state), "failure": failure})
