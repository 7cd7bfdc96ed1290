"""Where staff find what: the cards of **For staff** and of **Setup** (docs/flows.md H)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enrollment import claims, guardians, vouching
from results.models import ReportState
from staff.gates import is_manager
from staff.roster import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest
    from practices.models import Practice


class Place(NamedTuple):
    """A page, what it is for, and how it stands."""

    page: str
    title: StrOrPromise
    about: StrOrPromise
    standing: StrOrPromise = ""


@dataclass(frozen=True)
class Work:
    """A page of work that comes in, and how much of it waits."""

    title: StrOrPromise
    page: str
    count: int

    @property
    def place(self) -> Place:
        """The card of what waits."""
        waits = ngettext("%(count)d is waiting", "%(count)d are waiting", self.count) % {"count": self.count}
        return Place(self.page, self.title, waits)


def place(name: str, title: StrOrPromise, about: StrOrPromise, standing: StrOrPromise = "") -> Place:
    """By the name of its route."""
    return Place(reverse(f"staff:{name}"), title, about, standing)


def work(practice: Practice) -> list[Work]:
    """All that waits for the staff of a practice, nothing too."""
    growing = guardians.flagged(practice).count() + guardians.uninvited(practice).count()
    counts = {
        "waiting": (_("Waiting to be vouched for"), vouching.waiting(practice).count()),
        "claims": (_("Claims to act for a patient"), claims.waiting(practice).count()),
        "results": (_("Results to release"), practice.reports.filter(state=ReportState.HELD).count()),
        "growing": (_("Growing up"), growing),
        "conflicts": (_("Contacts that differ"), waiting.conflicts(practice).count()),
        "merges": (_("Merged charts"), waiting.merges(practice).count()),
    }
    return [Work(title, reverse(f"staff:{name}"), count) for name, (title, count) in counts.items()]


def messages() -> Iterator[Place]:
    """What goes out to patients, and what became of it."""
    yield place("invite_all", _("Invite all"), _("Email many patients an invitation or a code in one go."))
    yield place("letters", _("Letters"), _("Print letters with tokens, for patients without an email."))
    yield place("deliveries", _("Deliveries"), _("Every email, text and call: did it arrive?"))
    yield place("opt_outs", _("Who texted STOP"), _("Phones that get no texts, and what to say to them."))


def managers(request: PracticeRequest) -> Iterator[Place]:
    """Of the practice itself; none for the front desk."""
    if is_manager(request):
        yield place("setup", _("Setup"), _("Staff list, portal settings, readiness, terms, consent forms."))
        yield place("roster", _("Roster"), _("Upload your patients, and see what changed."))
        yield place("result_upload", _("Upload results"), _("Lab results that no interface brings."))
        yield place("audit", _("Audit trail"), _("Who did what, and when."))
        yield place("funnel", _("Funnel"), _("How far patients come week by week, and where they give up."))
