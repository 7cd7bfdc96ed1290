"""What kind of line a phone number is: as it tells itself, as learnt before, or as Twilio Lookup says, where asked."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from notifications.channels import MayHaveLeft, NotSent
from notifications.models import PhoneLine
from practices import phones
from practices.phones import Kind

WAITS = 2.0  # seconds that a page waits for Lookup
GOOD_FOR = timedelta(days=90)  # numbers move between lines and mobiles
# https://www.twilio.com/docs/lookup/v2-api/line-type-intelligence; a text to a VoIP number often arrives.
LOOKED_UP = {"mobile": Kind.MOBILE, "landline": Kind.FIXED, "premium": Kind.PREMIUM, "sharedCost": Kind.PREMIUM}


def kind(number: str) -> Kind:
    """The kind of a number (E.164); UNKNOWN where nothing tells: then the delivery report will.

    It may ask Twilio (with a time-out), so call it outside transactions.
    """
    told = phones.kind(number)
    if told is not Kind.UNKNOWN:
        return told
    learnt = PhoneLine.objects.filter(number=number, learnt_at__gt=timezone.now() - GOOD_FOR).first()
    if learnt:
        return Kind(learnt.kind)
    return _look_up(number) if settings.TWILIO_LOOKUP and settings.TWILIO_ACCOUNT_SID else Kind.UNKNOWN


def takes_texts(number: str) -> bool:
    """Whether a text may be tried: a landline is told of before anything is sent (docs/flows.md D)."""
    return kind(number) not in {Kind.FIXED, Kind.PREMIUM}


def takes_calls(number: str) -> bool:
    """Whether a call may be tried: not to a number that pays its owner for each."""
    return kind(number) is not Kind.PREMIUM


def learn(number: str, found: Kind) -> None:
    """Remember the kind of a number."""
    PhoneLine.objects.update_or_create(number=number, defaults={"kind": found})


def purge() -> int:
    """Delete what is too old to count; returns how many."""
    deleted, _ = PhoneLine.objects.filter(learnt_at__lt=timezone.now() - GOOD_FOR).delete()
    return deleted


def _look_up(number: str) -> Kind:
    """Ask Twilio Lookup; what it does not know, or does not answer in time, stays UNKNOWN."""
    from notifications.channels.twilio_api import ask

    fields = "line_type_intelligence"
    try:
        answer = ask(lambda client: client.lookups.v2.phone_numbers(number).fetch(fields=fields), timeout=WAITS)
    except (NotSent, MayHaveLeft):
        return Kind.UNKNOWN
    found = LOOKED_UP.get((answer.line_type_intelligence or {}).get("type") or "", Kind.UNKNOWN)
    learn(number, found)
    return found
