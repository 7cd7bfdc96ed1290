"""**Access** on a chart: for the patient and for each who acts for them, why they cannot get in, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import rights
from accounts.gates import needs_a_name
from accounts.models import AccessState, Relationship, SignInState
from agreements import consents
from audit.events import Event
from staff.panel import facts as known
from staff.panel import words
from staff.panel.causes import Cause, Facts, in_the_way

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

    from accounts.models import PatientAccess
    from enrollment.models import EnrollmentCode
    from enrollment.people import Person
    from practices.current import PracticeRequest
    from practices.models import PatientRecord
    from staff.panel.facts import Read


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
    """Somebody, and all that is in their way; `next_sign_in`: what happens then, where nothing is."""

    name: StrOrPromise
    lines: list[Line]
    next_sign_in: StrOrPromise = ""


def of(
    chart: PatientRecord,
    people: Iterable[Person],
    accounts: list[dict[str, Any]],
    request: PracticeRequest,
) -> list[Whose]:
    """The patient first. `people` and `accounts`: what other parts of the page read already."""
    coming = [one for one in people if one.access is None]
    read = known.read(chart, [one["claim"] for one in accounts], [one.code for one in coming if one.code], request)
    found = []
    if not any(one["claim"].relationship == Relationship.SELF for one in accounts):
        found.append(_outside(chart, read, request))
    found += [_holder(one, chart, read, request) for one in accounts]
    return found + [_coming(one, chart, read) for one in coming]


def _of_chart(chart: PatientRecord) -> dict[str, Any]:
    return {"deceased": chart.deceased, "active": chart.active, "has_email": bool(chart.email)}


def _of_code(code: EnrollmentCode | None, read: Read) -> dict[str, Any]:
    if code is None:
        return {}
    return {
        "code": code.state_at(timezone.now()),
        "wrong_answers": read.wrong.get(bytes(code.digest), 0),
        "code_troubles": frozenset(read.troubles.get(code.sent_to, ())),
    }


def _outside(chart: PatientRecord, read: Read, request: PracticeRequest) -> Whose:
    """The patient, who has no account that holds the record."""
    code = read.codes[0] if read.codes else None
    ended = read.ended_self
    facts = Facts(
        **_of_chart(chart),
        **_of_code(code, read),
        too_young=not rights.may_have_account(chart.birth_date, request.practice.today(), request.practice.settings),
        access=AccessState.ENDED if ended else None,
        ended_because=ended.ended_because if ended else "",
        was_superseded=len(read.codes) > 1 and read.codes[1].state == "superseded",
    )
    return Whose(_("The patient"), _lines(facts, {"record": chart.pk, "code": code.pk if code else 0}))


def _coming(person: Person, chart: PatientRecord, read: Read) -> Whose:
    """Who was named, and is not in."""
    proxy, code = person.proxy, person.code
    facts = Facts(**{**_of_chart(chart), "has_email": bool(proxy and proxy.email)}, **_of_code(code, read))
    about = {"record": chart.pk, "code": code.pk if code else 0, "proxy": proxy.pk if proxy else 0}
    return Whose(person.name, _lines(facts, about, is_proxy=True))


def _holder(one: dict[str, Any], chart: PatientRecord, read: Read, request: PracticeRequest) -> Whose:
    claim: PatientAccess = one["claim"]
    journey = read.journeys.get(claim.account_id)
    facts = Facts(**_of_chart(chart), **_of_access(one, request), **_of_journey(claim, read), **_of_sign_in(one, read))
    about = {"record": chart.pk, "access": claim.pk, "enrollment": journey.pk if journey else 0, "proxy": 0}
    about["proxy"] = journey.proxy_id or 0 if journey else 0
    is_proxy = claim.relationship != Relationship.SELF
    lines = _lines(facts, about, is_proxy=is_proxy, offers=one["blocks"])
    return Whose(one["name"], lines, "" if lines else _next_sign_in(one, request))


def _of_access(one: dict[str, Any], request: PracticeRequest) -> dict[str, Any]:
    claim: PatientAccess = one["claim"]
    standing = _standing(claim, request)
    return {
        "access": AccessState(claim.state),
        "rests_with_record": claim.rests_with_record,
        "is_over": claim.state == AccessState.ACTIVE and not rights.of(claim).opens,
        "locked": bool(claim.account.locked_at),
        "terms_due": standing.terms_due if standing else False,
        "consent_due": any(ask.blocks for ask in standing.asks) if standing else False,
    }


def _standing(claim: PatientAccess, request: PracticeRequest) -> consents.Standing | None:
    """As `accounts.agreed` has it for who signs in."""
    may = rights.of(claim)
    return (
        consents.standing(claim.account, request.practice, [claim.record_id] if may.acts else []) if may.opens else None
    )


def _of_journey(claim: PatientAccess, read: Read) -> dict[str, Any]:
    journey = read.journeys.get(claim.account_id)
    if journey is None or claim.state != AccessState.WAITING:
        return {}
    return {
        "vouch_asked": journey.vouch_asked_at is not None,
        "contacts_rest": read.contacts_rest,
        "wrong_dates": read.at(Event.PHONE_ON_FILE_REFUSED, journey.pk) is not None,
        "has_phone_on_file": bool(read.on_file[claim.account_id]),
        "phone_troubles": known.of_phones(read, claim.account_id),
    }


def _of_sign_in(one: dict[str, Any], read: Read) -> dict[str, Any]:
    account = one["claim"].account
    is_lost = account.sign_in_state == SignInState.LOST
    failed, slowed, last = (
        read.at(event, account.pk) for event in (Event.SIGN_IN_FAILED, Event.SIGN_IN_SLOWED, Event.SIGN_IN_SUCCEEDED)
    )
    return {
        "wrong_codes": one["wrong"] >= one["most"] or one["wrong_at_resets"] >= one["most_at_resets"],
        "changes_stopped": bool(one["lately"].stopped_until) or account.pk in read.resets_stopped,
        "slowed": bool(slowed and slowed > timezone.now() - known.SLOWED_FOR and (not last or slowed > last)),
        "option_locked": one["locked_until"] is not None,
        "wrong_password": bool(failed and (not last or failed > last)),
        "option_troubles": known.of_options(read, account.pk),
        "reset_waits": account.pk in read.waits,
        "name_lost": is_lost,
        "name_unverified": not is_lost and needs_a_name(account, timezone.now()),
    }


def _lines(
    facts: Facts,
    about: dict[str, int],
    *,
    is_proxy: bool = False,
    offers: Iterable[dict[str, Any]] = (),
) -> list[Line]:
    """`offers`: what the desk lifts, by their pages, with their titles and what stands against this member of staff."""
    found, by_page = [], {one["page"]: one for one in offers}
    for cause in in_the_way(facts):
        says = words.of(cause, facts, is_proxy=is_proxy)
        page = _page(says, about)
        offer = by_page.get(page, {"title": says.title, "objection": ""})
        why = offer["objection"]
        found.append(Line(cause, says.says, offer["title"], "" if why else page, why))
    return found


def _page(says: words.Says, about: dict[str, int]) -> str:
    """The page of a route; "" where the person has nothing that it could be about."""
    if not says.route:
        return ""
    if not says.about:
        return reverse(f"staff:{says.route}")
    return reverse(f"staff:{says.route}", args=[about[says.about]]) if about.get(says.about) else ""


def _next_sign_in(one: dict[str, Any], request: PracticeRequest) -> str:
    kinds = [str(kind) for kind in one["kinds"]]
    if kinds:
        steps = _("email or username, password, and a second step (%(kinds)s)") % {"kinds": ", ".join(kinds)}
    elif request.practice.settings.option_required:
        steps = _("email or username and password; then they set up a security option")
    else:
        steps = _("email or username and password")
    return capfirst(steps)
