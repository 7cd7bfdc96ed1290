"""Guessing at who has an account: the pages of getting back in (docs/flows.md F)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import guessing, walks
from bench.guessing import Page, Tried, account, email, username

if TYPE_CHECKING:
    from accounts.models import Account
    from bench.guessing import Guesser
    from practices.models import Practice

UNKNOWN = "unknown"
ASKING_AT_ONCE = 12  # each waits for its answer most of the time; fewer than the portal works on at once
RIGHT, WRONG = f"{walks.BORN:%m/%d/%Y}", "01/02/1950"
Make = Callable[[], str]


def pages(port: int, practice: Practice, elsewhere: Practice) -> Iterator[Page]:
    """`elsewhere`: another practice, whose tokens are good for nothing here."""
    yield forgotten_password(port)
    yield forgotten_username(port)
    yield link(guessing.at_page(port, "/forgot-password/"))
    yield printed_token(guessing.at_page(port, "/reset-token/"), practice, elsewhere)


def forgotten_password(port: int) -> Page:
    """**Forgot your password?**: a message is written for some of these names, and for most it is not."""
    names: dict[str, Make] = {
        UNKNOWN: email,
        "unknown username": username,
        "username": lambda: account(username()).sign_in_name,
        "username with an email": lambda: _reachable(username(), email()).sign_in_name,
        "verified email": lambda: account(email()).sign_in_name,
        "unverified email": lambda: account(email(), state="claimed").sign_in_name,
        "email of several accounts": _shared,
        "closed account": lambda: account(email(), is_active=False).sign_in_name,
    }
    return _asked("forgot your password", port, "/forgot-password/", "name", names)


def forgotten_username(port: int) -> Page:
    """**Forgot your username?**: sent to the email, where it is a verified one."""
    emails: dict[str, Make] = {
        UNKNOWN: email,
        "verified email": lambda: account(email()).sign_in_name,
        "unverified email": lambda: account(email(), state="claimed").sign_in_name,
        "email of several accounts": _shared,
    }
    return _asked("forgot your username", port, "/forgot-username/", "email", emails)


def link(guesser: Guesser) -> Page:
    """**Create your new password** with a made-up secret: the address of the link holds an account's number."""
    from django.db import transaction

    from verification import challenges
    from verification.models import Purpose

    def with_link() -> int:
        one = account(email())
        with transaction.atomic():
            challenges.open_(account=one, purpose=Purpose.PASSWORD_RESET, target=one.email, lives=timedelta(hours=1))
        return int(one.pk)

    def open_(make: Callable[[], int]) -> Tried:
        visitor = guesser.again()
        assert visitor.get(f"/reset-password/{make()}/{secrets.token_urlsafe(32)}/").status == 302
        return Tried(lambda: visitor.get("/reset-password/"), 404)

    numbers: dict[str, Callable[[], int]] = {
        UNKNOWN: lambda: with_link() + 10**15,  # what was written a moment ago is to slow all alike
        "account": lambda: int(account(email()).pk),
        "account with a link": with_link,
    }
    return _page("a link for a new password", {case: partial(open_, make) for case, make in numbers.items()})


def printed_token(guesser: Guesser, practice: Practice, elsewhere: Practice) -> Page:
    """**I have a printed reset token**: wrong answers to real tokens, beside numbers that nobody has."""
    late = f"{UNKNOWN}, wrong date"
    cases: dict[str, dict[str, Any]] = {
        UNKNOWN: {},
        late: {"born": WRONG},
        "wrong username": {"at": practice},
        "wrong date": {"at": practice, "is_named": True, "born": WRONG},
        "another practice's, all right": {"at": elsewhere, "is_named": True},
    }
    tries = {case: partial(_token, guesser, practice, **facts) for case, facts in cases.items()}
    like = {case: late if facts.get("born") else UNKNOWN for case, facts in cases.items() if UNKNOWN not in case}
    return Page("printed reset token", tries, like)


def _token(
    guesser: Guesser, here: Practice, *, at: Practice | None = None, is_named: bool = False, born: str = RIGHT
) -> Tried:
    """`at`: whose token it is, None for nobody's; `is_named`: with the username that belongs to it."""
    number, name = _printed(at or here)  # what was written a moment ago is to slow all alike
    number = number if at else _nobodys()
    visitor = guesser.again()
    typed = {"token": number, "username": name if is_named else username(), "birth_date": born}
    return Tried(lambda: visitor.post("/reset-token/", **typed))


def _printed(practice: Practice) -> tuple[str, str]:
    """A token for a patient of the practice who has an account: as it is printed, and the username."""
    from accounts.models import PatientAccess
    from enrollment import codes, numbers
    from enrollment.models import CodeKind, Handover
    from practices.models import PatientRecord

    word = secrets.token_hex(6)
    chart = PatientRecord.objects.create(practice=practice, mrn=word, family_name=word, birth_date=walks.BORN)
    one = account(username())
    PatientAccess.objects.create(account=one, practice=practice, record=chart, relationship="self", state="active")
    issued = codes.issue(chart=chart, kind=CodeKind.RESET, handover=Handover.HANDED, by=None)
    return numbers.show(issued.number), one.sign_in_name


def _nobodys() -> str:
    from enrollment import numbers

    return numbers.show(numbers.make())


def _asked(name: str, port: int, path: str, field: str, makes: Mapping[str, Make]) -> Page:
    """A page whose answer waits, so that several ask at once."""

    def ask(guesser: Guesser, make: Make) -> Tried:
        typed, visitor = make(), guesser.again()
        return Tried(lambda: visitor.post(path, **{field: typed}), 302)

    def cases() -> dict[str, Callable[[], Tried]]:
        guesser = guessing.at_page(port, path)
        return {case: partial(ask, guesser, make) for case, make in makes.items()}

    others = [cases() for _ in range(ASKING_AT_ONCE - 1)]
    return Page(**{**vars(_page(name, cases())), "others": others})


def _page(name: str, cases: Mapping[str, Callable[[], Tried]]) -> Page:
    return Page(name, cases, {case: UNKNOWN for case in cases if case != UNKNOWN})


def _reachable(name: str, contact: str) -> Account:
    """An account that signs in with a username, and has a verified email besides."""
    from django.utils import timezone

    one = account(name)
    one.email, one.email_verified_at = contact, timezone.now()
    one.save(update_fields=["email", "email_verified_at"])
    return one


def _shared() -> str:
    """An email that is the contact of three accounts."""
    contact = email()
    for _ in range(3):
        _reachable(username(), contact)
    return contact
