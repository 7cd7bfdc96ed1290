"""Puts a message into words: its folder of templates/notices/, its sealed context, its practice, its language."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone, translation

from guard import secrets
from notifications.models import Message


@dataclass(frozen=True)
class Words:
    subject: str  # one line
    text: str
    html: str


def render(message: Message) -> Words:
    """Render the texts of a message; raises what templates raise, and CannotUnsealError."""
    context = secrets.unseal(bytes(message.context_sealed or b"")) | {"practice": message.practice}
    return render_notice(message.notice, context, language=message.language, zone=message.practice.time_zone)


def render_notice(notice: str, context: dict[str, Any], *, language: str, zone: str = "UTC") -> Words:
    """Render the three texts of a notice, times as the clocks of its practice show them."""
    context = {"host": settings.PORTAL_BASE_HOST, "language": language} | context
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        return Words(
            subject=" ".join(_render(notice, "subject.txt", context).split()),
            text=_render(notice, "body.txt", context).strip() + "\n",
            html=_render(notice, "body.html", context),
        )


def _render(notice: str, part: str, context: dict[str, Any]) -> str:
    """Only HTML is escaped: in plain text O'Brien keeps his apostrophe."""
    template = Engine.get_default().get_template(f"notices/{notice}/{part}")
    return template.render(Context(context, autoescape=part.endswith(".html")))
