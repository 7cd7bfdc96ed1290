"""**Setup**, heading **Organization**: where a manager finds what the practice is set up with (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import colleagues, staff_invitations
from accounts.staff_members import FEWEST_MANAGERS
from staff.gates import manager_only
from staff.team.words import FEW_MANAGERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest


class Place(NamedTuple):
    """A page of the set-up, what it is for, and how it stands."""

    page: str
    title: StrOrPromise
    about: StrOrPromise
    standing: StrOrPromise = ""


@manager_only
def setup(request: PracticeRequest) -> HttpResponse:
    """Every page that a practice is set up with, in the order in which a new one needs them."""
    groups = [(_("Organization"), list(_organization(request))), (_("Records and reports"), list(_reports()))]
    few = colleagues.managers(request.practice).count() < FEWEST_MANAGERS
    context = {"groups": groups, "warning": FEW_MANAGERS if few else ""}
    return render(request, "staff/team/setup.html", context)


def _organization(request: PracticeRequest) -> Iterator[Place]:
    about_staff = _("Who works here: invite, roles, reset a password, deactivate.")
    yield from _place("staff_list", _("Staff list"), about_staff, _standing(request))
    yield from _place("settings", _("Portal settings"), _("Name, color, sign-in, codes, ages, senders."))
    yield from _place("readiness", _("Readiness check"), _("What is missing before patients come, and what is weak."))
    yield from _place("terms", _("Terms and privacy policy"), _("What everybody accepts. Publish a new version."))
    yield from _place("consents", _("Consent forms"), _("What patients agree to, beside the terms."))


def _reports() -> Iterator[Place]:
    yield from _place("roster", _("Roster"), _("Upload your patients, and see what changed."))
    yield from _place("result_upload", _("Upload results"), _("Lab results that no interface brings."))
    yield from _place("audit", _("Audit trail"), _("Who did what, and when."))
    yield from _place("funnel", _("Enrollment, week by week"), _("Where patients give up."))


def _standing(request: PracticeRequest) -> str:
    count = request.practice.staff.filter(active=True).count()
    invited = staff_invitations.open_of(request.practice).count()
    words = ngettext("%(count)d works here", "%(count)d work here", count) % {"count": count}
    more = ngettext("%(count)d is invited", "%(count)d are invited", invited) % {"count": invited}
    return f"{words}, {more}" if invited else words


def _place(name: str, title: StrOrPromise, about: StrOrPromise, standing: StrOrPromise = "") -> Iterator[Place]:
    """Nothing where there is no such page."""
    try:
        yield Place(reverse(f"staff:{name}"), title, about, standing)
    except NoReverseMatch:
        return
