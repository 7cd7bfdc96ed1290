"""Whose record is open: of those that the account holds at this practice, the one that its session chose.

Looked up anew for every page, in one query: an access that ended meanwhile opens nothing (docs/flows.md, I).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec, cast

from django.shortcuts import redirect
from django.urls import reverse

from accounts import access, rights
from accounts.gates import agreed
from accounts.models import Relationship
from accounts.rights import Rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest
    from practices.models import Practice

P = ParamSpec("P")
KEY = "record"  # where a session keeps the access whose record is open


class Elsewhere(NamedTuple):
    """Another practice of the account, and where to sign in there: a session belongs to one host."""

    practice: Practice
    address: str


@dataclass(frozen=True)
class Held:
    """What an account holds, seen from one practice: its accesses here, the open one, and its other practices.

    `gave_way`: the record that the session had chosen is not open to the account any more; another one is.
    """

    here: list[PatientAccess]
    open: PatientAccess | None
    elsewhere: list[Elsewhere]
    gave_way: bool = False

    @property
    def others(self) -> list[PatientAccess]:
        """What can be switched to here."""
        return [one for one in self.here if rights.of(one).opens and one != self.open]

    @property
    def rights(self) -> Rights:
        """How far the open record is open."""
        return rights.of(self.open) if self.open else rights.NOTHING


def look(request: PracticeRequest) -> Held:
    """What the account of the request holds; its own record is open unless it chose another."""
    held = access.held_by(request)
    here = [one for one in held if one.practice_id == request.practice.pk]
    here.sort(key=lambda one: one.relationship != Relationship.SELF)
    can_open = [one for one in here if rights.of(one).opens]
    chosen = request.session.get(KEY)
    found = next((one for one in can_open if one.pk == chosen), None)
    others = {one.practice: None for one in held if one.practice_id != request.practice.pk}
    return Held(
        here=here,
        open=found or next(iter(can_open), None),
        elsewhere=[Elsewhere(practice, practice.address(reverse("sign_in"))) for practice in others],
        gave_way=chosen is not None and found is None,
    )


def choose(request: PracticeRequest, access_id: str) -> bool:
    """Open another record of the account at this practice; False where it has no such one."""
    chosen = next((one for one in look(request).here if str(one.pk) == access_id), None)
    if chosen is None or not rights.of(chosen).opens:
        return False
    request.session[KEY] = chosen.pk
    return True


def settle(request: PracticeRequest, held: Held) -> None:
    """Keep what was shown as open, once the person has seen that it is another record than before."""
    if held.gave_way:
        request.session[KEY] = held.open.pk if held.open else None


def on_record(
    view: Callable[Concatenate[PracticeRequest, Held, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """A page of the open record, whose template extends layouts/record.html with `held`; inside `signed_in`.

    For who agreed to all that the practice requires. Home where no record is open, or not the one that was: nobody is
    to read another one unawares.
    """

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        held = look(request)
        if held.open is None or held.gave_way:
            return redirect("home")
        return view(request, held, *args, **kwargs)

    return agreed(cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded))
