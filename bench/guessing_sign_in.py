"""Guessing at who has an account: the pages of signing in, and the links in messages."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bench import guessing, walks
from bench.guessing import Cases, Page, Tried, account, email, username

if TYPE_CHECKING:
    from bench.guessing import Guesser
    from practices.models import Practice

WRONG = "Not-the-password-1"
UNKNOWN = "unknown"
ASKING_AT_ONCE = 8
Make = Callable[[], str]


def pages(port: int, elsewhere: Practice) -> Iterator[Page]:
    """`elsewhere`: another practice, whose links mean nothing here."""
    yield from sign_in(guessing.at_page(port, "/"))
    yield ask_for_link([_refused(port) for _ in range(ASKING_AT_ONCE)])
    yield this_browser(guessing.at_page(port, "/"))
    yield verify_email(_signed_in(port))
    yield not_me(guessing.at_page(port, "/"), elsewhere)


def sign_in(guesser: Guesser) -> Iterator[Page]:
    """The name, then the password: the same identities at both."""
    names: dict[str, Make] = {
        UNKNOWN: email,
        "username": lambda: account(username()).sign_in_name,
        "verified email": lambda: account(email()).sign_in_name,
        "unverified email": lambda: account(email(), state="claimed").sign_in_name,
        "unverified email of two accounts": partial(_shared, "claimed", "claimed"),
        "email that another account lost": partial(_shared, "held", "lost"),
        "closed account": lambda: account(email(), is_active=False).sign_in_name,
    }
    few = {case: names[case] for case in (UNKNOWN, "username", "verified email")}
    yield _page("sign-in name", {case: partial(_name, guesser, make) for case, make in few.items()})
    yield _page("password", {case: partial(_password, guesser, make) for case, make in names.items()})


def ask_for_link(guessers: Sequence[Guesser]) -> Page:
    """**Email me a link**, for who was refused as one of too many; its answer waits, so several ask at once."""
    names: dict[str, Make] = {
        UNKNOWN: email,
        "verified email": lambda: account(email()).sign_in_name,
        "unverified email": lambda: account(email(), state="claimed").sign_in_name,
    }

    def ask(guesser: Guesser, make: Make) -> Tried:
        session = guesser.session()
        session["signing_in"] = {**session["signing_in"], "name": make()}
        session.save()
        visitor = guesser.again()
        return Tried(lambda: visitor.post("/password/link/"), 302)

    first, *others = ({case: partial(ask, guesser, make) for case, make in names.items()} for guesser in guessers)
    return Page(**{**vars(_page("a link to sign in with", first)), "others": others})


def this_browser(guesser: Guesser) -> Page:
    """**Continue** with a made-up secret: the address of the page holds an account's number."""
    from django.db import transaction

    from verification import challenges
    from verification.models import Purpose

    def with_link() -> int:
        one = account(email())
        with transaction.atomic():
            challenges.open_(account=one, purpose=Purpose.BROWSER, target=one.email, lives=timedelta(hours=1))
        return int(one.pk)

    def use(make: Callable[[], int]) -> Tried:
        visitor = guesser.again()
        assert visitor.get(f"/this-browser/{make()}/{secrets.token_urlsafe(32)}/").status == 302
        return Tried(lambda: visitor.post("/this-browser/"), 404)

    numbers: dict[str, Callable[[], int]] = {
        UNKNOWN: lambda: 10**15 + secrets.randbelow(10**15),
        "account": lambda: int(account(email()).pk),
        "account with a link": with_link,
    }
    return _page("a link for this browser", {case: partial(use, make) for case, make in numbers.items()})


def verify_email(guesser: Guesser) -> Page:
    """**Verify** in a session of one's own, with a secret that is nobody's or another account's."""
    from django.db import transaction

    from verification import challenges
    from verification.models import Purpose

    def of_another() -> str:
        one = account(email(), state="claimed")
        with transaction.atomic():
            return challenges.open_(
                account=one, purpose=Purpose.EMAIL_ADDRESS, target=one.email, lives=timedelta(hours=1)
            )

    def use(make: Make) -> Tried:
        visitor = guesser.again()
        assert visitor.get(f"/verify-email/{make()}/").status == 302
        return Tried(lambda: visitor.post("/verify-email/"), 400)

    secrets_: dict[str, Make] = {UNKNOWN: lambda: secrets.token_urlsafe(32), "another account's": of_another}
    return _page("a link that verifies an email", {case: partial(use, make) for case, make in secrets_.items()})


def not_me(guesser: Guesser, elsewhere: Practice) -> Page:
    """**This wasn't me**, opened at a practice that did not send it."""
    from accounts import access
    from accounts.models import PatientAccess
    from practices.models import PatientRecord

    def of_elsewhere() -> str:
        name = secrets.token_hex(6)
        chart = PatientRecord.objects.create(practice=elsewhere, mrn=name, family_name=name, birth_date=walks.BORN)
        opened = PatientAccess.objects.create(
            account=account(email()), practice=elsewhere, record=chart, relationship="self", state="active"
        )
        return access.offer_objection(opened, elsewhere).rstrip("/").rpartition("/")[2]

    def open_(make: Make) -> Tried:
        secret, visitor = make(), guesser.again()
        return Tried(lambda: visitor.get(f"/not-me/{secret}/"), 302)

    def of_nobody() -> str:
        of_elsewhere()  # what was written a moment ago is to slow both alike
        return secrets.token_urlsafe(32)

    secrets_: dict[str, Make] = {UNKNOWN: of_nobody, "another practice's": of_elsewhere}
    return _page("a link that says this wasn't me", {case: partial(open_, make) for case, make in secrets_.items()})


def _page(name: str, cases: Cases) -> Page:
    return Page(name, cases, {case: UNKNOWN for case in cases if case != UNKNOWN})


def _name(guesser: Guesser, make: Make) -> Tried:
    name, visitor = make(), guesser.again()
    return Tried(lambda: visitor.post("/", name=name), 302)


def _password(guesser: Guesser, make: Make) -> Tried:
    visitor = guesser.again()
    assert visitor.post("/", name=make()).leads_to == "/password/"
    return Tried(lambda: visitor.post("/password/", password=WRONG))


def _shared(*states: str) -> str:
    name = email()
    for state in states:
        account(name, state=state)
    return name


def _refused(port: int) -> Guesser:
    """Somebody who was told that there were too many tries."""
    from guard import limits

    guesser, name = guessing.at_page(port, "/"), email()
    for _ in range(limits.SIGN_IN_BY_NAME.count):
        limits.spend((limits.SIGN_IN_BY_NAME, name))
    guesser.visitor.post("/", name=name)
    assert guesser.visitor.post("/password/", password=WRONG).status == 429
    return guesser.stays_here()


def _signed_in(port: int) -> Guesser:
    """Somebody with an account of their own, whose email was not verified yet."""
    guesser, own = guessing.at_page(port, "/"), account(email(), state="claimed")
    own.set_password(walks.PASSWORD)
    own.save()
    guesser.visitor.post("/", name=own.sign_in_name)
    assert guesser.visitor.post("/password/", password=walks.PASSWORD).leads_to == "/home/"
    guesser.visitor.get(f"/verify-email/{secrets.token_urlsafe(32)}/")
    assert guesser.visitor.get("/verify-email/").status == 200
    return guesser.stays_here()
