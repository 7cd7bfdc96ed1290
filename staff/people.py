"""**People with access**, on a patient's chart: the desk names a proxy, gives them a code, and ends what they have."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from accounts.models import AccessState, EndReason, Relationship
from audit.events import Event
from audit.record import record as write_down
from enrollment import at_desk, codes, ending, matching, naming, numbers
from enrollment.models import CodeKind, Handover
from enrollment.named_proxy import NamedBy
from enrollment.people import of as people_of
from enrollment.people import whose
from guard import secrets
from staff import stops
from staff.forms_people import EndForm, IdForm, NameProxyForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from enrollment.named_proxy import NamedProxy
    from enrollment.people import Person
    from practices.current import PracticeRequest

KEY = "proxy_token"  # where a session keeps a new token, sealed, until it is handed over
SHOWN_FOR = 10 * 60  # seconds
ENDED = gettext_lazy("It is ended. Everybody concerned was told.")


def name(request: PracticeRequest, record: int) -> HttpResponse:
    """**Name a proxy** for a patient; the next page gives them a code."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    form, status = NameProxyForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        account, reason = account_of(request), form.cleaned_data["reason"]
        try:
            named = naming.name(
                chart=chart, who=form.who, source=NamedBy.STAFF, by=account, reason=reason, request=request
            )
        except naming.CannotName as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("They are named, and the patient was told. Now give them a code."))
            return redirect("staff:proxy", proxy=named.pk)
    return render(request, "staff/proxy_name.html", {"form": form, "chart": chart}, status=status)


def proxy(request: PracticeRequest, proxy: int) -> HttpResponse:
    """Who was named, and the ways to give them a code."""
    return render(request, "staff/proxy.html", {"person": _on_the_way(request, proxy), "is_staff_page": True})


@require_POST
def invite(request: PracticeRequest, proxy: int) -> HttpResponse:
    """**Email invitation**, in place of the code before."""
    person = _on_the_way(request, proxy)
    try:
        naming.invite(proxy=_who(person), by=account_of(request), request=request)
    except codes.CannotIssueError as why:
        messages.error(request, str(why.words))
    else:
        messages.success(request, _("The invitation is on its way. A code before it no longer works."))
    return redirect("staff:proxy", proxy=proxy)


def token(request: PracticeRequest, proxy: int) -> HttpResponse:
    """**Issue token**, to the person who stands there: GET asks which ID was seen; POST makes it."""
    person = _on_the_way(request, proxy)
    form, status = IdForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            number = _issue(request, _who(person), form.cleaned_data["id_seen"])
        except codes.CannotIssueError as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            sealed = secrets.seal({"number": number, "proxy": proxy}).decode()
            request.session[KEY] = {"sealed": sealed, "at": int(time.time())}
            return redirect("staff:proxy_token_made", proxy=proxy)
    return render(request, "staff/proxy_token.html", {"form": form, "person": person}, status=status)


def token_made(request: PracticeRequest, proxy: int) -> HttpResponse:
    """Show the new token, to be printed, for ten minutes; then nobody sees it again."""
    person = _on_the_way(request, proxy)
    kept = request.session.get(KEY)
    shown = secrets.unseal(kept["sealed"].encode()) if kept and time.time() - kept["at"] <= SHOWN_FOR else {}
    if shown.get("proxy") != proxy or not matching.is_live(request.practice, shown["number"]):
        request.session.pop(KEY, None)
        return redirect("staff:proxy", proxy=proxy)
    context = {"person": person, "number": numbers.show(shown["number"])}
    context["address"] = request.practice.address("/")
    return render(request, "staff/proxy_token_made.html", context)


def withdraw(request: PracticeRequest, proxy: int) -> HttpResponse:
    """**Withdraw** who was named and did not get in yet: GET names them; POST ends their code."""
    person = _on_the_way(request, proxy)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        got_in = _withdraw(request, _who(person), reason)
        withdrawn = _("They are withdrawn. A code that they have no longer works.")
        messages.success(request, ENDED if got_in else withdrawn)
        return redirect("staff:chart", record=_who(person).record_id)
    return _ask(request, form, person, _who(person).record_id)


def end(request: PracticeRequest, access: int) -> HttpResponse:
    """**End access** of a proxy, or the patient's own: GET names the person; POST ends it."""
    claim = get_object_or_404(stops.facts(request.practice.accesses.exclude(state=AccessState.ENDED)), pk=access)
    person = whose(claim)
    if person is None:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if why := _objection(request, claim):
            form.add_error(None, str(why.words))
            return _ask(request, form, person, claim.record_id, status=409)
        reason, by = form.cleaned_data["reason"], account_of(request)
        ending.end(claim=claim, because=EndReason.BY_PRACTICE, by=by, reason=reason, request=request)
        messages.success(request, ENDED)
        return redirect("staff:chart", record=claim.record_id)
    return _ask(request, form, person, claim.record_id)


def _objection(request: PracticeRequest, claim: PatientAccess) -> at_desk.CannotDo | None:
    """What stands against ending the patient's own access; that of others, any member of staff ends."""
    if claim.relationship != Relationship.SELF:
        return None
    by, practice = account_of(request), request.practice
    if claim.state == AccessState.SUSPENDED:
        return stops.objection(claim, by, practice)
    return at_desk.against(by, practice, claim)


def _withdraw(request: PracticeRequest, who: NamedProxy, reason: str) -> bool:
    """Whether they had got in meanwhile."""
    because, by = EndReason.BY_PRACTICE, account_of(request)
    return ending.withdraw(proxy=who, because=because, by=by, reason=reason, request=request)


def _ask(request: PracticeRequest, form: EndForm, person: Person, chart: int, status: int = 400) -> HttpResponse:
    context = {"form": form, "person": person, "chart": request.practice.patients.get(pk=chart), "is_staff_page": True}
    return render(request, "staff/proxy_end.html", context, status=status if form.is_bound else 200)


@transaction.atomic
def _issue(request: PracticeRequest, who: NamedProxy, id_seen: str) -> str:
    """The number of a token that is proof by itself: somebody saw the ID. Raises CannotIssueError."""
    by, practice = account_of(request), request.practice
    issued = codes.issue(
        chart=who.record, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=by, proxy=who, request=request
    )
    write_down(Event.PROXY_ID_SEEN, actor=by, practice=practice, subject=who, request=request, id_seen=id_seen)
    return issued.number


def _on_the_way(request: PracticeRequest, proxy: int) -> Person:
    """Who was named at this practice and did not get in yet. Raises Http404."""
    named = get_object_or_404(request.practice.named_proxies.select_related("record__practice__settings"), pk=proxy)
    found = (one for one in people_of(named.record) if one.access is None)
    person = next((one for one in found if one.proxy == named), None)
    if person is None or person.proxy is None:
        raise Http404
    person.proxy.record = named.record
    return person


def _who(person: Person) -> NamedProxy:
    assert person.proxy is not None  # noqa: S101 - `_on_the_way` saw to it
    return person.proxy
