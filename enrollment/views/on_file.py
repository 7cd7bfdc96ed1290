"""What pages share that send a code to a phone on file: `enroll_phone` and `reset_by_record`, by the stem of a route.

Each has routes for the code besides, named after it: …_code, …_again, …_call and …_state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.on_file import Way
from verification import code_page
from verification.code_page import CodePage
from verification.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpResponse

    from accounts.models import Account
    from enrollment.on_file import Begun
    from practices.current import PracticeRequest
    from verification.models import Purpose


def page_of(stem: str, *, account: Account, purpose: Purpose, about: str, context: dict[str, Any]) -> CodePage:
    """The page where the code is typed."""
    return CodePage(
        account=account,
        purpose=purpose,
        about=about,
        state=reverse(f"{stem}_state"),
        again=reverse(f"{stem}_again"),
        call=reverse(f"{stem}_call"),
        other=reverse(stem),
        context=context,
    )


def send_again(
    request: PracticeRequest, stem: str, page: CodePage, send: Callable[[Way], Begun], *, channel: Channel | None = None
) -> HttpResponse:
    """**Send again**, to the same phone; with a `channel`, by that one."""
    last = page.challenge(request)
    if last is None:
        return redirect(stem)
    begun = send(Way(channel or Channel(last.channel), last.target))
    if begun.wait_until:
        messages.info(request, code_page.wait_words(begun.wait_until))
    return redirect(f"{stem}_code")


def refuse(form: Form, begun: Begun) -> int:
    """Say on the form why no code was sent; returns the status of the page."""
    wrong = _("This is not the patient's date of birth. Check it, or call the practice.")
    late = code_page.wait_words(begun.wait_until) if begun.wait_until else ""
    form.add_error("birth_date" if begun.is_wrong else None, wrong if begun.is_wrong else late)
    return 429 if begun.wait_until else 400
