"""What tests of **Access** on a chart need: its rows as they are read, the button there, and who gets in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import html5lib

from accounts.models import Account
from enrollment import numbers
from enrollment.models import CodeKind, EnrollmentCode
from notifications import reports
from notifications.models import Message, State
from practices.choices import StaffRole
from practices.models import PatientRecord, StaffMembership
from staff.panel.causes import Cause
from staff.panel.words import SAYS
from tests.enrollment.by_email import Letter, Mailbox
from tests.enrollment.carers import accept
from tests.pages import words
from tests.people import MARIA, Browser, Token, mail, path_of
from tests.people import words as page_words
from tests.staff.desk_kit import chart_page

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from practices.models import Practice

NOTHING = "Nothing is in the way."


class Row(NamedTuple):
    """What **Access** says of a cause, and the page of its button, "" where there is none."""

    says: str
    page: str


def panel(desk: Browser, chart: PatientRecord) -> Element:
    root = html5lib.parse(desk.get(chart_page(chart)).content.decode(), namespaceHTMLElements=False)
    [found] = root.findall(".//section[@aria-labelledby='access-panel']")
    section: Element = found
    return section


def rows(desk: Browser, chart: PatientRecord) -> list[Row]:
    found = []
    for one in panel(desk, chart).iter("li"):
        link = one.find(".//a")
        found.append(Row(words(one), str(link.get("href")) if link is not None else ""))
    return found


def row_of(desk: Browser, chart: PatientRecord, cause: Cause) -> Row:
    """What the panel says of this cause, once; its button opens a page for the front desk, and for a manager."""
    [found] = [one for one in rows(desk, chart) if pattern(cause).match(one.says)]
    for role in StaffRole:
        with working_as(role, desk):
            pages = [one.page for one in rows(desk, chart) if one.page]
            assert {page: desk.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    return found


@contextmanager
def working_as(role: StaffRole, desk: Browser) -> Iterator[None]:
    """Whoever is at the desk, in another role."""
    members = StaffMembership.objects.filter(account=desk.session["_auth_user_id"], practice=desk.practice)
    was = members.get().role
    members.update(role=role)
    yield
    members.update(role=was)


def is_told(desk: Browser, chart: PatientRecord, cause: Cause) -> bool:
    return any(pattern(cause).match(one.says) for one in rows(desk, chart))


def is_clear(desk: Browser, chart: PatientRecord) -> bool:
    """Whether the panel says that nothing is in anybody's way, and nothing else."""
    return NOTHING in words(panel(desk, chart)) and not rows(desk, chart)


def pattern(cause: Cause) -> re.Pattern[str]:
    """The words of a cause, whatever day or page they name."""
    return re.compile(re.sub(r"%\\\((when|where)\\\)s", ".+", re.escape(str(SAYS[cause].says))))


def presses(desk: Browser, chart: PatientRecord, cause: Cause, **typed: str) -> Any:
    """Follow the button of a cause, and send its form; what that answers."""
    page = row_of(desk, chart, cause).page
    assert page, f"{cause} has no button"
    assert desk.get(page).status_code == 200
    answer = desk.post(page, typed)
    assert answer.status_code == 302, words(html5lib.parse(answer.content.decode(), namespaceHTMLElements=False))
    return answer


def number_on(page: Any) -> str:
    """Of the token that the desk prints."""
    [found] = set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page_words(page)))
    return numbers.parse(str(found))


def handed_over(desk: Browser, chart: PatientRecord, page: str) -> Token:
    """What the desk prints after **Issue token**."""
    code = EnrollmentCode.objects.filter(record=chart, kind=CodeKind.TOKEN).latest("pk")
    return Token(code, number_on(desk.get(page)), chart, MARIA.email)


def invited(chart: PatientRecord, to: str = "") -> Letter:
    """The newest invitation in a mailbox: that on the record, or `to`, of who is named."""
    link = mail("proxy_invitation" if to else "invitation", to=to or chart.email)[-1]["link"]
    code = EnrollmentCode.objects.filter(sent_to=to or chart.email).latest("pk")
    return Letter(code, path_of(link).strip("/").rpartition("/")[2], chart)


def comes_in(practice: Practice, letter: Letter, number: str, born: date | None = None) -> Mailbox:
    """With an invitation: an account, the code to a phone on file, and home; `born`: of who is named."""
    browser = Mailbox(practice)
    if born:
        accept(browser, letter, f"{born:%m/%d/%Y}")
    else:
        browser.accept_invitation(letter)
    browser.prove_phone(letter, number)
    assert browser.is_signed_in
    return browser


def did_not_arrive(to: str, failure: str = "twilio_30003", notice: str = "code") -> None:
    """The phone company, or the mail server, reports on the last message."""
    last = Message.objects.filter(to=to, notice=notice).latest("pk")
    state = State.FAILED if "@" in to else State.UNDELIVERED
    reports.note(last.pk, provider_id="SM1", reported=state, failure=failure)


def gets_in(practice: Practice, account: Account, *, to: str = "", **options: Any) -> Browser:
    """Sign in to home in a browser that was never there; `to`: where the two-step code goes."""
    browser = Browser(practice, **options)
    answer = browser.sign_in(account.sign_in_name)
    if to:
        answer = browser.type_code(to, answer.url)
    assert answer.status_code == 302, "the password or the code is not taken"
    assert browser.get("/home/").status_code == 200
    return browser
