"""Guessing in an enrollment: at token numbers, and, with a token of one's own, at who has an account.

What docs/flows.md, rule 3, tells to who matched a code (that an email is an account's sign-in name, that a username is
taken, why a code opens nothing) is no secret there, and not compared. An email that somebody only claims is one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import guessing, walks
from bench.guessing import Page, Tried, account, email

if TYPE_CHECKING:
    from bench.guessing import Guesser
    from enrollment.models import EnrollmentCode
    from practices.models import Practice

WRONG = "Not-the-password-1"
NEW = "/enroll/credentials/new/"
Make = Callable[[], str]
RIGHT = {"birth_date": f"{walks.BORN:%m/%d/%Y}", "last_name": "Santos"}
WRONG_DATE = {"birth_date": "01/02/1950", "last_name": "Santos"}
WRONG_NAME = {"birth_date": f"{walks.BORN:%m/%d/%Y}", "last_name": "Somebody"}


def pages(port: int, practice: Practice, elsewhere: Practice) -> Iterator[Page]:
    """`elsewhere`: another practice, whose tokens are good for nothing here."""
    yield token_details(guessing.enrolling(port, practice, "/enroll/token/"), practice, elsewhere)
    yield existing_account(guessing.enrolling(port, practice, "/enroll/account/"))
    yield new_account(guessing.enrolling(port, practice, NEW))
    yield account_options(guessing.enrolling(port, practice, "/enroll/account/"))
    yield other_email(guessing.enrolling(port, practice, "/enroll/account/"))


def token_details(guesser: Guesser, practice: Practice, elsewhere: Practice) -> Page:
    """Unknown numbers and real ones, in each state that a number can be in."""
    cases: dict[str, dict[str, Any]] = {
        "wrong date": {"typed": WRONG_DATE},
        "wrong name": {"typed": WRONG_NAME},
        "wrong name, former names": {"typed": WRONG_NAME, "former": ["Oliveira", "Mensah", "Boateng"]},
        "expired": {"typed": WRONG_DATE, "expires": -timedelta(days=1)},
        "used": {"typed": WRONG_DATE, "state": "redeemed"},
        "superseded": {"typed": WRONG_DATE, "state": "superseded"},
        "another practice's, right answers": {"typed": RIGHT, "at": elsewhere},
        "fifth wrong": {"typed": WRONG_DATE, "before": [4]},
        "tenth wrong": {"typed": WRONG_DATE, "before": [9]},
        "another wrong": {"typed": WRONG_DATE, "before": [1, 2, 3, 5, 6, 7, 8]},
        "locked, right answers": {"typed": RIGHT, "before": [5], "just_now": True},
        "dead, right answers": {"typed": RIGHT, "before": [10, 11], "state": "revoked"},
    }
    tries: dict[str, Callable[[], Tried]] = {}
    like: dict[str, str] = {}
    for case, facts in cases.items():
        unknown = _as_typed(facts)
        same = next((other for other in like if unknown == _as_typed(cases[other])), None)
        like[case] = like[same] if same else f"unknown number ({case})"
        tries[case] = partial(_token, guesser, practice, **{"at": practice, **facts})
        tries[like[case]] = partial(_token, guesser, practice, **unknown)
    return Page("token details", tries, like)


def _as_typed(facts: dict[str, Any]) -> dict[str, Any]:
    """Of a case, what it is for a number that nobody has."""
    return {name: value for name, value in facts.items() if name in {"typed", "before", "just_now"}}


def existing_account(guesser: Guesser) -> Page:
    """A sign-in in the middle of an enrollment."""
    visitor = guesser.again()
    visitor.post("/enroll/account/", whose="self", account="existing")
    assert visitor.get("/enroll/credentials/sign-in/").status == 200
    guesser.stays_here()

    def use(make: Make) -> Tried:
        name, visitor = make(), guesser.again()
        return Tried(lambda: visitor.post("/enroll/credentials/sign-in/", name=name, password=WRONG))

    known = {"verified email": lambda: account(email()).sign_in_name}
    return _page("sign-in inside an enrollment", use, known)


def new_account(guesser: Guesser) -> Page:
    """A new account with an email that nobody has, or that one or two others claim with other passwords."""
    from enrollment.models import Enrollment

    begun = guesser.session().load()
    journey = Enrollment.objects.get(pk=begun["journey"]["enrollment"])

    def create(make: Make) -> Tried:
        code = _code(journey.practice, secrets.token_bytes(32))
        mine = Enrollment.objects.create(
            practice=journey.practice, record=code.record, code=code, email=make(), step=journey.step,
            account_choice=journey.account_choice,
        )  # fmt: skip
        visitor = guesser.again(guessing.session_of({**begun, "journey": {**begun["journey"], "enrollment": mine.pk}}))
        typed = {"password": walks.PASSWORD, "confirm_password": walks.PASSWORD, "enrollment": mine.mark}
        return Tried(lambda: visitor.post(NEW, **typed), 302)

    def claimed() -> str:
        return account(email(), state="claimed").sign_in_name

    def claimed_twice() -> str:
        return account(claimed(), state="claimed").sign_in_name

    return _page("new account", create, {"unverified email": claimed, "unverified email of two": claimed_twice})


def account_options(guesser: Guesser) -> Page:
    """**Account options**, after a token with an email."""
    from enrollment.models import Enrollment

    own = Enrollment.objects.filter(pk=guesser.session()["journey"]["enrollment"])

    def look(make: Make) -> Tried:
        own.update(email=make())
        return Tried(partial(guesser.again().get, "/enroll/account/"))

    return _page("account options", look, {"unverified email": lambda: account(email(), state="claimed").sign_in_name})


def other_email(guesser: Guesser) -> Page:
    """**Use a different email address**: may be asked for three emails a token, which is seen to here."""
    from enrollment.models import Enrollment, EnrollmentCode

    own = Enrollment.objects.get(pk=guesser.session()["journey"]["enrollment"])
    assert guesser.again().get("/enroll/account/email/").status == 200
    guesser.stays_here()

    def change(make: Make) -> Tried:
        EnrollmentCode.objects.filter(pk=own.code_id).update(emails_asked=[])
        typed, visitor = make(), guesser.again()
        return Tried(lambda: visitor.post("/enroll/account/email/", email=typed), 302)

    known = {
        "verified email": lambda: account(email()).sign_in_name,
        "unverified email": lambda: account(email(), state="claimed").sign_in_name,
    }
    return _page("a different email", change, known)


def _page(name: str, ready: Callable[[Make], Tried], known: dict[str, Make]) -> Page:
    cases = {case: partial(ready, make) for case, make in {"unknown": email, **known}.items()}
    return Page(name, cases, dict.fromkeys(known, "unknown"))


def _token(
    guesser: Guesser,
    practice: Practice,
    *,
    typed: dict[str, str],
    at: Practice | None = None,
    before: list[int] | None = None,
    just_now: bool = False,
    **facts: Any,
) -> Tried:
    """A number, real where `at` says of which practice, that had one of so many wrong answers `before`."""
    from django.utils import timezone

    from enrollment import identity, numbers
    from enrollment.models import FailedMatch

    number = numbers.make()
    if at:
        _code(at, identity.code_digest(at, number), **facts)
    digest = identity.code_digest(practice, number)
    for _ in range(secrets.choice(before or [0])):
        FailedMatch.objects.create(code_digest=digest, answer_digest=secrets.token_bytes(32))
    if not just_now:
        FailedMatch.objects.filter(code_digest=digest).update(at=timezone.now() - timedelta(hours=1))
    visitor = guesser.again()
    return Tried(lambda: visitor.post("/enroll/token/", token=numbers.show(number), email="me@example.com", **typed))


def _code(
    practice: Practice,
    digest: bytes,
    *,
    former: list[str] | None = None,
    expires: timedelta = timedelta(days=3),
    state: str = "pending",
) -> EnrollmentCode:
    from django.utils import timezone

    from enrollment.models import EnrollmentCode
    from practices.models import PatientRecord

    chart = PatientRecord.objects.create(
        practice=practice, mrn=secrets.token_hex(8), given_names="Maria", family_name="Santos",
        former_family_names=former or [], birth_date=walks.BORN,
    )  # fmt: skip
    return EnrollmentCode.objects.create(
        practice=practice, record=chart, kind="token", handover="handed", digest=digest, state=state,
        expires_at=timezone.now() + expires,
    )  # fmt: skip
