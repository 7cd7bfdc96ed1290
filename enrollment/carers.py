"""**About you**: who says that they care for the patient, and whether they are who was named (docs/flows.md, I)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import AccessLevel, Relationship
from enrollment import checks, identity, refusals
from enrollment.journey import Step
from enrollment.models import AccountChoice, Enrollment, EnrollmentState
from enrollment.named_proxy import NamedBy, NamedProxy
from guard import secrets
from practices.matching import fold_name, fold_typed
from practices.models import PatientRecord

if TYPE_CHECKING:
    from datetime import date

    from accounts.models import Account
    from practices.current import PracticeRequest


@dataclass(frozen=True)
class Carer:
    """What somebody who acts for a patient types about themselves."""

    first_name: str
    last_name: str
    birth_date: date
    relationship: str


@transaction.atomic
def choose(*, journey: Enrollment, is_self: bool, account_choice: AccountChoice, request: PracticeRequest) -> Step:
    """**Myself** or **Someone else**, until the account is made; gives the step that follows.

    Whether **Myself** may be chosen is asked by the form, and once more when the account is made.
    """
    journey = checks.lock(journey, request)
    if journey.state == EnrollmentState.OPEN:
        claim = journey.proxy
        journey.account_choice, journey.step = account_choice, Step.CREDENTIALS if is_self else Step.CARER
        if is_self:
            journey.relationship, journey.proxy = Relationship.SELF, None
        elif journey.relationship == Relationship.SELF:
            journey.relationship = ""
        journey.save(update_fields=["account_choice", "step", "relationship", "proxy"])
        if claim and is_self:
            claim.delete()
    return Step(journey.step)


@transaction.atomic
def say(*, journey: Enrollment, carer: Carer, request: PracticeRequest) -> None:
    """Note who the person says they are; said again before the account is made, it takes the place of what was said."""
    journey = checks.lock(journey, request)
    if journey.state != EnrollmentState.OPEN:
        return
    write(journey, carer)
    journey.step = Step.CREDENTIALS
    journey.save(update_fields=["relationship", "proxy", "step"])


def write(journey: Enrollment, carer: Carer) -> None:
    """Put what was typed into the claim of a locked journey: one a journey. The caller saves the journey."""
    claim = journey.proxy
    if claim is None or claim.source != NamedBy.CLAIM:
        claim = NamedProxy(practice=journey.practice, record=journey.record, source=NamedBy.CLAIM)
    for name, typed in asdict(carer).items():
        setattr(claim, name, typed)
    claim.level = AccessLevel.VIEW
    claim.save()
    journey.proxy, journey.relationship = claim, carer.relationship


def settle(journey: Enrollment) -> None:
    """Take who was typed for who was named, where they are one; else it stays a claim. In the caller's transaction.

    Asked once, when the account is made: before that, nothing tells whether it was right (rule 3).
    """
    named, typed = journey.code.proxy, journey.proxy
    if named is None or typed is None or typed.pk == named.pk or not is_named(named, typed):
        return
    NamedProxy.objects.filter(pk=typed.pk).update(withdrawn_at=timezone.now())
    journey.proxy, journey.relationship = named, named.relationship


def is_named(named: NamedProxy, typed: NamedProxy) -> bool:
    """Whether both are one person: names as last names are compared, and the date of birth; in constant time."""
    right_date = identity.birth_date_matches(named, typed.birth_date)
    right_last = _same(named.last_name or named.first_name, typed.last_name)
    right_first = _same(named.first_name, typed.first_name) | _same(_first_word(named), _first_word(typed))
    return right_date & right_last & right_first


def is_claim(journey: Enrollment) -> bool:
    """Whether nobody but the person says that they may act for the patient."""
    return journey.proxy is not None and journey.proxy.source == NamedBy.CLAIM


def check_owner(account: Account, carer: NamedProxy) -> None:
    """Raise where the account is somebody's own, and what was typed is not that person."""
    typed = PatientRecord(
        given_names=carer.first_name, family_name=carer.last_name, birth_date=carer.birth_date
    )  # never saved
    if not access.is_same_person(account, typed):
        raise refusals.NotTheAccountsOwner


def _first_word(who: NamedProxy) -> str:
    return who.first_name.partition(" ")[0]


def _same(name: str, typed: str) -> bool:
    wanted = fold_name(fold_typed(typed))
    return secrets.same(fold_name(name).encode(), wanted.encode()) & (wanted != "")
