"""**Growing up**: what the daily task leaves to the desk (docs/flows.md, I)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollment.growing import Growing
from practices.models import PatientRecord, Practice
from staff import growing
from tests.people import Browser, Person, a_chart, a_practice, a_token, front_desk, h1, words
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
PAGE = "/staff/growing-up/"


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def somebody(practice: Practice, given: str, **facts: Any) -> PatientRecord:
    chart = a_chart(practice, Person(given, "Santos", date(2010, 5, 6)))
    Growing.objects.create(record=chart, practice=practice, teen_at=timezone.now(), **facts)
    return chart


def test_the_desk_finds_it_from_its_first_page_and_nobody_is_there(desk: Browser) -> None:
    assert PAGE in desk.get("/staff/").content.decode()
    page = desk.get(PAGE)
    assert h1(page) == "Growing up"
    assert words(page).count("Nobody.") == 2


def test_each_list_leads_to_the_chart(desk: Browser, practice: Practice) -> None:
    teen = somebody(practice, "Lily", flagged_at=timezone.now())
    adult = somebody(practice, "Rose", adult_at=timezone.now(), uninvited_at=timezone.now())
    page = desk.get(PAGE)
    flagged, uninvited = page.content.decode().split('id="uninvited"')
    assert f"/staff/patients/{teen.pk}/" in flagged
    assert f"/staff/patients/{adult.pk}/" in uninvited
    assert "Nobody." not in words(page)
    assert desk.get(f"/staff/patients/{adult.pk}/").status_code == 200
    a_token(adult)  # now they have a code in hand
    assert "Rose" not in words(desk.get(PAGE))


def test_other_practices_patients_are_on_none_of_the_lists(desk: Browser) -> None:
    somebody(a_practice("oak"), "Lily", flagged_at=timezone.now(), uninvited_at=timezone.now())
    assert words(desk.get(PAGE)).count("Nobody.") == 2


def test_for_others_the_page_does_not_exist(practice: Practice) -> None:
    clerk = front_desk(a_practice("oak"))
    browser = Browser(practice)
    browser.sign_in(clerk.sign_in_name)
    assert browser.get(PAGE).status_code == 404


def test_a_long_list_takes_no_more_queries_and_says_that_there_are_more(desk: Browser, practice: Practice) -> None:
    desk.get(PAGE)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(PAGE)
        return len(asked)

    somebody(practice, "Lily", flagged_at=timezone.now())
    few = queries()
    assert "There are more." not in words(desk.get(PAGE))
    for number in range(growing.MOST):
        somebody(practice, f"Child{number}", flagged_at=timezone.now())
    assert queries() == few
    assert "There are more." in words(desk.get(PAGE))
