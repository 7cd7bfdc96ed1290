"""What tests of **Access** on a chart need: its rows as they are read, the button there, and who gets in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import html5lib

from practices.models import PatientRecord
from staff.panel.causes import Cause
from staff.panel.words import SAYS
from tests.pages import words
from tests.people import Browser
from tests.staff.desk_kit import chart_page

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from accounts.models import Account
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
    """What the panel says of this cause, once."""
    [found] = [one for one in rows(desk, chart) if pattern(cause).match(one.says)]
    return found


def is_told(desk: Browser, chart: PatientRecord, cause: Cause) -> bool:
    return any(pattern(cause).match(one.says) for one in rows(desk, chart))


def is_clear(desk: Browser, chart: PatientRecord) -> bool:
    """Whether the panel says that nothing is in anybody's way, and nothing else."""
    return NOTHING in words(panel(desk, chart)) and not rows(desk, chart)


def pattern(cause: Cause) -> re.Pattern[str]:
    """The words of a cause, whatever day they name."""
    return re.compile(re.escape(str(SAYS[cause].says)).replace(r"%\(when\)s", ".+"))


def presses(desk: Browser, chart: PatientRecord, cause: Cause, **typed: str) -> Any:
    """Follow the button of a cause, and send its form; what that answers."""
    page = row_of(desk, chart, cause).page
    assert page, f"{cause} has no button"
    assert desk.get(page).status_code == 200
    answer = desk.post(page, typed)
    assert answer.status_code == 302, words(html5lib.parse(answer.content.decode(), namespaceHTMLElements=False))
    return answer


def gets_in(practice: Practice, account: Account, *, to: str = "", **options: Any) -> Browser:
    """Sign in to home in a browser that was never there; `to`: where the two-step code goes."""
    browser = Browser(practice, **options)
    answer = browser.sign_in(account.sign_in_name)
    if to:
        answer = browser.type_code(to, answer.url)
    assert answer.status_code == 302, "the password or the code is not taken"
    assert browser.get("/home/").status_code == 200
    return browser
