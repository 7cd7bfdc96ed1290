"""Where somebody was going before they had to sign in or to enroll: home leads on to there, once.

It outlives the change of session that signing in is. It is no right: the page it leads to asks for its own.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.shortcuts import redirect
from django.urls import reverse

from accounts import sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from practices.current import PracticeRequest

P = ParamSpec("P")
KEY = "lands_on"


def keep(request: PracticeRequest, route: str, **arguments: int) -> None:
    """Keep a page of our own for after signing in. An anonymous session ends as others do (rule 9)."""
    request.session[KEY] = reverse(route, kwargs=arguments)
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice)


def lands(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Lead on from a page behind all gates to the one that was kept."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "GET" and KEY in request.session:
            return redirect(request.session.pop(KEY))
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)
