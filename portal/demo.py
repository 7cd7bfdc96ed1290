"""The demo's beginnings: practices, terms, two people who are enrolled, and one token that waits for its patient."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import access, names, set_up
from accounts.models import Account, SignInState
from accounts.set_up import Wanted
from agreements import sample_forms, terms
from agreements.sample_texts import samples
from audit.events import Event
from audit.record import record
from enrollment import admission, codes, inviting, numbers
from enrollment.models import LIVE, AccountChoice, CodeKind, Handover
from enrollment.progress import AcceptedTerms
from guard.sessions import SessionStore
from notifications.channels import can_send
from notifications.models import Channel as MessageChannel
from portal import demo_family, demo_patients
from practices.choices import StaffRole
from practices.current import PracticeRequest
from practices.demo import make_demo
from practices.models import PatientRecord, Practice, StaffMembership
from results import demo as results
from verification import options
from verification.models import Channel

PASSWORD = "Sunny-harbor-42"  # noqa: S105 - it is for the demo only, and printed


@dataclass(frozen=True)
class Enrolled:
    """A demo patient who has an account."""

    practice: str
    mrn: str
    sign_in_name: str
    email: str
    option: Wanted


ENROLLED = (
    Enrolled(
        "riverside",
        "R100001",
        "maria.santos@example.com",
        "maria.santos@example.com",
        Wanted(Channel.SMS, "+12125550142"),
    ),
    Enrolled("riverside", "R100009", "walter.hughes", "", Wanted(Channel.VOICE, "+12125550149")),
)
WORK_AT = "riverside"
STAFF = (
    ("front.desk", "Dana", "Reed", StaffRole.FRONT_DESK, Wanted(Channel.SMS, "+12125550150")),
    ("manager", "Morgan", "Lee", StaffRole.MANAGER, Wanted(Channel.SMS, "+12125550151")),
    ("second.manager", "Robin", "Hale", StaffRole.MANAGER, Wanted(Channel.SMS, "+12125550152")),
)
TOKEN_FOR = ("R100002", "R100006", "R100008", "R100010")  # the first that has no account yet
MAILED_FOR = ("R100010", "R100008", "R100006")  # the same: a token that came by mail
BY_EMAIL = (  # while they have no account: what lies in their mailboxes
    ("riverside", "R100007", CodeKind.ACTIVATION),
    ("riverside", "R100005", CodeKind.INVITATION),
    ("harbor", "H100002", CodeKind.ACTIVATION),
)


def prepare() -> list[str]:
    """Make what is missing of the demo; returns the lines that `make run` prints."""
    practices = {practice.slug: practice for practice in make_demo()}
    for practice in practices.values():
        _publish(practice)
    for person in ENROLLED:
        _enroll(person, practices[person.practice])
        _protect(person, practices[person.practice])
    demo_family.prepare(practices[WORK_AT], _request(practices[WORK_AT]))
    demo_patients.prepare(practices[WORK_AT], _request(practices[WORK_AT]))
    _hire(practices)
    for practice in practices.values():
        results.prepare(practice)
    lines = [f"{practice.name}: {practice.address('/')}" for practice in practices.values()]
    lines += [f"Sign in as {person.sign_in_name} with the password {PASSWORD}" for person in ENROLLED]
    names_of_staff = " or ".join(name for name, *_ in STAFF)
    lines += [f"Staff: {names_of_staff}, the same password, and then {practices[WORK_AT].address('/staff/')}"]
    lines += [f"Codes by text, call and email arrive at {practices['riverside'].address('/inbox/')}"]
    riverside = practices["riverside"]
    mailed = _token(riverside, MAILED_FOR, Handover.MAILED)
    lines += [*_token(riverside, TOKEN_FOR, Handover.HANDED), *(f"By mail: {line}" for line in mailed)]
    return lines + [line for slug, mrn, kind in BY_EMAIL for line in _by_email(practices[slug], mrn, kind)]


def _publish(practice: Practice) -> None:
    for kind, texts in samples(practice).items():
        if not practice.terms_versions.filter(kind=kind).exists():
            terms.publish(practice=practice, kind=kind, texts=texts, by=None)
    for name in sample_forms.NAMES:
        if not practice.consent_forms.filter(slug=name).exists():
            form = sample_forms.sample(name, practice)
            sample_forms.publish(practice=practice, form=form, by=None)


def _request(practice: Practice) -> PracticeRequest:
    """A request that no browser made."""
    request = PracticeRequest()
    request.practice, request.client_address, request.session = practice, "127.0.0.1", SessionStore()
    return request


def _enroll(person: Enrolled, practice: Practice) -> None:
    """Walk the same actions as the pages do."""
    chart = practice.patients.get(mrn=person.mrn)
    if access.self_of(chart) or _account_of(person):
        return  # also where the desk ended the access meanwhile
    request = _request(practice)
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


def _account_of(person: Enrolled) -> Account | None:
    return Account.objects.filter(sign_in_name=person.sign_in_name, sign_in_state=SignInState.HELD).first()


def _protect(person: Enrolled, practice: Practice) -> None:
    """The same, also for who enrolled in an older demo and has no security option yet."""
    account = _account_of(person)
    if account and not options.has_any(account):
        _set_up(account, person.option, _request(practice))


@transaction.atomic
def _hire(practices: dict[str, Practice]) -> None:
    """Somebody at the front desk, who sees IDs and vouches, and the manager, who writes consent forms."""
    practice = practices[WORK_AT]
    request = _request(practice)
    for name, first, last, role, option in STAFF:
        if practice.staff.filter(account__sign_in_name=name).exists():
            continue
        account = Account.objects.create_account(
            sign_in_name=name,
            password=PASSWORD,
            first_name=first,
            last_name=last,
            email=f"{name}@riverside.example.com",
        )
        StaffMembership.objects.create(practice=practice, account=account, role=role)
        record(Event.ACCOUNT_CREATED, actor=None, practice=practice, subject=account, request=request)
        record(Event.STAFF_ADDED, actor=None, practice=practice, subject=account, request=request, role=role)
        _verify(account, request)
        _set_up(account, option, request)


def _set_up(account: Account, option: Wanted, request: PracticeRequest) -> None:
    """Not where the demo shows how it is without texts and calls: signing in leads to what there is."""
    if can_send(MessageChannel(option.channel)):
        set_up.add(account=account, made=option, request=request)


@transaction.atomic
def _verify(account: Account, request: PracticeRequest) -> None:
    names.reserve(account.sign_in_name)
    names.verified(account=account, at=timezone.now(), request=request)


def _token(practice: Practice, mrns: tuple[str, ...], handover: Handover) -> list[str]:
    """Issue a token for the first patient without an account; tokens are kept hashed, so each start makes a new one."""
    charts = {chart.mrn: chart for chart in PatientRecord.objects.filter(practice=practice, mrn__in=mrns)}
    chart = next((charts[mrn] for mrn in mrns if not access.self_of(charts[mrn])), None)
    if chart is None:
        return ["Every sample patient is enrolled; `manage.py issue_code` makes another token."]
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=handover, by=None)
    born = f"{chart.birth_date:%m/%d/%Y}"
    return [
        f"Token {numbers.show(issued.number)}, date of birth {born}, last name {chart.family_name or chart.given_names}"
    ]


def _by_email(practice: Practice, mrn: str, kind: CodeKind) -> list[str]:
    """Send a code by email, unless one is live: that email is in the inbox already."""
    chart = practice.patients.get(mrn=mrn)
    if access.self_of(chart):
        return []
    if not chart.codes.filter(state__in=LIVE, expires_at__gt=timezone.now()).exists():
        inviting.send(chart=chart, kind=kind, by=None)
    return [f"{kind.label.capitalize()} by email to {chart.email}, date of birth {chart.birth_date:%m/%d/%Y}"]
