"""The page where a code is typed: where it went, how long it is good, what became of it, and the ways out.

A flow has three small views: the page itself (GET shows, POST answers), another that sends again (POST), and one for
the script that asks what became of the message (GET, JSON).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from guard import limits
from notifications import progress
from verification import codes, methods
from verification.forms import CodeForm
from verification.models import Channel, Purpose
from verification.tries import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from verification.models import Challenge
    from verification.tries import Answer

TEMPLATE = "verification/code.html"
OFFER_CALL_AFTER = timedelta(seconds=30)  # docs/flows.md D: a text not delivered by then offers a call
CHECK_AFTER = timedelta(minutes=5)
EXPIRED = gettext_noop("This code has expired. Send a new one.")
STATUS = {Outcome.LOCKED: 429, Outcome.DESK: 429}


@dataclass(frozen=True)
class CodePage:
    """What a page of codes is for; the addresses are of the flow's own views.

    `state`: GET, JSON. `again` and `call`: POST, send the code again, or by a call. `other`: **Try another way**;
    `change`: where the number is typed anew. "" where there is none. `context` goes to the template.
    """

    account: AbstractBaseUser
    purpose: Purpose
    state: str
    again: str
    about: str = ""
    call: str = ""
    other: str = ""
    change: str = ""
    template: str = TEMPLATE
    context: dict[str, Any] = field(default_factory=dict)

    def challenge(self, request: PracticeRequest) -> Challenge | None:
        """The code that this browser waits for."""
        return codes.current(account=self.account, purpose=self.purpose, request=request, about=self.about)


def answer(request: PracticeRequest, page: CodePage) -> Answer | None:
    """What came of the code in the POST; None where it was not six digits, which costs no try."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return None
    typed = form.cleaned_data["code"]
    return codes.check(account=page.account, purpose=page.purpose, typed=typed, request=request, about=page.about)


def show(request: PracticeRequest, page: CodePage, given: Answer | None = None) -> HttpResponse:
    """The page; after a POST with what was wrong about it. 400 where it was refused, 429 where it was not looked at."""
    is_answer = request.method == "POST"
    form = CodeForm(request.POST if is_answer else None)
    if given:
        form.add_error("code", refusal(given))
    challenge = page.challenge(request)
    context = {**page.context, "form": form, "page": page, "challenge": challenge, **_told(challenge, page)}
    status = (STATUS.get(given.outcome, 400) if given else 400) if is_answer else 200
    return render(request, page.template, context, status=status)


def state(request: PracticeRequest, page: CodePage) -> JsonResponse:
    """For the script of the page: how the message fares, in words, and whether a call is to be offered by now."""
    told = _told(page.challenge(request), page)
    return JsonResponse({name: told[name] for name in ("state", "words", "offer_call", "seconds_left", "pause_left")})


def refusal(given: Answer) -> str:
    """The words for an answer that proved nothing."""
    left = given.tries_left
    if given.outcome is Outcome.WRONG and not left:  # an app's, or a backup code: there is always another
        return _("This code is not right. Check it, and try again.")
    if given.outcome is Outcome.WRONG:
        return ngettext(
            "This code is not right. You can try %(count)d more time.",
            "This code is not right. You can try %(count)d more times.",
            left,
        ) % {"count": left}
    if given.outcome is Outcome.LOCKED and given.retry_at:
        at = time_format(timezone.localtime(given.retry_at), "TIME_FORMAT")
        words = _("There were too many wrong codes. From %(time)s on you can try again; another way is open now.")
        return words % {"time": at}
    others = {
        Outcome.EXPIRED: _(EXPIRED),
        Outcome.ENDED: _("There were too many wrong tries with this code. Send a new one."),
        Outcome.DESK: _(
            "There were too many wrong codes on this account. Only the practice can help now: please call."
        ),
    }
    return others.get(
        given.outcome, _("This code is no longer good: a newer one was sent, or it was used. Send a new one.")
    )


def wait_words(until: datetime) -> str:
    """Why no code was sent just now, and when one will be."""
    seconds = int((until - timezone.now()).total_seconds()) + 1
    if seconds <= limits.CODE_PAUSE.total_seconds():
        return ngettext(
            "We sent a code a moment ago. Wait %(count)d second, then ask for another.",
            "We sent a code a moment ago. Wait %(count)d seconds, then ask for another.",
            seconds,
        ) % {"count": max(1, seconds)}
    at = time_format(timezone.localtime(until), "TIME_FORMAT")
    return _("We sent several codes already. Wait until %(time)s, then ask for another.") % {"time": at}


def _told(challenge: Challenge | None, page: CodePage) -> dict[str, Any]:
    """What the page says of the code that is open, if any."""
    if challenge is None:
        return {"state": "none", "words": "", "offer_call": False, "seconds_left": 0, "pause_left": 0}
    made = progress.of(challenge.message_id) if challenge.message_id else progress.NOTHING
    age = timezone.now() - challenge.created_at
    is_late = challenge.channel == Channel.SMS and made.state != "delivered" and age >= OFFER_CALL_AFTER
    pause = codes.may_send_again_at(challenge) - timezone.now()
    return {
        "state": str(made.state),
        "words": (made.words or _said(challenge, str(made.state))) if challenge.seconds_left else _(EXPIRED),
        "offer_call": bool(page.call) and (made.offer_call or is_late),
        "is_old": age >= CHECK_AFTER,
        "seconds_left": challenge.seconds_left,
        "pause_left": max(0, int(pause.total_seconds()) + 1),
        "masked": methods.masked(challenge.channel, challenge.target),
    }


def _said(challenge: Challenge, made: str) -> str:
    """How the message fares, while all is well with it."""
    if made == "delivered":
        return _("It was delivered.")
    if made == "sent":
        return _("It was sent.")
    return _("We are calling you now.") if challenge.channel == Channel.VOICE else _("It is on its way.")
