"""**Portal settings**, for managers: each section a page, with a preview where there is something to see, and undo."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import names
from accounts.forms import SignInNameForm
from accounts.gates import account_of
from accounts.models import Account
from notifications.words import render_notice
from pages import brand
from practices import changing
from practices.models import Practice
from staff.asking import Refused
from staff.gates import manager_only
from staff.setup import readiness, saving, sections

if TYPE_CHECKING:
    from typing import Any

    from practices.current import PracticeRequest
    from staff.setup.forms import SettingsForm

LATELY = 10


@require_safe
@manager_only
def settings(request: PracticeRequest) -> HttpResponse:
    """Every section with what is chosen, and the last changes."""
    practice = _fresh(request)
    rows = [
        (
            slug,
            form.heading,
            [(form.base_fields[name].label, sections.shown(name, value)) for name, value in now.items()],
        )
        for slug, form in sections.SECTIONS.items()
        for now in [
            {name: value for name, value in sections.initial(form, practice).items() if name != "first_language"}
        ]
    ]
    events = changing.lately(practice, LATELY)
    people = Account.objects.in_bulk([int(one.actor_id) for one in events if one.actor_id])
    changes = [_line(one, people) for one in events]
    return render(request, "staff/setup/settings.html", {"rows": rows, "changes": changes, "practice": practice})


@manager_only
@transaction.atomic
def section(request: PracticeRequest, section: str) -> HttpResponse:
    """One section: GET shows it, POST saves it, unless it was changed since the page showed it."""
    kind = sections.find(section)
    practice = changing.lock(request.practice) if request.method == "POST" else _fresh(request)
    form = kind(request.POST if request.method == "POST" else None, initial=sections.initial(kind, practice))
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("staff:settings")
    return _page(request, form, section, status=status)


@require_POST
@manager_only
def preview(request: PracticeRequest, section: str) -> HttpResponse:
    """The section with what it would look like: nothing is saved."""
    kind = sections.find(section)
    if not kind.shows:
        raise Http404
    form = kind(request.POST, initial=sections.initial(kind, _fresh(request)))
    if not form.is_valid():
        return _page(request, form, section, status=400)
    request.practice = _with(request.practice, form.values)
    return _page(request, form, section, is_preview=True)


@require_safe
def colour(request: PracticeRequest, digits: str) -> HttpResponse:  # noqa: ARG001 - of no practice
    """The style sheet of a colour that is not saved yet."""
    return HttpResponse(brand.stylesheet(f"#{digits}"), content_type="text/css; charset=utf-8")


@require_POST
@manager_only
def undo(request: PracticeRequest, event: int) -> HttpResponse:
    """Put back what a setting was."""
    found = saving.find(request, event)
    if found is None:
        raise Http404
    try:
        saving.undo(event=found, by=account_of(request), request=request)
    except Refused as why:
        messages.error(request, str(why.words))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    else:
        messages.success(request, _("It is as it was before. Every page goes by it within a minute."))
    return redirect("staff:settings")


@require_safe
@manager_only
def ready(request: PracticeRequest) -> HttpResponse:
    """**Readiness**: what is missing, and which choices are weak."""
    found = readiness.findings(readiness.facts(_fresh(request)))
    rows = [(one, _mends(one)) for one in found]
    is_ready = not any(one.weight is readiness.Weight.MISSING for one in found)
    return render(request, "staff/setup/readiness.html", {"rows": rows, "is_ready": is_ready})


def _mends(one: readiness.Finding) -> str:
    """The address of the page that mends it, "" where there is none here."""
    if one.section:
        return reverse("staff:settings_section", args=[one.section])
    return reverse(one.route) if one.route else ""


def _fresh(request: PracticeRequest) -> Practice:
    """As the database has it: the request's may be a minute old."""
    return Practice.objects.select_related("settings").get(pk=request.practice.pk)


def _saved(request: PracticeRequest, form: SettingsForm) -> bool:
    """Whether it was saved; else the form says what is wrong."""
    try:
        changed = saving.save(values=form.values, by=account_of(request), request=request)
    except ValidationError as wrong:
        for name, words in wrong.update_error_dict({}).items():
            form.add_error(name if name in form.fields else None, words)
        return False
    done = _("It is saved. Every page goes by it within a minute, and the other managers are told.")
    messages.success(request, done if changed else _("Nothing was changed."))
    return True


def _page(
    request: PracticeRequest, form: SettingsForm, slug: str, *, status: int = 200, is_preview: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "slug": slug, "is_preview": is_preview}
    if form.shows:
        practice = request.practice
        context |= {"sign_in": SignInNameForm(prefix="preview"), "digits": practice.colour[1:]}
        context["letter"] = render_notice(
            "new_sign_in", {"practice": practice}, language=practice.language, zone=practice.time_zone
        )
    return render(request, "staff/setup/section.html", context, status=status)


def _with(practice: Practice, values: dict[str, Any]) -> Practice:
    """A copy with other settings, not saved."""
    other = copy.copy(practice)
    other.settings = copy.copy(practice.settings)
    for name, value in values.items():
        setattr(other if name in changing.OF_PRACTICE else other.settings, name, value)
    return other


def _line(event: Any, people: dict[int, Account]) -> dict[str, Any]:  # noqa: ANN401 - an audit event
    """One of the last changes, for the page."""
    change, who = changing.said(event), people.get(int(event.actor_id or 0))
    name = event.details["setting"]
    said = {"old": sections.shown(name, change.old), "new": sections.shown(name, change.new)} if change else {}
    by = names.called(who) if who else ""
    return {"event": event, "who": by, "label": sections.label(name), "can_undo": change is not None, **said}
