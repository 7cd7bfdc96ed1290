"""**Setup**, heading **Organization**: where a manager finds what the practice is set up with (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import colleagues, staff_invitations
from accounts.staff_members import FEWEST_MANAGERS
from staff.gates import manager_only
from staff.places import place
from staff.team.words import FEW_MANAGERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from staff.places import Place


@manager_only
def setup(request: PracticeRequest) -> HttpResponse:
    """Every page that a practice is set up with, in the order in which a new one needs them."""
    few = colleagues.managers(request.practice).count() < FEWEST_MANAGERS
    context = {"places": list(_organization(request)), "warning": FEW_MANAGERS if few else ""}
    return render(request, "staff/team/setup.html", context)


def _organization(request: PracticeRequest) -> Iterator[Place]:
    about_staff = _("Who works here: invite, roles, reset a password, deactivate.")
    yield place("staff_list", _("Staff list"), about_staff, _standing(request))
    yield place("settings", _("Portal settings"), _("Name, color, sign-in, codes, ages, senders."))
    yield place("readiness", _("Readiness"), _("What is missing before patients come, and what is weak."))
    yield place("terms", _("Terms and privacy policy"), _("What everybody accepts. Publish a new version."))
    yield place("consents", _("Consent forms"), _("What patients agree to, beside the terms."))


def _standing(request: PracticeRequest) -> str:
    count = request.practice.staff.filter(active=True).count()
    invited = staff_invitations.open_of(request.practice).count()
    words = ngettext("%(count)d works here", "%(count)d work here", count) % {"count": count}
    more = ngettext("%(count)d is invited", "%(count)d are invited", invited) % {"count": invited}
    return f"{words}, {more}" if invited else words
