"""**Settings → People with access**: who opens the record besides the patient, and how it ends; **Your access**."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of, signed_in
from accounts.models import AccessState, EndReason, Relationship
from accounts.open_record import on_record
from accounts.views.step_up import fresh_proof_even_at_rest
from enrollment import ending, people

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from accounts.open_record import Held
    from enrollment.people import Person
    from practices.current import PracticeRequest

P = ParamSpec("P")
ENDED_BY_PATIENT = {AccessState.APPROVAL: EndReason.REFUSED}


def of_age(
    view: Callable[Concatenate[PracticeRequest, Held, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, Held, P], HttpResponse]:
    """Let only patients who are of age decide who opens their record; inside `on_record`. Others read what they may."""

    @wraps(view)
    def guarded(request: PracticeRequest, held: Held, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not people.may_manage(opened(held)):
            return redirect("people_with_access")
        return view(request, held, *args, **kwargs)

    return cast("Callable[Concatenate[PracticeRequest, Held, P], HttpResponse]", guarded)


def opened(held: Held) -> PatientAccess:
    """The access whose record is open, on a page of `on_record`."""
    assert held.open is not None  # noqa: S101 - `on_record` saw to it
    return held.open


@signed_in
@on_record
def page(request: PracticeRequest, held: Held) -> HttpResponse:
    """Everybody at one glance, for the patient; their own access alone, for a proxy."""
    mine = opened(held)
    if mine.relationship != Relationship.SELF:
        return render(request, "enrollment/my_access.html", {"held": held, **_mine(held)})
    context = {"held": held, "people": people.of(mine.record), "manages": people.may_manage(mine)}
    return render(request, "enrollment/people.html", context)


@signed_in
@on_record
@of_age
@fresh_proof_even_at_rest
def end(request: PracticeRequest, held: Held, access: int) -> HttpResponse:
    """**End access**, or **Refuse** a claim: GET names the person and says what it means; POST ends it."""
    mine = opened(held)
    person = next((one for one in people.of(mine.record) if one.access and one.access.pk == access), None)
    if person is None or person.access is None:
        raise Http404
    if request.method == "POST":
        because = ENDED_BY_PATIENT.get(AccessState(person.access.state), EndReason.BY_PATIENT)
        ending.end(claim=person.access, because=because, by=account_of(request), request=request)
        messages.success(request, _("It is ended. We told everybody concerned."))
        return redirect("people_with_access")
    return render(request, "enrollment/people_end.html", {"held": held, "person": person})


@signed_in
@on_record
@of_age
@fresh_proof_even_at_rest
def cancel(request: PracticeRequest, held: Held, proxy: int) -> HttpResponse:
    """**Cancel invitation**: GET names the person; POST ends the code."""
    person = on_the_way(held, proxy)
    if request.method == "POST" and person.proxy:
        by = account_of(request)
        got_in = ending.withdraw(proxy=person.proxy, because=EndReason.BY_PATIENT, by=by, request=request)
        said = _("It is ended. We told everybody concerned.") if got_in else _("The invitation is canceled.")
        messages.success(request, said)
        return redirect("people_with_access")
    return render(request, "enrollment/people_end.html", {"held": held, "person": person})


@signed_in
@on_record
@fresh_proof_even_at_rest
def give_up(request: PracticeRequest, held: Held, access: int) -> HttpResponse:
    """**Give up my access**, of a proxy: GET says what it means; POST ends it. Not that of another record."""
    mine = opened(held)
    if mine.relationship == Relationship.SELF:
        return redirect("people_with_access")
    if mine.pk != access:
        messages.warning(request, _("Another record is open in this browser now. You gave up nothing."))
        return redirect("people_with_access")
    if request.method == "POST":
        ending.end(claim=mine, because=EndReason.BY_HOLDER, by=account_of(request), request=request)
        messages.success(request, _("You gave up your access."))
        return redirect("home")
    return render(request, "enrollment/give_up.html", {"held": held, **_mine(held)})


def on_the_way(held: Held, proxy: int) -> Person:
    """Who was named for the open record and has no account yet. Raises Http404."""
    found = (one for one in people.of(opened(held).record) if one.access is None)
    person = next((one for one in found if one.proxy and one.proxy.pk == proxy), None)
    if person is None:
        raise Http404
    return person


def _mine(held: Held) -> dict[str, object]:
    return {"mine": people.Person(people.Standing.OPEN, people.GrantedBy.PRACTICE, held.open, None)}
