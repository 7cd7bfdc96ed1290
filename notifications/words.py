"""Puts a message into words: its folder of templates/notices/, its sealed context, its practice, its language."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone, translation

from guard import secrets
from notifications.models import Channel, Message

ONE_TEXT = {Channel.SMS: "sms.txt", Channel.VOICE: "voice.txt"}


@dataclass(frozen=True)
class Words:
    """A text and a call are `text` alone; each paragraph of a call is said by itself."""

    subject: str  # one line
    text: str
    html: str


def render(message: Message) -> Words:
    """Render the texts of a message; raises what templates raise, and CannotUnsealError."""
    practice = message.practice
    context = secrets.unseal(bytes(message.context_sealed or b"")) | {"practice": practice}
    channel = Channel(message.channel)
    return render_notice(message.notice, context, language=message.language, zone=practice.time_zone, channel=channel)


def render_notice(
    notice: str, context: dict[str, Any], *, language: str, zone: str = "UTC", channel: Channel = Channel.EMAIL
) -> Words:
    """Render the texts of a notice for a channel, times as the clocks of its practice show them."""
    context = {"host": settings.PORTAL_BASE_HOST, "language": language} | context
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        if channel in ONE_TEXT:
            return Words(subject="", text=_render(notice, ONE_TEXT[channel], context).strip(), html="")
        return Words(
            subject=" ".join(_render(notice, "subject.txt", context).split()),
            text=_render(notice, "body.txt", context).strip() + "\n",
            html=_render(notice, "body.html", context),
        )


def _render(notice: str, part: str, context: dict[str, Any]) -> str:
    """Only HTML is escaped: in plain text O'Brien keeps his apostrophe."""
    template = Engine.get_default().get_template(f"notices/{notice}/{part}")
    return template.render(Context(context, autoescape=part.endswith(".html")))
