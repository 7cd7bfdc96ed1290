"""**Access** on a chart: for the patient and for each who acts for them, why they cannot get in, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import rights
from accounts.models import AccessState, Relationship
from accounts.staff_members import NotAManager
from audit.events import Event
from enrollment import progress
from enrollment.models import CodeState, EnrollmentState
from staff.gates import is_manager
from staff.panel import facts as known
from staff.panel import holding, words
from staff.panel.causes import Cause, in_the_way, worth_knowing
from staff.panel.person import Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django_stubs_ext import StrOrPromise

    from accounts.models import PatientAccess
    from enrollment.models import EnrollmentCode
    from enrollment.people import Person
    from practices.current import PracticeRequest
    from practices.models import PatientRecord
    from staff.panel.facts import Read

OF_MANAGERS = frozenset({"roster", "member_activate"})


@dataclass(frozen=True)
class Line:
    """One cause, and the page that mends it, "" where the person or the clock does.

    `objection`: why this member of staff does not do it, and a colleague may.
    """

    cause: Cause
    says: StrOrPromise
    title: StrOrPromise
    page: str
    objection: StrOrPromise = ""


@dataclass(frozen=True)
class Whose:
    """Somebody, and all that is in their way; `next_sign_in`: what happens then, where nothing is.

    `notes`: what is in nobody's way, and may be what they call about.
    """

    name: StrOrPromise
    lines: list[Line]
    next_sign_in: StrOrPromise = ""
    notes: Sequence[Line] = ()


def of(
    chart: PatientRecord,
    people: Iterable[Person],
    accounts: list[dict[str, Any]],
    request: PracticeRequest,
    *,
    ended: Iterable[Person] = (),
) -> list[Whose]:
    """The patient first. `people`, `accounts` and `ended` (lately): what other parts of the page read already."""
    coming = [one for one in people if one.access is None]
    read = known.read(chart, accounts, [one.code for one in coming if one.code], request)
    found = []
    if not any(one["claim"].relationship == Relationship.SELF for one in accounts):
        found.append(_outside(chart, read, request))
    found += [_holder(one, chart, read, request) for one in accounts]
    found += [_coming(one, chart, read, request) for one in coming]
    return found + [_gone(one, chart, request) for one in ended if _is_gone(one, people)]


def _of_chart(chart: PatientRecord) -> dict[str, Any]:
    return {"deceased": chart.deceased, "active": chart.active, "has_email": bool(chart.email)}


def _of_code(code: EnrollmentCode | None, before: EnrollmentCode | None, read: Read) -> dict[str, Any]:
    """Of the newest code of a person, and the one before."""
    if code is None:
        return {}
    run = read.begun.get(code.pk)
    is_begun = run is not None and run.account_id is None
    return {
        "code": code.state_at(timezone.now()),
        "wrong_answers": read.wrong.get(bytes(code.digest), 0),
        "code_troubles": frozenset(read.troubles.get(code.sent_to, ())),
        "was_superseded": before is not None and before.state == CodeState.SUPERSEDED,
        "stopped_at": progress.left_at(run) if run and is_begun else "",
        "was_refused": run is not None and is_begun and read.at(Event.ENROLLMENT_REFUSED, run.pk) is not None,
        "has_lapsed": run is not None and not is_begun and run.state == EnrollmentState.LAPSED,
    }


def _outside(chart: PatientRecord, read: Read, request: PracticeRequest) -> Whose:
    """The patient, who has no account that holds the record."""
    code, before = (*read.codes, None, None)[:2]
    ended = read.ended_self
    facts = Facts(
        **_of_chart(chart)
        | {"has_email": bool(read.own_email), "is_guardians": bool(chart.email) and not read.own_email},
        **_of_code(code, before, read),
        too_young=not rights.may_have_account(chart.birth_date, request.practice.today(), request.practice.settings),
        access=AccessState.ENDED if ended and ended.opened_at else None,
        ended_because=ended.ended_because if ended else "",
    )
    if ended and not ended.opened_at:
        facts = replace(facts, has_lapsed=True)
    return Whose(_("The patient"), _lines(facts, {"record": chart.pk, "code": code.pk if code else 0}, request))


def _coming(person: Person, chart: PatientRecord, read: Read, request: PracticeRequest) -> Whose:
    """Who was named, and is not in."""
    proxy, code = person.proxy, person.code
    before = next((one for one in (proxy.codes.all() if proxy else ()) if one != code), None)
    facts = Facts(
        **_of_chart(chart) | {"has_email": bool(proxy and proxy.email)},
        **_of_code(code, before, read) | (holding.of_name(proxy, chart) if proxy else {}),
    )
    about = {"record": chart.pk, "code": code.pk if code else 0, "proxy": proxy.pk if proxy else 0}
    return Whose(person.name, _lines(facts, about, request, is_proxy=True))


def _is_gone(person: Person, people: Iterable[Person]) -> bool:
    """Whether the access ended, and the same person is not on the way to another one."""
    claim = person.access
    if claim is None or claim.state != AccessState.ENDED:
        return False
    return not any(
        other.name == person.name or (other.access and other.access.account_id == claim.account_id) for other in people
    )


def _gone(person: Person, chart: PatientRecord, request: PracticeRequest) -> Whose:
    """Whose access ended: they may call as well, and what they hear is that it did."""
    facts = Facts(**{**_of_chart(chart), "has_email": True}, access=AccessState.ENDED)
    lines = _lines(facts, {"record": chart.pk}, request, is_proxy=True)
    because = person.access.get_ended_because_display() if person.access else ""
    if because and lines[0].cause is Cause.ENDED:
        lines = [replace(lines[0], says=f"{lines[0].says} {_('Why: %(because)s.') % {'because': because}}")]
    return Whose(person.name, lines)


def _holder(one: dict[str, Any], chart: PatientRecord, read: Read, request: PracticeRequest) -> Whose:
    claim: PatientAccess = one["claim"]
    journey = read.journeys.get(claim.account_id)
    facts = Facts(**_of_chart(chart), **holding.of(one, chart, read, request))
    about = {"record": chart.pk, "access": claim.pk, "member": read.left_staff.get(claim.account_id, 0)}
    about |= {"enrollment": journey.pk, "code": journey.code_id} if journey else {}
    is_unsaid = journey is not None and not journey.relationship  # it may be the patient
    known_as = {"is_proxy": claim.relationship != Relationship.SELF and not is_unsaid, "offers": one["blocks"]}
    lines = _lines(facts, about, request, **known_as)
    notes = _lines(facts, about, request, which=worth_knowing, **known_as)
    return Whose(one["name"], lines, "" if lines else _next_sign_in(one), notes)


def _lines(
    facts: Facts,
    about: dict[str, int],
    request: PracticeRequest,
    *,
    which: Callable[[Facts], list[Cause]] = in_the_way,
    is_proxy: bool = False,
    offers: Iterable[dict[str, Any]] = (),
) -> list[Line]:
    """`offers`: what the desk lifts, by their pages, with their titles and what stands against this member of staff."""
    found, by_page = [], {one["page"]: one for one in offers}
    for cause in which(facts):
        says = words.of(cause, facts, is_proxy=is_proxy)
        page = _page(says, about, facts)
        offer = by_page.get(page, {"title": says.title, "objection": ""})
        why = offer["objection"]
        if says.route in OF_MANAGERS and not is_manager(request):
            why = NotAManager.words
        found.append(Line(cause, _said(cause, says, facts), offer["title"], "" if why else page, why))
    return found


def _said(cause: Cause, says: words.Says, facts: Facts) -> str:
    """The words, with when what waits is due, and where somebody stopped."""
    due = facts.closing_due if cause is Cause.CLOSING_WAITS else facts.reset_due
    when = date_format(timezone.localtime(due), "DATETIME_FORMAT") if due else ""
    said = str(says.says) % {"when": when, "where": facts.stopped_at}
    return " ".join(filter(None, (said, str(says.hint))))


def _page(says: words.Says, about: dict[str, int], facts: Facts) -> str:
    """The page of a route; "" where the person has nothing that it could be about."""
    if not says.route:
        return ""
    if not says.about:
        return reverse(f"staff:{says.route}")
    if says.about == "phone":
        return reverse(f"staff:{says.route}", args=[about["record"], facts.phone_not_used])
    return reverse(f"staff:{says.route}", args=[about[says.about]]) if about.get(says.about) else ""


def _next_sign_in(one: dict[str, Any]) -> str:
    kinds = [str(kind) for kind in one["kinds"]]
    if kinds:
        steps = _("email or username, password, and a second step (%(kinds)s)") % {"kinds": ", ".join(kinds)}
    else:
        steps = _("email or username and password")
    return capfirst(steps)
