"""**Funnel**: how far people come who were given a code, week by week, and where they give up (docs/flows.md H)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enrollment import funnel
from enrollment.models import CodeKind, FunnelWeek
from staff.fields import SelectField
from staff.gates import manager_only
from staff.trail import funnel_chart

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

WEEKS = {"4": 4, "12": 12, "26": 26, "52": 52}
USUAL = "12"
KINDS = [one for one in CodeKind.choices if one[0] != CodeKind.RESET]


class FunnelForm(forms.Form):
    """Which codes, and of how many weeks."""

    kind = SelectField(label=gettext_lazy("Kind of code"), choices=[("", pgettext_lazy("codes", "All")), *KINDS])
    weeks = SelectField(
        label=gettext_lazy("Issued in the last"),
        choices=[
            ("4", gettext_lazy("4 weeks")),
            ("12", gettext_lazy("12 weeks")),
            ("26", gettext_lazy("26 weeks")),
            ("52", gettext_lazy("52 weeks")),
        ],
    )


@manager_only
@require_safe
def page(request: PracticeRequest) -> HttpResponse:
    """A few kept counts: they are made every hour, and by **Count now**."""
    form = FunnelForm({"weeks": USUAL, **request.GET.dict()})
    form.is_valid()
    kind, weeks = form.cleaned_data.get("kind", ""), WEEKS.get(form.cleaned_data.get("weeks", ""), WEEKS[USUAL])
    kept = FunnelWeek.objects.filter(practice=request.practice)
    since = funnel.monday(request.practice) - timedelta(weeks=weeks - 1)
    rows = list(kept.filter(week__gte=since, **({"kind": kind} if kind else {})))
    counted_at = max((row.counted_at for row in rows), default=None)
    context: dict[str, object] = {"form": form, "counted_at": counted_at, "is_counted": bool(rows) or kept.exists()}
    if found := funnel_chart.weeks(rows, until=funnel.monday(request.practice)):
        steps = funnel_chart.steps(funnel_chart.total(found))
        columns, grid = funnel_chart.columns(found)
        worst = funnel_chart.worst(steps)
        context |= {
            "weeks": found[::-1],
            "reached": steps,
            "columns": columns,
            "grid": grid,
            "says": _says(steps, worst),
        }
    return render(request, "staff/trail/funnel.html", context)


@manager_only
@require_POST
def count(request: PracticeRequest) -> HttpResponse:
    """**Count now**: as the hourly task does."""
    funnel.count(request.practice)
    return redirect("staff:funnel")


def _says(steps: list[funnel_chart.Step], worst: tuple[funnel_chart.Step, funnel_chart.Step] | None) -> str:
    first, last = steps[0], steps[-1]
    said = _("Of %(invited)s invited, %(home)s came home: %(share)s percent.") % {
        "invited": f"{first.count:,}", "home": f"{last.count:,}", "share": last.share,
    }  # fmt: skip
    if worst is None:
        return said
    before, after = worst
    more = _("Most people stop between %(before)s and %(after)s: %(lost)s.")
    return f"{said} {more % {'before': before.name, 'after': after.name, 'lost': f'{after.lost:,}'}}"
