"""The demo's beginnings: practices, terms, two people who are enrolled, and one token that waits for its patient."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import access, names
from accounts.models import Account
from agreements import terms
from agreements.sample_texts import samples
from enrollment import admission, codes, numbers
from enrollment.models import AccountChoice, CodeKind, Handover
from enrollment.progress import AcceptedTerms
from practices.current import PracticeRequest
from practices.demo import make_demo
from practices.models import PatientRecord, Practice

PASSWORD = "Sunny-harbor-42"  # noqa: S105 - it is for the demo only, and printed


@dataclass(frozen=True)
class Enrolled:
    """A demo patient who has an account."""

    practice: str
    mrn: str
    sign_in_name: str
    email: str


ENROLLED = (
    Enrolled("riverside", "R100001", "maria.santos@example.com", "maria.santos@example.com"),
    Enrolled("riverside", "R100009", "walter.hughes", ""),
)
TOKEN_FOR = ("R100002", "R100005", "R100006", "R100007", "R100008", "R100010")  # the first that has no account yet


def prepare() -> list[str]:
    """Make what is missing of the demo; returns the lines that `make run` prints."""
    practices = {practice.slug: practice for practice in make_demo()}
    for practice in practices.values():
        _publish(practice)
    for person in ENROLLED:
        _enroll(person, practices[person.practice])
    lines = [f"{practice.name}: {practice.address('/')}" for practice in practices.values()]
    lines += [f"Sign in as {person.sign_in_name} with the password {PASSWORD}" for person in ENROLLED]
    return [*lines, *_token(practices["riverside"])]


def _publish(practice: Practice) -> None:
    for kind, texts in samples(practice).items():
        if not practice.terms_versions.filter(kind=kind).exists():
            terms.publish(practice=practice, kind=kind, texts=texts, by=None)


def _enroll(person: Enrolled, practice: Practice) -> None:
    """Walk the same actions as the pages do."""
    chart = practice.patients.get(mrn=person.mrn)
    if access.self_of(chart):
        return
    request = PracticeRequest()
    request.practice, request.client_address = practice, "127.0.0.1"
    code = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None).code
    journey = admission.begin(code=code, email=person.email, request=request)
    journey.account_choice = AccountChoice.NEW
    journey.save(update_fields=["account_choice"])
    accepted = AcceptedTerms(shown=terms.current(practice, "en").ids, at=timezone.now())
    account = admission.make_account(
        journey=journey, sign_in_name=person.sign_in_name, password=PASSWORD, accepted=accepted, request=request
    )
    if account.email:
        _verify(account, request)


@transaction.atomic
def _verify(account: Account, request: PracticeRequest) -> None:
    names.reserve(account.sign_in_name)
    names.verified(account=account, at=timezone.now(), request=request)


def _token(practice: Practice) -> list[str]:
    """Issue a token for the first patient without an account; tokens are kept hashed, so each start makes a new one."""
    charts = PatientRecord.objects.filter(practice=practice, mrn__in=TOKEN_FOR).order_by("mrn")
    chart = next((chart for chart in charts if not access.self_of(chart)), None)
    if chart is None:
        return ["Every sample patient is enrolled; `manage.py issue_code` makes another token."]
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
    born = f"{chart.birth_date:%m/%d/%Y}"
    return [
        f"Token {numbers.show(issued.number)}, date of birth {born}, last name {chart.family_name or chart.given_names}"
    ]
