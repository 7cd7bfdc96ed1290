"""Home: whose record, what waits, and how to reach the practices. It shows parts of several apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from accounts import agreed as agreements
from accounts import email_address, open_record
from accounts.gates import account_of, agreed, signed_in
from accounts.models import AccessState
from accounts.second_step import is_staff

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
@agreed
def home(request: PracticeRequest) -> HttpResponse:
    """The open record, what the account has to do, and its practices with how to reach them."""
    account, held = account_of(request), open_record.look(request)
    open_record.settle(request, held)
    states = {one.state for one in held.here}
    context = {
        "account": account,
        "held": held,
        "agreements": agreements.standing(request),
        "email": email_address.unverified(account),
        "is_staff": is_staff(account, request.practice),
        "is_waiting": AccessState.WAITING in states,
        "is_stopped": AccessState.SUSPENDED in states,
        "welcome": account.welcomed_at is None,
    }
    return render(request, "portal/home.html", context)
