"""Guessing at codes that come by email: activation codes, invitations, and **Send me a new one**."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import guessing, walks
from bench.guessing import Guesser, Page, Tried, email

if TYPE_CHECKING:
    from practices.models import Practice

RIGHT, WRONG = f"{walks.BORN:%m/%d/%Y}", "01/02/1950"
BROWSERS = 8  # at once, at a page whose answer waits
UNKNOWN = "unknown number"


def pages(port: int, practice: Practice, elsewhere: Practice) -> Iterator[Page]:
    """`elsewhere`: another practice, whose codes are good for nothing here."""
    somebody = partial(guessing.enrolling, port, practice, "/enroll/token/")
    yield activate(somebody(), practice, elsewhere)
    yield invited(somebody(), practice)
    yield new_code([somebody() for _ in range(BROWSERS)], practice)


def activate(guesser: Guesser, practice: Practice, elsewhere: Practice) -> Page:
    """**Activate your account**: wrong answers to real codes, in each state, beside numbers that nobody has."""
    cases: dict[str, dict[str, Any]] = {
        UNKNOWN: {"check": WRONG},
        f"{UNKNOWN}, right answer": {"check": RIGHT},
        "wrong date": {"check": WRONG, "at": practice},
        "expired": {"check": WRONG, "at": practice, "expires": -timedelta(days=1)},
        "used": {"check": WRONG, "at": practice, "state": "redeemed"},
        "a token": {"check": WRONG, "at": practice, "kind": "token"},
        "another practice's, right answer": {"check": RIGHT, "at": elsewhere},
    }

    def type_(check: str, **facts: Any) -> Tried:
        number, visitor = _number(**facts), guesser.again(_session(guesser))
        return Tried(lambda: visitor.post("/enroll/activate/", code=number, check=check))

    tries = {case: partial(type_, **facts) for case, facts in cases.items()}
    like = {case: f"{UNKNOWN}, right answer" if "right" in case else UNKNOWN for case in cases if UNKNOWN not in case}
    return Page("activate your account", tries, like)


def invited(guesser: Guesser, practice: Practice) -> Page:
    """**Create your new password** with another email than the invited one, beside a link that nobody was sent."""
    from agreements import terms

    shown = terms.current(practice, "en").ids
    typed: dict[str, Any] = {
        "password": walks.PASSWORD,
        "confirm_password": walks.PASSWORD,
        "accept": "on",
        "shown": shown,
    }

    def type_(**facts: Any) -> Tried:
        number = _number(kind="invitation", sent_to=email(), **facts)
        visitor = guesser.again(_session(guesser, number))
        return Tried(lambda: visitor.post("/enroll/invitation/", email=email(), **typed))

    cases: dict[str, Callable[[], Tried]] = {
        UNKNOWN: type_,
        "wrong email": partial(type_, at=practice),
        "expired": partial(type_, at=practice, expires=-timedelta(days=1)),
        "used": partial(type_, at=practice, state="redeemed"),
    }
    return Page("create your new password", cases, dict.fromkeys(list(cases)[1:], UNKNOWN))


def new_code(guessers: list[Guesser], practice: Practice) -> Page:
    """**Send me a new one**: for a code that a new one is owed for, and for none."""

    def ask(guesser: Guesser, **facts: Any) -> Tried:
        visitor = guesser.again(_session(guesser, _number(kind="activation", sent_to=email(), **facts)))
        return Tried(lambda: visitor.post("/enroll/new-code/"), 302)

    def cases_of(guesser: Guesser) -> dict[str, partial[Tried]]:
        return {
            UNKNOWN: partial(ask, guesser),
            "expired": partial(ask, guesser, at=practice, expires=-timedelta(days=1)),
            "used": partial(ask, guesser, at=practice, state="redeemed"),
        }

    first, *others = map(cases_of, guessers)
    return Page("send me a new one", first, dict.fromkeys(list(first)[1:], UNKNOWN), others)


def _session(guesser: Guesser, number: str = "") -> str:
    """The browser's session as it was, with a number at hand; returns its key."""
    from guard import secrets as sealing

    at_hand = {"code_at_hand": sealing.seal({"number": number}).decode()} if number else {}
    return guessing.session_of({**guesser.session().load(), **at_hand})


def _number(
    *,
    at: Practice | None = None,
    kind: str = "activation",
    state: str = "pending",
    expires: timedelta = timedelta(days=3),
    sent_to: str = "",
) -> str:
    """A number, bare, real where `at` says of which practice."""
    from django.utils import timezone

    from enrollment import identity, numbers
    from enrollment.models import EnrollmentCode
    from practices.models import PatientRecord

    number = numbers.make()
    if at:
        chart = PatientRecord.objects.create(
            practice=at, mrn=secrets.token_hex(8), family_name="Santos", birth_date=walks.BORN, emails=[email()]
        )
        EnrollmentCode.objects.create(
            practice=at, record=chart, kind=kind, handover="emailed", digest=identity.code_digest(at, number),
            state=state, sent_to=sent_to, expires_at=timezone.now() + expires,
        )  # fmt: skip
    return number
