"""**Growing up**: what the daily task leaves to the desk (docs/flows.md, I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _

from enrollment import guardians

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from enrollment.growing import Growing
    from practices.current import PracticeRequest

MOST = 50


def page(request: PracticeRequest) -> HttpResponse:
    """Two lists, the newest first: a parent's address on a teenager's account, and who could not be invited."""
    practice = request.practice
    flagged = _list(
        guardians.flagged(practice),
        "flagged",
        _("Teenagers' accounts with a parent's address"),
        _("Whoever has it may get in for the teenager. Talk to the teenager alone: they change it under Settings."),
    )
    uninvited = _list(
        guardians.uninvited(practice),
        "uninvited",
        _("Came of age, no address of their own"),
        _("Nobody opens their record any more. Ask them for an email of their own, or hand over a token."),
    )
    return render(request, "staff/growing.html", {"lists": [flagged, uninvited]})


def _list(found: QuerySet[Growing], name: str, title: StrOrPromise, to_do: StrOrPromise) -> dict[str, object]:
    rows = list(found[: MOST + 1])
    charts = [one.record for one in rows[:MOST]]
    return {"name": name, "title": title, "to_do": to_do, "charts": charts, "has_more": len(rows) > MOST}
