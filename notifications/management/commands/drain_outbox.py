"""Sends what is due, here and now: for a machine without workers, and to see whether email works at all."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from notifications import hands
from notifications.models import OPEN, Lane, Message, State

SHOWN = {
    "sent": (State.SENT, State.DELIVERED),
    "failed": (State.FAILED, State.UNDELIVERED),
    "expired": (State.EXPIRED,),
    "unknown": (State.UNKNOWN,),
}


class Command(BaseCommand):
    help = "Send every message that is due, in this process, and print how many came to which state."

    def handle(self, *args: object, **options: object) -> None:  # noqa: ARG002 - Django's signature
        done: Counter[State] = Counter()
        for lane in Lane:
            done += hands.empty(lane)  # where its provider is down, that is one message, which waits again
        waiting = Message.objects.filter(state__in=OPEN).count()
        self.stdout.write(
            ", ".join(f"{name}: {sum(done[state] for state in states)}" for name, states in SHOWN.items())
        )
        self.stdout.write(f"still waiting: {waiting}")
        if any(done[state] for state in (*SHOWN["failed"], *SHOWN["unknown"], State.QUEUED)):
            raise CommandError(_what_is_wrong())


def _what_is_wrong() -> str:
    recent = Message.objects.exclude(failure="")
    codes = sorted(set(recent.values_list("failure", flat=True)[:1000]))
    return f"Some messages were not sent: {', '.join(codes)}. See EMAIL_URL, TWILIO_… and the log."
