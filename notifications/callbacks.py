"""What Twilio tells us: how texts and calls fare, and what people text back. Each request is signed (HMAC-SHA-1).

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from guard.audience import provider_only
from notifications import optout, reports
from notifications.models import State
from practices.current import PracticeRequest

NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'  # TwiML: nothing is texted back
CODE_LENGTH = 12  # of an error code; Twilio's have five digits

View = Callable[..., HttpResponse]


def signed_by_twilio(view: View) -> View:
    """Refuse what our account's token did not sign: the address as we gave it to Twilio, and every field."""

    @wraps(view)
    def checked(request: PracticeRequest, *args: object, **kwargs: object) -> HttpResponse:
        address = request.practice.address(request.get_full_path())
        signature = request.headers.get("X-Twilio-Signature", "")
        token = settings.TWILIO_AUTH_TOKEN
        if not token or not RequestValidator(token).validate(address, request.POST, signature):
            return HttpResponse("This is not signed.\n", status=403, content_type="text/plain")
        return view(request, *args, **kwargs)

    return checked


@provider_only
@csrf_exempt
@never_cache
@require_POST
@signed_by_twilio
def status(request: HttpRequest, message: int) -> HttpResponse:
    """How a text or a call fares. What we do not know is taken and dropped: Twilio could do nothing about it."""
    if text := request.POST.get("MessageSid", ""):
        state, code = reports.TEXT_STATES.get(request.POST.get("MessageStatus", "")), request.POST.get("ErrorCode")
        failure = f"twilio_{code[:CODE_LENGTH]}" if code else ""
    else:
        ended = request.POST.get("CallStatus", "")
        state, failure = reports.CALL_STATES.get(ended), f"call_{ended}"
    sid = text or request.POST.get("CallSid", "")
    if state and sid:
        is_bad = state in {State.FAILED, State.UNDELIVERED}
        reports.note(message, provider_id=sid[:40], reported=state, failure=failure if is_bad else "")
    return HttpResponse(status=204)


@provider_only
@csrf_exempt
@never_cache
@require_POST
@signed_by_twilio
def incoming(request: HttpRequest) -> HttpResponse:
    """What a phone texted to one of our senders: STOP and START are heard, all else is read by nobody."""
    sender = request.POST.get("MessagingServiceSid") or request.POST.get("To", "")
    number = request.POST.get("From", "")
    if sender and number:
        kind = request.POST.get("OptOutType", "")
        optout.heard(number[:16], sender[:40], said=request.POST.get("Body", ""), kind=kind)
    return HttpResponse(NO_ANSWER, content_type="text/xml")
