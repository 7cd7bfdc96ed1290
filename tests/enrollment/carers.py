"""Who cares for a patient: named or not, with what is in their hands; and how their pages are walked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.models import AccessLevel, Account, Relationship
from agreements import terms
from enrollment import codes
from enrollment.models import CodeKind, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from tests.enrollment.by_email import Letter, Mailbox
from tests.people import MARIA, PASSWORD, Browser, Person, Token

if TYPE_CHECKING:
    from datetime import date

    from practices.models import PatientRecord

ABOUT_YOU, APPROVAL = "/enroll/carer/", "/enroll/approval/"
HIS_PHONE, ON_RECORD = "+12125550177", "+12125550142"


def typed(person: Person = MARIA, relationship: str = "parent", **changes: str) -> dict[str, str]:
    """**About you**, as a person fills it in."""
    born = f"{person.born:%m/%d/%Y}"
    who = {"first_name": person.given, "last_name": person.family, "birth_date": born}
    return {**who, "relationship": relationship, **changes}


def a_named_proxy(
    chart: PatientRecord,
    person: Person = MARIA,
    *,
    phone: str = HIS_PHONE,
    level: AccessLevel = AccessLevel.FULL,
    by: Account | None = None,
    ends_on: date | None = None,
) -> NamedProxy:
    return NamedProxy.objects.create(
        practice=chart.practice,
        record=chart,
        first_name=person.given,
        last_name=person.family,
        birth_date=person.born,
        email=person.email,
        phone_e164=phone,
        relationship=Relationship.PARENT,
        level=level,
        ends_on=ends_on,
        source=NamedBy.STAFF,
        named_by=by,
    )


def a_code_for(
    proxy: NamedProxy,
    kind: CodeKind = CodeKind.TOKEN,
    handover: Handover = Handover.HANDED,
    by: Account | None = None,
) -> Letter:
    issued = codes.issue(chart=proxy.record, kind=kind, handover=handover, by=by, proxy=proxy)
    return Letter(issued.code, issued.number, proxy.record)


def in_hand(letter: Letter, email: str = "") -> Token:
    """A token, as Browser types it."""
    return Token(letter.code, letter.number, letter.chart, email)


def walk(browser: Browser, token: Token, about: dict[str, str], account: str = "new") -> Any:
    """Flow A to its credentials, as somebody else; what **About you** answers."""
    assert browser.type_token(token).url == "/enroll/account/"
    assert browser.post("/enroll/account/", {"whose": "other", "account": account}).url == ABOUT_YOU
    return browser.post(ABOUT_YOU, about)


def enroll(browser: Browser, token: Token, about: dict[str, str], username: str = "") -> Any:
    """The whole of flow A as somebody else, with a new account."""
    assert walk(browser, token, about).status_code == 302
    return browser.create_account(username=username)


def accept(browser: Mailbox, letter: Letter, born: str, email: str = "", password: str = PASSWORD) -> Any:
    """From a named proxy's link to what **Create account** answers."""
    browser.get(f"/invited-to-care/{letter.number}/")
    shown = terms.current(browser.practice, "en").ids
    passwords = {"password": password, "confirm_password": password, "accept": "on", "shown": shown}
    page = "/enroll/invited-to-care/"
    return browser.post(page, {"email": email or letter.code.sent_to, "birth_date": born, **passwords})
