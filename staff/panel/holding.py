"""What is known of who has an account that holds a record, or is to: for the table of causes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts import rights
from accounts.gates import needs_a_name
from accounts.models import AccessState, ChangeKind, Relationship, SignInState
from accounts.rights import Stage
from audit.events import Event
from enrollment import checks, contact_fields, paw, proof
from guard import limits
from notifications.channels import can_send
from notifications.models import Channel
from staff.panel import facts as known

if TYPE_CHECKING:
    from accounts.models import Account, PatientAccess
    from enrollment.named_proxy import NamedProxy
    from practices.current import PracticeRequest
    from practices.models import PatientRecord
    from staff.panel.facts import Read

IN_USE = (AccessState.ACTIVE, AccessState.WAITING, AccessState.APPROVAL)


def of(one: dict[str, Any], chart: PatientRecord, read: Read, request: PracticeRequest) -> dict[str, Any]:
    """Facts of an account, as the section of accounts has it; those of the record are not among them."""
    claim: PatientAccess = one["claim"]
    return {
        **_of_access(claim, request),
        **_of_journey(claim, chart, read),
        **_of_codes(one, read),
        **_of_password(claim, chart, read),
        **_of_resets(one),
        **_of_gates(one, read, request),
    }


def _of_access(claim: PatientAccess, request: PracticeRequest) -> dict[str, Any]:
    is_open = claim.state == AccessState.ACTIVE
    stage = rights.stage(claim.record.birth_date, request.practice.today(), request.practice.settings)
    return {
        "access": AccessState(claim.state),
        "is_over": is_open and not rights.of(claim).opens,
        "came_of_age": is_open and stage == Stage.ADULT and rights.came_of_age(claim),
        "sees_less": is_open and claim.relationship != Relationship.SELF and stage == Stage.TEEN,
        "locked": bool(claim.account.locked_at),
    }


def _of_journey(claim: PatientAccess, chart: PatientRecord, read: Read) -> dict[str, Any]:
    """What the proof of who they are waits for."""
    journey = read.journeys.get(claim.account_id)
    if journey is None or claim.state != AccessState.WAITING:
        return {}
    numbers, by_record = read.on_file[claim.account_id], proof.takes_record(journey, chart, chart.practice)
    return {
        **(of_name(journey.code.proxy, chart) if journey.code.proxy else {}),
        "code": journey.code.state_at(timezone.now()),
        "unsaid": journey.proven_at is not None and not journey.relationship,
        "vouch_asked": journey.vouch_asked_at is not None,
        "contacts_rest": by_record and read.contacts_rest and not numbers,
        "name_rests": not (by_record or numbers) and bool(journey.proxy and journey.proxy.phone_e164),
        "wrong_dates": read.at(Event.PHONE_ON_FILE_REFUSED, journey.pk) is not None,
        "phones_off": not can_send(Channel.SMS),
        "phone_not_used": contact_fields.not_used(chart) if by_record and not (numbers or read.contacts_rest) else "",
        "has_phone_on_file": bool(numbers),
        "phone_troubles": known.of_phones(read, claim.account_id),
    }


def of_name(named: NamedProxy, chart: PatientRecord) -> dict[str, bool]:
    """Whether who was named, and did not get in yet, does not any more."""
    is_outgrown = checks.is_outgrown(named, chart, chart.practice)
    return {"is_over": is_outgrown or checks.is_past(named, chart.practice), "came_of_age": is_outgrown}


def _of_codes(one: dict[str, Any], read: Read) -> dict[str, Any]:
    """What stands between the password and a two-step code that counts."""
    account, seen = one["claim"].account_id, one["last_sign_in"]
    return {
        "wrong_codes": one["wrong"] >= one["most"],
        "wrong_at_resets": one["wrong_at_resets"] >= one["most_at_resets"],
        "option_locked": one["locked_until"] is not None,
        "option_troubles": known.of_options(read, account, seen),
        "has_other_option": known.has_other_option(read, account, len(one["kinds"]), seen),
    }


def _of_password(claim: PatientAccess, chart: PatientRecord, read: Read) -> dict[str, Any]:
    account = claim.account
    failed, last = (read.at(one, account.pk) for one in (Event.SIGN_IN_FAILED, Event.SIGN_IN_SUCCEEDED))
    slowed = {
        name: _lately(read, account, event, within.per)
        for name, event, within in (
            ("slowed", Event.SIGN_IN_SLOWED, limits.SIGN_IN_BY_NAME),
            ("slowed_place", known.SLOWED_PLACE, limits.SIGN_IN_BY_ADDRESS),
        )
    }
    return {
        **slowed,
        "wrong_password": bool(failed and (not last or failed > last)),
        "has_verified_email": bool(account.verified_email),
        "link_goes": bool(chart.email and account.verified_email and claim.state in IN_USE and account.is_active)
        and paw.holder(chart, read.claims) == claim,
    }


def _lately(read: Read, account: Account, event: str, within: timedelta) -> bool:
    """Whether tries were slowed within this time, and nobody got in since."""
    slowed, last = read.at(event, account.pk), read.at(Event.SIGN_IN_SUCCEEDED, account.pk)
    return bool(slowed and slowed > timezone.now() - within and (not last or slowed > last))


def _of_resets(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "resets_stopped": one["resets_stopped"],
        "reset_due": one["due"].get(ChangeKind.WAIT),
        "closing_due": one["due"].get(ChangeKind.CLOSING),
        "changes_stopped": one["lately"].stopped_until is not None,
        "changes_rest": one["lately"].rests_until is not None,
    }


def _of_gates(one: dict[str, Any], read: Read, request: PracticeRequest) -> dict[str, Any]:
    """What the next sign-in asks for before anything else."""
    claim: PatientAccess = one["claim"]
    account, standing = claim.account, read.standings.get(claim.account_id)
    is_lost = account.sign_in_state == SignInState.LOST
    return {
        "option_missing": request.practice.settings.option_required and not one["kinds"],
        "name_lost": is_lost,
        "name_unverified": not is_lost and needs_a_name(account, timezone.now()),
        "terms_due": standing.terms_due if standing else False,
        "consent_due": any(ask.blocks for ask in standing.asks) if standing else False,
        "left_staff": claim.account_id in read.left_staff,
    }
