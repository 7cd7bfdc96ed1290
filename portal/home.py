"""Home: whose record, what waits, and how to reach the practice. It shows parts of several apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse

from accounts import access
from accounts.gates import account_of, signed_in
from accounts.models import AccessState
from accounts.second_step import is_staff

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
def home(request: PracticeRequest) -> HttpResponse:
    """The account's records here, what it has to do, and its other practices with their addresses."""
    account = account_of(request)
    held = list(access.held(account))
    here = [one for one in held if one.practice_id == request.practice.pk]
    context = {
        "account": account,
        "here": here,
        "is_staff": is_staff(account, request.practice),
        "is_waiting": any(one.state == AccessState.WAITING for one in here),
        "is_all_open": all(one.state == AccessState.ACTIVE for one in here),
        "elsewhere": [
            {"name": one.practice.name, "address": one.practice.address(reverse("sign_in"))}
            for one in held
            if one.practice_id != request.practice.pk
        ],
    }
    return render(request, "portal/home.html", context)
