"""The demo's family: a mother who acts for her daughter, and looks after her father."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import AccessLevel, Account, PatientAccess, Relationship, SignInState
from enrollment import admission, carers, codes, naming
from enrollment.carers import Carer
from enrollment.models import AccountChoice, CodeKind, Handover
from enrollment.named_proxy import NamedBy
from enrollment.naming import Who
from practices.models import PatientRecord

if TYPE_CHECKING:
    from practices.current import PracticeRequest
    from practices.models import Practice


@dataclass(frozen=True)
class Cares:
    """Who acts for whom, both patients of one practice."""

    mrn: str
    sign_in_name: str
    patient: str
    relationship: Relationship
    level: AccessLevel


FAMILY = (
    Cares("R100001", "maria.santos@example.com", "R100013", Relationship.PARENT, AccessLevel.FULL),
    Cares("R100001", "maria.santos@example.com", "R100014", Relationship.CAREGIVER, AccessLevel.VIEW),
)


def prepare(practice: Practice, request: PracticeRequest) -> None:
    """Make what is missing of it: the desk names the person, and hands over a token."""
    for one in FAMILY:
        account = Account.objects.get(sign_in_name=one.sign_in_name, sign_in_state=SignInState.HELD)
        chart = practice.patients.get(mrn=one.patient)
        if not PatientAccess.objects.filter(account=account, record=chart).exists():
            _care(one, account, practice.patients.get(mrn=one.mrn), chart, request)


def _care(one: Cares, account: Account, own: PatientRecord, chart: PatientRecord, request: PracticeRequest) -> None:
    who = Who(own.given_names, own.family_name, own.birth_date, one.relationship, one.level, email=own.email)
    proxy = naming.name(chart=chart, who=who, source=NamedBy.STAFF, by=None)
    code = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None, proxy=proxy).code
    journey = admission.begin(code=code, email="", request=request)
    carers.choose(journey=journey, is_self=False, account_choice=AccountChoice.EXISTING, request=request)
    carer = Carer(who.first_name, who.last_name, who.birth_date, one.relationship)
    carers.say(journey=journey, carer=carer, request=request)
    admission.add_to_account(journey=journey, account=account, accepted=None, request=request)
