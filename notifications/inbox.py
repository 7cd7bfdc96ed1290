"""The demo's inbox: every message that was "sent", as a page and as JSON. It does not exist outside the demo."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from guard.audience import demo_only
from notifications import optout, senders
from notifications.channels.capture import AT_ONCE, REPORTED
from notifications.failures import reason
from notifications.models import CapturedMessage, Channel

AT_MOST = 100


@demo_only
@require_safe
@never_cache
@vary_on_headers("Accept")
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first, of all practices; `?to=` asks for one recipient."""
    to = _recipient(request.GET.get("to", ""))
    messages = CapturedMessage.objects.select_related("practice").order_by("-pk")
    if to:
        messages = messages.filter(to__iexact=to)
    newest = list(messages[:AT_MOST])
    if _wants_json(request):
        return JsonResponse([_as_json(message) for message in newest], safe=False)
    context = {"inbox": newest, "to": to, "at_most": AT_MOST, "fates": fates()}
    return render(request, "notifications/inbox.html", context)


def fates() -> dict[str, Promise]:
    """What a patient is told whose number ends in one of the codes that texts meet with here."""
    return {code: reason(Channel.SMS, f"twilio_{code}").words for code in (*AT_ONCE, *REPORTED)}


def _recipient(typed: str) -> str:
    """What `?to=` asks for, where a "+" that was typed as it is has come as a space."""
    words = typed.replace("\x00", "").strip()
    sign = "+" if typed.startswith(" ") and words.isdecimal() else ""
    return sign + words.replace(" ", "+")


@demo_only
@require_POST
@never_cache
def answer(request: HttpRequest, message: int) -> HttpResponse:
    """Text back, as the phone that got a text would: **STOP** or **START**."""
    text = get_object_or_404(CapturedMessage, pk=message, channel=Channel.SMS)
    optout.heard(text.to, senders.of_codes(text.practice), said=request.POST.get("word", ""))
    return redirect("inbox")


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _as_json(message: CapturedMessage) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "body": message.body,
        "links": message.links,
        "state": message.state,
        "practice": message.practice.slug,
        "sent_at": message.created_at.isoformat(),
    }
