"""Home: whose record, what waits, and the other practices."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, PatientAccess
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


def test_queries_do_not_grow_with_practices() -> None:
    practice = a_practice()
    account = an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.get("/home/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            browser.get("/home/")
        return len(seen)

    before = queries()
    for _ in range(3):
        other = a_practice("oak")
        browser_there = Browser(other)
        browser_there.walk_to_credentials(a_token(a_chart(other)), account="existing")
        browser_there.use_account(account.sign_in_name)
    browser.get("/home/")
    assert queries() == before
    assert h1(browser.get("/home/")) == "Welcome"
