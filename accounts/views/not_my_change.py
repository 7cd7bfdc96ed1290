"""**This wasn't me**, for who was told of a change to an account (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import account_changes, security, sessions
from accounts.models import AccountChange
from guard.audience import public
from verification import changes

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice
    from verification.models import OptionChange

KEY = "not_my_change"  # where a session keeps the secret of the link


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link stops nothing yet."""
    if _find(secret, request.practice):
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_change")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST takes the change back and calls the practice in."""
    change = _find(request.session.get(KEY, ""), request.practice)
    if change is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        _object_to(change, request)
        return redirect("not_my_change")
    kind = change.kind if isinstance(change, AccountChange) else "option"
    account = _whose(change)
    keeps = kind not in account_changes.PASSWORDS and account_changes.keeps_password(request, account)
    is_closed = account_changes.is_closed(account)
    context = {"kind": kind, "keeps_password": keeps, "is_closed": is_closed}
    return render(request, _template(change, is_closed=is_closed), context)


def _template(change: OptionChange | AccountChange, *, is_closed: bool) -> str:
    """One for what is taken back, one for a reset: it is stopped, or it is off already."""
    waits = isinstance(change, AccountChange) and change.due_at is not None and change.done_at is None
    if isinstance(change, AccountChange) and change.cancelled_at and not change.stopped_at and not is_closed:
        return "accounts/not_my_reset_off.html"
    words = "not_my_reset" if is_closed or waits else "not_my_change"
    return f"accounts/{words}_done.html" if change.stopped_at else f"accounts/{words}.html"


def _find(secret: str, practice: Practice) -> OptionChange | AccountChange | None:
    return changes.find(secret, practice) or account_changes.find(secret, practice)


def _whose(change: OptionChange | AccountChange) -> Account:
    account: Account = change.account if isinstance(change, AccountChange) else change.user
    return account


def _object_to(change: OptionChange | AccountChange, request: PracticeRequest) -> None:
    if isinstance(change, AccountChange):
        account_changes.object_to(change=change, request=request)
    else:
        security.object_to(change=change, request=request)
