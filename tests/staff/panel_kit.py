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
from tests.staff.desk_kit import HERS, chart_page, now

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from practices.models import Practice

NOTHING = "Nothing is in the way."
HAND = {"handover": "handed", "id_seen": "passport", "reason": "asked"}


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


def did_not_arrive(to: str, failure: str = "twilio_30003") -> None:
    """The phone company reports on the last text."""
    text = Message.objects.filter(to=to, notice="code").latest("pk")
    reports.note(text.pk, provider_id="SM1", reported=State.UNDELIVERED, failure=failure)


def enrolls(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    browser.enroll(token)
    assert browser.is_signed_in


def with_a_token(desk: Browser, chart: PatientRecord, cause: Cause) -> Token:
    """The button of a cause hands one over."""
    return handed_over(desk, chart, presses(desk, chart, cause, **HAND).url)


def by_the_paw(desk: Browser, chart: PatientRecord, cause: Cause) -> None:
    """The button of a cause emails an invitation, and that leads in."""
    presses(desk, chart, cause, replaces="on")
    comes_in(desk.practice, invited(now(chart)), HERS)
    assert is_clear(desk, chart)


def bounces(to: str, failure: str) -> None:
    """The mail server does not take the invitations to an address."""
    sent = Message.objects.filter(to=to, notice__endswith="invitation")
    sent.update(state=State.FAILED, failure=failure, context_sealed=None)


def gets_in(practice: Practice, account: Account, *, to: str = "", **options: Any) -> Browser:
    """Sign in to home in a browser that was never there; `to`: where the two-step code goes."""
    browser = Browser(practice, **options)
    answer = browser.sign_in(account.sign_in_name)
    if to:
        answer = browser.type_code(to, answer.url)
    assert answer.status_code == 302, "the password or the code is not taken"
    assert browser.get("/home/").status_code == 200
    return browser
