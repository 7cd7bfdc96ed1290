"""**Roster** and **Upload results**: a file is sent, looked at, and imported in the background (docs/flows.md, H)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.gates import account_of
from audit.events import Event
from audit.record import record
from guard import secrets
from pages.csrf import PortalCsrfMiddleware
from practices import uploads
from practices.upload import AT_WORK, PartKind, Upload, UploadKind, UploadState
from staff.gates import manager_only
from staff.roster import said, waiting, working
from staff.roster.forms import ResultsForm, RosterForm
from staff.roster.receiving import IntoParts

if TYPE_CHECKING:
    from django.forms import Form

    from practices.current import PracticeRequest

A_PAGE = 20
FORMS: dict[str, type[Form]] = {UploadKind.ROSTER: RosterForm, UploadKind.RESULTS: ResultsForm}

# A forged form is refused as everywhere, but only once the file is let in by its own way (`IntoParts`): Django's
# protection reads the form, and with it the file, before any view could say how.
protected = decorator_from_middleware(PortalCsrfMiddleware)


def _page(request: PracticeRequest, kind: UploadKind) -> HttpResponse:
    """GET asks for a file, and lists those that were sent; POST takes it in, and hands it to a worker."""
    if request.method == "POST":
        handler = IntoParts(request, kind, account_of(request))
        request.upload_handlers = [handler]
        try:
            return cast("HttpResponse", protected(_receive)(request, kind))
        finally:
            handler.forget_refused()
    return _show(request, kind, FORMS[kind]())


def _receive(request: PracticeRequest, kind: UploadKind) -> HttpResponse:
    form = FORMS[kind](request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, kind, form, status=400)
    upload: Upload = form.cleaned_data["file"].upload
    try:
        with transaction.atomic():
            uploads.receive(upload, by=account_of(request), request=request)
            working.hand_over(upload)
    except uploads.UnderWay:
        upload.delete()
        form.add_error(None, _("Another file is being imported. Wait until it is done."))
        return _show(request, kind, form, status=409)
    return redirect("staff:upload", upload.pk)


def _show(request: PracticeRequest, kind: UploadKind, form: Form, status: int = 200) -> HttpResponse:
    sent = request.practice.uploads.filter(kind=kind).exclude(state=UploadState.SENDING)
    rows = list(sent.select_related("by").order_by("-pk")[:A_PAGE])
    context = {"form": form, "uploads": [said.row(one) for one in rows], "is_staff_page": True}
    if kind == UploadKind.ROSTER:
        context |= waiting.counts(request.practice)
    return render(request, f"staff/roster/{kind.value}.html", context, status=status)


@csrf_exempt
@manager_only
def roster(request: PracticeRequest) -> HttpResponse:
    """**Roster**."""
    return _page(request, UploadKind.ROSTER)


@csrf_exempt
@manager_only
def results(request: PracticeRequest) -> HttpResponse:
    """**Upload results**."""
    return _page(request, UploadKind.RESULTS)


@manager_only
@require_safe
def one(request: PracticeRequest, upload: int) -> HttpResponse:
    """How far it is; then what it would do, with **Import**; then what it did."""
    found = _found(request, upload)
    seen = secrets.unseal(bytes(found.found_sealed)) if found.found_sealed else {}
    context = {
        "upload": found,
        "row": said.row(found),
        "counts": said.counts(found),
        "remarks": list(said.remarks(found)),
        "seen": said.seen(seen),
        "is_at_work": found.state in AT_WORK,
        "waits": found.state == UploadState.CHECKED,
        "has_refused": found.parts.filter(kind=PartKind.REFUSED).exists(),
        "percent": min(100, found.read * 100 // found.size) if found.size else 0,
        "is_staff_page": True,
    }
    return render(request, "staff/roster/upload.html", context)


@manager_only
@require_POST
def import_(request: PracticeRequest, upload: int) -> HttpResponse:
    """**Import**."""
    found = _found(request, upload)
    with transaction.atomic():
        if uploads.begin_import(found, by=account_of(request), request=request):
            working.hand_over(found)
    return redirect("staff:upload", found.pk)


@manager_only
@require_POST
def discard(request: PracticeRequest, upload: int) -> HttpResponse:
    """**Discard**: nothing was changed."""
    found = _found(request, upload)
    if uploads.discard(found, by=account_of(request), request=request):
        messages.success(request, _("The file was discarded. Nothing was changed."))
        return redirect("staff:roster" if found.kind == UploadKind.ROSTER else "staff:result_upload")
    messages.info(request, _("It is too late to discard the file."))
    return redirect("staff:upload", found.pk)


@manager_only
@require_safe
def refused(request: PracticeRequest, upload: int) -> HttpResponse:
    """The refused rows, as a file."""
    found = _found(request, upload)
    if not found.parts.filter(kind=PartKind.REFUSED).exists():
        raise Http404
    with transaction.atomic():
        by = account_of(request)
        record(Event.UPLOAD_REFUSED_READ, actor=by, practice=request.practice, subject=found, request=request)
    answer = StreamingHttpResponse(uploads.content(found, PartKind.REFUSED), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-rows-{found.pk}.csv"'
    return cast("HttpResponse", answer)


def _found(request: PracticeRequest, upload: int) -> Upload:
    there = request.practice.uploads.exclude(state=UploadState.SENDING).select_related("by", "imported_by", "practice")
    return get_object_or_404(there, pk=upload)
