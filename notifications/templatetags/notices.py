"""For the texts of notices, whose context is kept as JSON."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def moment(iso: str) -> datetime:
    """Turn an ISO 8601 moment of the context into what `|date` takes: `{{ at|moment|date:"DATETIME_FORMAT" }}`."""
    return datetime.fromisoformat(iso)


@register.filter
def spoken(digits: str) -> str:
    """Put a full stop behind each digit, so that a voice reads them one by one: "1. 2. 3."."""
    return " ".join(f"{digit}." for digit in digits)
