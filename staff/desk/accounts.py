"""The accounts that open a patient's record, on the chart: how each stands, what is in its way, what the desk does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access as accesses
from accounts import names, rights
from accounts.gates import account_of
from accounts.models import AccessState, Account, Relationship, SignInState
from audit.events import Event
from audit.models import AuditEvent
from enrollment import guardians
from enrollment.people import Standing
from guard import limits, sessions
from staff import lifting, stops
from staff.lifting import Block
from verification import options
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django_otp.models import Device
    from django_stubs_ext import StrOrPromise

    from accounts.models import PatientAccess
    from enrollment.people import Person
    from practices.current import PracticeRequest
    from practices.models import PatientRecord
    from staff.lifting import InTheWay

TITLES = {
    Block.CODES: gettext_lazy("Forgive the wrong codes"),
    Block.STOP: gettext_lazy("Let security options be changed again"),
}
RESET_ONLY = gettext_lazy("Let the password be reset again")
STATES = {
    AccessState.WAITING: gettext_lazy("has yet to prove who they are"),
    AccessState.APPROVAL: gettext_lazy("waits for the practice's approval"),
    AccessState.ACTIVE: gettext_lazy("opens the record"),
    AccessState.SUSPENDED: gettext_lazy("is stopped: opens nothing"),
}


def title(block: Block, found: InTheWay) -> StrOrPromise:
    """What lifting it is called; where only resets were stopped, options never were."""
    return RESET_ONLY if block is Block.STOP and found.is_reset_only else TITLES[block]


def of(chart: PatientRecord, listed: Iterable[Person], request: PracticeRequest) -> list[dict[str, object]]:
    """Each access to a record that did not end, the patient's own first; `listed`: people with access."""
    live = request.practice.accesses.exclude(state=AccessState.ENDED).filter(record=chart)
    claims = sorted(stops.facts(live).order_by("pk"), key=lambda one: one.relationship != Relationship.SELF)
    people = {one.access: one for one in listed}
    known = _read([one.account_id for one in claims])
    return [_account(claim, people.get(claim), known, request) for claim in claims]


class Known(NamedTuple):
    """What is read of all accounts at once, by their ids."""

    options: dict[int, list[Device]]
    in_the_way: dict[int, InTheWay]
    sessions: dict[int, list[tuple[bytes, dict[str, Any]]]]
    last_sign_in: dict[str, datetime]


def _read(accounts: list[int]) -> Known:
    return Known(
        options.of_each(accounts),
        lifting.in_the_way_of(accounts),
        sessions.of_owners(accounts),
        _last_sign_ins(accounts),
    )


def _last_sign_ins(accounts: Iterable[int]) -> dict[str, datetime]:
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    found = AuditEvent.objects.filter(
        subject_kind=kind, subject_id__in=[str(one) for one in accounts], event=Event.SIGN_IN_SUCCEEDED
    )
    return dict(found.order_by().values_list("subject_id").annotate(last=Max("at")))


def _account(claim: PatientAccess, person: Person | None, known: Known, request: PracticeRequest) -> dict[str, object]:
    """What the page says of one account: nothing that would help to sign in with it."""
    account, practice = claim.account, request.practice
    mine, found = known.options[account.pk], known.in_the_way[account.pk]
    here = [one for _key, one in known.sessions[account.pk] if one.get("practice") == practice.pk]
    return {
        "claim": claim,
        "name": _name(claim, person),
        "is_unsaid": person is not None and person.standing == Standing.UNSAID,
        "state": _state(claim),
        "needs_look": bool(account.locked_at) or claim.state != AccessState.ACTIVE,
        "sign_in_name": names.mask(account.sign_in_name),
        "is_unverified": account.sign_in_state != SignInState.HELD,
        "open_here": len(here),
        "last_sign_in": known.last_sign_in.get(str(account.pk)),
        "options": mine,
        "kinds": [NOUNS[options.kind(option)] for option in mine],
        "locked_until": max((one.locked_until for one in mine if one.is_locked()), default=None),
        "wrong": found.wrong,
        "most": limits.WRONG_A_YEAR,
        "wrong_at_resets": found.wrong_at_resets,
        "most_at_resets": limits.WRONG_AT_RESETS,
        "lately": found.lately,
        "resets_stopped": found.resets_stopped,
        "due": found.due,
        "blocks": [*_stops(claim, request), *(_offer(block, claim, found, request) for block in found.blocks)],
        "actions": list(_actions(claim)),
    }


def _state(claim: PatientAccess) -> StrOrPromise:
    if claim.account.locked_at:
        return _("is locked: nobody signs in")
    is_over = claim.state == AccessState.ACTIVE and not rights.of(claim).opens
    return _("is over: opens nothing") if is_over else STATES[AccessState(claim.state)]


def _name(claim: PatientAccess, person: Person | None) -> StrOrPromise:
    if claim.relationship == Relationship.SELF:
        return _("The patient's own account")
    return _("Account of %(name)s") % {"name": person.name if person else names.shown(claim.account)}


def _actions(claim: PatientAccess) -> Iterator[dict[str, object]]:
    """What the desk may do to it at any time."""
    is_own = claim.relationship == Relationship.SELF
    if claim.account.locked_at:
        yield _action("unlock_account", _("Unlock account"), claim)
    else:
        yield _action("sign_out_everywhere", _("Sign out everywhere"), claim)
        yield _action("lock_account", _("Lock account"), claim)
    if is_own and guardians.unconfirmed(claim.record):
        yield _action("confirm_own", _("It is the patient's own"), claim)
    if not is_own and claim.state in accesses.PROVEN:
        yield _action("access_terms", _("Change level or last day"), claim)
    if is_own and claim.state != AccessState.SUSPENDED:
        yield _action("end_access", _("End access"), claim)


def _action(name: str, words: StrOrPromise, claim: PatientAccess) -> dict[str, object]:
    return {"title": words, "page": reverse(f"staff:{name}", args=[claim.pk])}


def _stops(claim: PatientAccess, request: PracticeRequest) -> Iterator[dict[str, object]]:
    """What the desk does where an access is stopped; a proxy's ends under People with access."""
    if claim.state != AccessState.SUSPENDED:
        return
    by, practice = account_of(request), request.practice
    offers = {"lift_access": (_("Lift the stop"), stops.against_lifting(claim, by, practice))}
    if claim.relationship == Relationship.SELF:
        offers["end_access"] = (_("End access"), stops.objection(claim, by, practice))
    for name, (words, why) in offers.items():
        yield {**_action(name, words, claim), "objection": why.words if why else ""}


def _offer(block: Block, claim: PatientAccess, found: InTheWay, request: PracticeRequest) -> dict[str, object]:
    """What may be lifted, with its page, or why this member of staff does not do it."""
    why = lifting.objection(block, claim, account_of(request), request.practice, found)
    offer = _action(f"lift_{block.value}", title(block, found), claim)
    return {**offer, "objection": why.words if why else ""}
