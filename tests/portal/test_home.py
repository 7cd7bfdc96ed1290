"""Home: whose record, what waits, and the other practices."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, PatientAccess
from practices.models import Practice
from tests.agreements.kit import a_form
from tests.alone import alone
from tests.people import (
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    front_desk,
    h1,
    words,
)

__all__ = ["alone"]
pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def home_of(name: str, browser: Browser) -> str:
    browser.sign_in(name)
    return words(browser.get("/home/"))


def test_record_shows_whose_it_is() -> None:
    practice = a_practice()
    account = an_account(practice)
    page = home_of(MARIA.email, Browser(practice))
    chart = PatientAccess.objects.get(account=account).record
    assert "Record of Maria Elena Santos" in page
    assert "March 12, 1984" in page
    assert chart.mrn in page
    assert "Myself" in page
    assert "Nothing. You are all set." in page


def test_without_a_sign_in_there_is_no_home() -> None:
    assert Browser(a_practice()).get("/home/").url == "/?next=/home/"


def test_record_of_another_practice_is_not_shown_here() -> None:
    here, there = a_practice(), a_practice("oak")
    account = an_account(there)
    chart = PatientAccess.objects.get(account=account).record
    browser = Browser(here)
    page = home_of(MARIA.email, browser)
    assert "holds no record" in page
    assert there.name in page
    html = browser.get("/home/").content.decode()
    assert there.address("/") in html
    assert chart.mrn not in html
    assert "1984" not in html


def test_other_practices_need_a_sign_in_of_their_own() -> None:
    here, there = a_practice(), a_practice("oak")
    an_account(there)
    browser = Browser(here)
    browser.sign_in(MARIA.email)
    assert not Browser(there).is_signed_in


@pytest.mark.parametrize(
    ("state", "says", "shows_the_record"),
    [
        ("active", "Record of Maria Elena Santos", True),
        ("waiting", "One step is missing", False),
        ("suspended", "Access to the record is stopped", False),
        ("ended", "holds no record", False),
    ],
)
def test_only_an_active_access_shows_the_record(state: str, says: str, *, shows_the_record: bool) -> None:
    practice = a_practice()
    account = an_account(practice)
    PatientAccess.objects.filter(account=account).update(state=state)
    browser = Browser(practice)
    assert says in home_of(MARIA.email, browser)
    html = browser.get("/home/").content.decode()
    chart = PatientAccess.objects.get(account=account).record
    assert all((fact in html) is shows_the_record for fact in (chart.mrn, "1984"))


def test_unverified_email_waits_with_its_button() -> None:
    practice = a_practice()
    an_account(practice, verified=False)
    page = home_of(MARIA.email, Browser(practice))
    assert "Verify your email address" in page
    assert "Send me a new one" in page


def test_account_without_an_email_has_nothing_to_verify() -> None:
    practice = a_practice()
    an_account(practice, name="maria.santos")
    Account.objects.update(email="", email_verified_at=None)
    assert "Nothing. You are all set." in home_of("maria.santos", Browser(practice))


def test_account_without_a_record_is_told_how_to_get_one() -> None:
    practice = a_practice()
    desk = front_desk(a_practice("oak"))
    assert "I have an enrollment token" in home_of(desk.sign_in_name, Browser(practice))


def test_practices_say_how_to_reach_them() -> None:
    here, there = a_practice(), a_practice("oak")
    Practice.objects.filter(pk=there.pk).update(phone="(617) 555-0120", hours="Every day, 6 am to 10 pm")
    an_account(there)
    said = home_of(MARIA.email, Browser(here)).partition("Your practices")[2]
    for practice in (here, Practice.objects.get(pk=there.pk)):
        for fact in (practice.name, practice.phone, practice.email, practice.hours):
            assert fact in said


def test_an_optional_agreement_that_waits_is_led_to() -> None:
    practice = a_practice()
    an_account(practice)
    a_form(practice, required=False)
    browser = Browser(practice)
    said = home_of(MARIA.email, browser)
    assert "There is something to read and answer." in said
    assert "You are all set" not in said
    assert f'href="{reverse("agreements_due")}"' in browser.get("/home/").content.decode()


def test_a_phone_on_file_that_waits_is_led_to() -> None:
    practice = a_practice()
    account = an_account(practice)
    PatientAccess.objects.filter(account=account).update(state="waiting")
    browser = Browser(practice)
    assert "so that your record opens" in home_of(MARIA.email, browser)
    assert 'href="/enroll/phone/"' in browser.get("/home/").content.decode()


def test_an_address_that_was_asked_for_waits_like_an_unverified_one() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.post("/settings/email/", {"email": "maria.new@example.com"})
    assert "message that we sent to maria.new@example.com" in words(browser.get("/home/"))


def test_five_records_cost_what_one_does() -> None:
    practice = a_practice()
    account = an_account(practice)
    a_form(practice, required=False)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    before = queries_of(browser)
    assert before <= MOST_QUERIES
    for _ in range(4):
        chart = a_chart(practice)
        PatientAccess.objects.create(
            account=account, practice=practice, record=chart, relationship="parent", state="active"
        )
    assert words(browser.get("/home/")).count("Open Maria Elena Santos") == 4
    assert queries_of(browser) == before


def test_queries_do_not_grow_with_practices() -> None:
    practice = a_practice()
    account = an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    before = queries_of(browser)
    for _ in range(3):
        other = a_practice("oak")
        browser_there = Browser(other)
        browser_there.walk_to_credentials(a_token(a_chart(other)), account="existing")
        browser_there.use_account(account.sign_in_name)
    assert queries_of(browser) == before
    assert h1(browser.get("/home/")) == "Welcome"


def queries_of(browser: Browser) -> int:
    """What home costs the database, the second time."""
    browser.get("/home/")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/home/")
    return len(seen)
