"""The letter with a token: one page, large print, in both languages, its address in the window of a US #10 envelope.

The QR code holds the short address only, not the number (docs/flows.md, rule 1): phones keep and sync what they
scanned, and scanning apps send it to their makers. The number is typed, once, with its check character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import rights
from accounts.rights import Stage
from enrollment import numbers, postal
from pages import qr
from staff.codes import made

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice

KNOWN = [code for code, _name in settings.LANGUAGES]
MOST_LANGUAGES = 2  # more do not fit on a page in print of this size


@dataclass(frozen=True)
class Letter:
    """What one letter says; `lines`: street and city. `languages`: the patient's first."""

    name: str
    lines: list[str]
    number: str
    until: datetime
    languages: list[str]
    is_child: bool = False


def letter(request: PracticeRequest, record: int) -> HttpResponse:
    """Show the letter of a token that was just made, to be printed, for ten minutes."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    chart.practice = request.practice
    found = made.of(request, chart)
    lines = postal.lines(chart)
    if found is None or not lines:
        return redirect("staff:chart", record=chart.pk)
    code, number = found
    sheet = write(chart, lines, number, code.expires_at)
    context = {"letters": [sheet], "chart": chart, "is_staff_page": True, **same(request.practice)}
    return render(request, "staff/codes/letter.html", context)


def write(chart: PatientRecord, lines: list[str], number: str, until: datetime) -> Letter:
    """What the letter to a patient says; `chart` comes with its practice and that one's settings."""
    practice = chart.practice
    is_child = rights.stage(chart.birth_date, practice.today(), practice.settings) == Stage.CHILD
    return Letter(chart.full_name, lines, numbers.show(number), until, languages(chart), is_child)


def same(practice: Practice) -> dict[str, str | SafeString]:
    """What all letters of a practice have in common."""
    address = practice.address(reverse("token_address"))
    phone = practice.phone.replace(" ", "\u00a0").replace("-", "\u2011")  # stays on one line
    return {
        "address": shown(address),
        "phone": phone,
        "qr": qr.svg(address, label=_("QR code of the page for the token number")),
    }


def shown(address: str) -> str:
    """An address as people type it."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def languages(chart: PatientRecord) -> list[str]:
    """Those of the practice, the patient's own first: the rest of the family may read another one."""
    own = chart.language.partition("-")[0]
    spoken = [one for one in chart.practice.languages if one in KNOWN] or KNOWN[:1]
    return sorted(spoken, key=lambda one: one != own)[:MOST_LANGUAGES]
