"""Whose record is open, and the switcher between those that an account holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.template import engines
from django.urls import path

from accounts import open_record
from accounts.gates import signed_in
from accounts.models import Account, PatientAccess
from accounts.open_record import Held
from portal.urls import urlpatterns as portal_urls
from practices.current import PracticeRequest
from practices.models import Practice
from tests.agreements.kit import a_form
from tests.people import A_CHILD, HER_FATHER, MARIA, Browser, Person, a_chart, a_practice, an_account, words

pytestmark = pytest.mark.django_db

OPEN = "/records/open/"


@signed_in
@open_record.on_record
def a_page_of_the_record(request: PracticeRequest, held: Held) -> HttpResponse:
    page = engines["django"].from_string(
        '{% extends "layouts/record.html" %}{% block title %}A page{% endblock %}',
    )
    return HttpResponse(page.render({"held": held}, request))


urlpatterns = [*portal_urls, path("of-the-record/", a_page_of_the_record, name="of_the_record")]


def also(account: Account, practice: Practice, person: Person, state: str = "active") -> PatientAccess:
    """Access to somebody else's record, as a carer will have it."""
    chart = a_chart(practice, person)
    return PatientAccess.objects.create(
        account=account, practice=practice, record=chart, relationship="parent", state=state
    )


def whose(browser: Browser, page: str = "/home/") -> str:
    """What stands above the page."""
    said = words(browser.get(page))
    return said.partition("Record of ")[2].partition(",")[0].strip()


def switch(browser: Browser, to: PatientAccess | int) -> Any:
    return browser.post(OPEN, {"access": getattr(to, "pk", to)})


def test_with_one_record_there_is_nothing_to_switch(browser: Browser) -> None:
    page = browser.get("/home/")
    assert whose(browser) == "Maria Elena Santos"
    assert "Switch record" not in words(page)


def test_ones_own_record_is_open_first_and_the_other_after_a_switch(
    browser: Browser, practice: Practice, account: Account
) -> None:
    child = also(account, practice, A_CHILD)
    assert whose(browser) == "Maria Elena Santos"
    assert "Lily Santos, born" in words(browser.get("/home/"))
    assert switch(browser, child).url == "/home/"
    assert whose(browser) == "Lily Santos"
    page = browser.get("/home/").content.decode()
    assert child.record.mrn in page
    assert PatientAccess.objects.get(account=account, relationship="self").record.mrn not in page


def test_the_choice_is_the_sessions(browser: Browser, practice: Practice, account: Account) -> None:
    child = also(account, practice, A_CHILD)
    switch(browser, child)
    phone = Browser(practice)
    phone.sign_in(MARIA.email)
    assert whose(phone) == "Maria Elena Santos"


@pytest.mark.parametrize("state", ["waiting", "suspended", "ended"])
def test_a_record_that_is_not_open_to_the_account_is_not_offered(
    state: str, browser: Browser, practice: Practice, account: Account
) -> None:
    child = also(account, practice, A_CHILD, state)
    assert "Lily" not in words(browser.get("/home/"))
    assert switch(browser, child).status_code == 404
    assert whose(browser) == "Maria Elena Santos"


def test_records_of_others_and_of_other_practices_are_not_found(
    browser: Browser, practice: Practice, account: Account
) -> None:
    an_account(practice, HER_FATHER)
    his = PatientAccess.objects.get(record__given_names="Rafael")
    there = also(account, a_practice("oak"), A_CHILD)
    for one in (his.pk, there.pk, 0, -1, "", "x", "1" * 400, "\x00"):
        assert switch(browser, one).status_code == 404  # type: ignore[arg-type]
    assert whose(browser) == "Maria Elena Santos"


def test_other_practices_are_led_to_at_their_own_hosts(browser: Browser, account: Account) -> None:
    other = a_practice("oak")
    also(account, other, A_CHILD)
    page = browser.get("/home/")
    assert f'href="{other.address("/")}"' in page.content.decode()
    assert f"At {other.name}" in words(page)
    assert "Lily" not in words(page)


def test_an_access_that_ends_closes_the_record_at_once(browser: Browser, practice: Practice, account: Account) -> None:
    child = also(account, practice, A_CHILD)
    switch(browser, child)
    PatientAccess.objects.filter(pk=child.pk).update(state="ended")
    assert whose(browser) == "Maria Elena Santos"
    assert "Lily" not in browser.get("/home/").content.decode()


def test_looking_changes_nothing(browser: Browser, practice: Practice, account: Account) -> None:
    child = also(account, practice, A_CHILD)
    assert browser.get(OPEN, {"access": child.pk}).status_code == 405
    assert whose(browser) == "Maria Elena Santos"


# --- A page of a record, as those of other apps will be ---------------------------------------------------------------


@pytest.mark.urls(__name__)
def test_every_page_of_a_record_says_whose_it_is(browser: Browser, practice: Practice, account: Account) -> None:
    child = also(account, practice, A_CHILD)
    assert whose(browser, "/of-the-record/") == "Maria Elena Santos"
    switch(browser, child)
    assert whose(browser, "/of-the-record/") == "Lily Santos"
    assert "Switch record" in words(browser.get("/of-the-record/"))


@pytest.mark.urls(__name__)
def test_a_page_of_a_record_that_closed_leads_home_before_another_is_shown(
    browser: Browser, practice: Practice, account: Account
) -> None:
    child = also(account, practice, A_CHILD)
    switch(browser, child)
    PatientAccess.objects.filter(pk=child.pk).update(state="suspended")
    assert browser.get("/of-the-record/").url == "/home/"
    assert browser.get("/of-the-record/").url == "/home/"
    browser.get("/home/")
    assert whose(browser, "/of-the-record/") == "Maria Elena Santos"


@pytest.mark.urls(__name__)
def test_what_the_practice_requires_stands_before_it(browser: Browser, practice: Practice) -> None:
    a_form(practice, required=True)
    assert browser.get("/of-the-record/").url == "/agreements/"


@pytest.mark.urls(__name__)
def test_without_an_open_record_there_is_no_page_of_one(browser: Browser) -> None:
    PatientAccess.objects.update(state="waiting")
    assert browser.get("/of-the-record/").url == "/home/"
