"""Another practice's data do not exist for staff: every route of theirs, every button, list, filter and file.

Whoever adds a route with an argument finds out here: there has to be a row for it (tests/contracts/first_practice.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from agreements.models import ConsentForm
from guard.audience import Audience
from practices.models import Practice
from tests import people
from tests.contracts.first_practice import EMAIL, FirstPractice, is_of_a_row, words_in
from tests.contracts.routes import routes_for
from tests.people import Browser
from tests.staff.kit import a_manager, at_work
from tests.staff.test_consent_forms import write
from tests.staff.test_staff_list_member import with_email

NOT_FOUND, NOT_ALLOWED = 404, 405
pytestmark = pytest.mark.django_db

STAFFS = routes_for(Audience.STAFF)
OF_A_ROW = [route for route in STAFFS if is_of_a_row(route)]
OF_NONE = [route for route in STAFFS if not is_of_a_row(route)]
TYPED = {
    "reason": "asked", "id_seen": "passport", "level": "full", "handover": "handed", "kind": "activation",
    "first_name": "Eve", "last_name": "Nobody", "birth_date": "01/01/1980", "relationship": "parent",
    "email": "eve@example.com", "mobile": "(212) 555-0123", "whom": "all", "role": "manager", "title": "Eve's",
    "choice": "roster", "contact": "0",
}  # fmt: skip
LISTS = (
    "audit", "claims", "conflicts", "consents", "deliveries", "invite_all", "merges", "opt_outs", "patients",
    "results", "roster", "staff_list", "waiting",
)  # fmt: skip
SOUGHT = ("Zebulon", "ZQ-1", "07/01/1955", "(212) 555-0199", EMAIL)


@pytest.fixture
def first(settings: Any) -> FirstPractice:
    """Whose texts come from a sender that it shares with the other practice."""
    settings.TWILIO_CODES_SERVICE_SID = "MGshared"
    return FirstPractice()


@pytest.fixture
def elsewhere() -> Practice:
    return people.a_practice("oak")


@pytest.fixture
def stranger(first: FirstPractice, elsewhere: Practice) -> Browser:
    """A manager of the other practice, at that practice's own pages."""
    account = with_email(a_manager(elsewhere, "oak-manager"), elsewhere, "Olga", "Marsh")
    people.a_chart(elsewhere, people.A_STRANGER)
    return at_work(account, elsewhere)[0]


def test_no_row_of_another_practice_is_opened_or_changed(first: FirstPractice, stranger: Browser) -> None:
    before = first.facts()
    wrong: list[tuple[object, ...]] = []
    for route in OF_A_ROW:
        address = first.address(route)
        asked, pressed = stranger.get(address), stranger.post(address, {**TYPED, **first.ids()})
        if {asked.status_code, pressed.status_code} not in ({NOT_FOUND}, {NOT_FOUND, NOT_ALLOWED}):
            wrong.append((route.name, asked.status_code, pressed.status_code))
        said = words_in(asked) + words_in(pressed)
        if said:
            wrong.append((route.name, said))
    assert wrong == []
    assert changed(before, first.facts()) == []


def test_its_own_manager_finds_each_of_these_rows(first: FirstPractice) -> None:
    """Or the ids above would be of nothing, and anybody would get 404."""
    found = [
        (route.name, method.__name__, undone(method, first.address(route)).status_code)
        for route in OF_A_ROW
        for method in (first.browser.get, first.browser.post)
    ]
    assert [one for one in found if one[2] == NOT_FOUND] == []


def test_lists_files_and_filters_show_nothing_of_another_practice(first: FirstPractice, stranger: Browser) -> None:
    """Each page of the other practice, asked as it stands, with the ids as filters, and with every button pressed."""
    before, ids = first.facts(), first.ids()
    said = []
    for route in OF_NONE:
        for answer in (
            stranger.get(route.path),
            stranger.get(route.path, ids),
            stranger.post(route.path, {**TYPED, **ids}),
            stranger.post(f"{route.path}?patient={ids['patient']}", TYPED),
            stranger.post(f"{route.path}?account={ids['account']}", TYPED),
            stranger.get(route.path),
        ):
            assert answer.status_code < 500, route.name
            if found := words_in(answer):
                said.append((route.name, answer.request["REQUEST_METHOD"], found))
    assert said == []
    assert changed(before, first.facts()) == []


def test_its_own_manager_sees_them_on_these_pages(first: FirstPractice, stranger: Browser) -> None:
    """Or the pages above would show nothing to anybody."""
    shown = {route.name.removeprefix("staff:"): words_in(first.browser.get(route.path)) for route in OF_NONE}
    assert {name for name in LISTS if not {*shown[name]} - {"quince"}} == set()
    first_pages = [people.words(browser.get(reverse("staff:index"))) for browser in (first.browser, stranger)]
    assert ["1 is waiting" in page for page in first_pages] == [True, False]
    assert "Nothing is waiting:" in first_pages[1]


def test_search_finds_nobody_of_another_practice(first: FirstPractice, stranger: Browser) -> None:
    for typed in SOUGHT:
        stranger.post(reverse("staff:patients"), {"patient": typed})
        assert "There is no such patient here." in people.words(stranger.get(reverse("staff:patients"))), typed
        first.browser.post(reverse("staff:patients"), {"patient": typed})
        assert "Zebulon Quillfeather" in people.words(first.browser.get(reverse("staff:patients"))), typed


def test_a_form_of_ones_own_has_no_question_of_another_practice(first: FirstPractice, stranger: Browser) -> None:
    """Where an address takes two, each of them is looked for."""
    write(stranger)
    own = ConsentForm.objects.latest("pk").pk
    before = first.facts()
    for end in ("", "_remove", "_up"):
        address = reverse(f"staff:consent_question{end}", args=[own, first.rows["question"]])
        assert stranger.post(address, TYPED).status_code == NOT_FOUND
    assert changed(before, first.facts()) == []


def undone(ask: Callable[[str], HttpResponse], address: str) -> HttpResponse:
    """The answer to what is taken back at once."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined] # as Django's TestCase: durable ones may stand in it
    with block:
        answer = ask(address)
        transaction.set_rollback(True)
    return answer


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any]]:
    """Which rows are not what they were."""
    return [
        (kind, [row for row in after[kind] if row not in rows] or "gone")
        for kind, rows in before.items()
        if rows != after[kind]
    ]
