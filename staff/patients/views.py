"""**Patients**: all of a practice's, those who were looked for, and who stands where on the way into the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from enrollment import lists
from enrollment.lists import Listed, Row, Show
from practices import finding
from practices.finding import Sought
from staff.patients import words
from staff.patients.forms import PatientForm, Place

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "staff_patient"  # where a session keeps what was looked for: names of patients stand in no address
MOST = 20


def patients(request: PracticeRequest) -> HttpResponse:
    """GET lists those of `?show=`, or who was looked for last, a page behind `?after=`; POST looks."""
    form = PatientForm(request.POST if request.method == "POST" else None, initial={"patient": _asked(request)})
    if request.method == "POST" and form.is_valid():
        request.session[KEY] = form.cleaned_data["patient"]
        return redirect("staff:patients")
    place = Place(request.GET)
    place.is_valid()
    asked = _asked(request)
    listed, next_way = (Listed([], None), None) if form.errors else _page(request, place, asked)
    context = {
        "form": form,
        "asked": asked if place.show_ == Show.ALL else "",
        "rows": [(row, words.note(row, timezone.now())) for row in listed.rows],
        "next": listed.next,
        "next_way": next_way,
        "place": place,
        "tabs": [(show, show == place.show_) for show in Show],
        "about": words.ABOUT[place.show_],
        "empty": words.EMPTY[place.show_],
        "is_staff_page": True,
    }
    return render(request, "staff/patients/list.html", context, status=400 if form.errors else 200)


@require_POST
def everybody(request: PracticeRequest) -> HttpResponse:
    """**Show all patients**: forget what was looked for."""
    request.session.pop(KEY, None)
    return redirect("staff:patients")


def _asked(request: PracticeRequest) -> str:
    asked: str = request.session.get(KEY, "")
    return asked


def _page(request: PracticeRequest, place: Place, asked: str) -> tuple[Listed, int | None]:
    """The rows; and for who was looked for, the way to look at which the next page begins."""
    if place.show_ != Show.ALL:
        return lists.page(request.practice, place.show_, after=place.after_, most=MOST), None
    found = finding.page(request.practice, Sought.read(asked), after=place.behind, most=MOST)
    way, last = found.next or (None, None)
    return Listed([Row(chart, chart.pk) for chart in found.charts], last), way
