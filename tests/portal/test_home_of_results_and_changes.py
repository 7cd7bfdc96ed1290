"""Home: the newest results of the open record, what is new in the others, and accesses that changed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import rights
from accounts.models import AccessState, Account, EndReason, PatientAccess, Relationship
from practices.models import PatientRecord, Practice, PracticeSettings
from results.models import Look
from tests.alone import alone
from tests.people import A_CHILD, MARIA, Browser, a_chart, a_practice, an_account, front_desk, someone_like, words
from tests.results.kit import GLUCOSE, LONG_AGO, a_report, chart_of

__all__ = ["alone"]
pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def years_ago(years: int, days: int = 0) -> date:
    """Born so many years ago today, or some days before."""
    return rights.birthday(timezone.localdate(), -years) - timedelta(days=days)


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def chart(account: Account) -> PatientRecord:
    return chart_of(account)


@pytest.fixture
def browser(practice: Practice, account: Account) -> Browser:
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    return browser


def also(account: Account, practice: Practice, **changes: Any) -> PatientAccess:
    """Access to Lily's record, opened some years ago."""
    person = someone_like(A_CHILD, born=changes.pop("born", A_CHILD.born))
    facts = {
        "relationship": Relationship.PARENT,
        "state": AccessState.ACTIVE,
        "opened_at": timezone.now() - timedelta(days=900),
    }
    record = a_chart(practice, person)
    return PatientAccess.objects.create(account=account, practice=practice, record=record, **{**facts, **changes})


def home(browser: Browser) -> str:
    return words(browser.get("/home/"))


def test_the_three_newest_results_are_there_with_the_way_to_all(browser: Browser, chart: PatientRecord) -> None:
    for day in range(5):
        a_report(chart, name=f"Test {day}", collected_at=LONG_AGO + timedelta(days=day))
    html = browser.get("/home/").content.decode()
    assert re.findall(r'portal-result__name">([^<]*)<', html) == ["Test 4", "Test 3", "Test 2"]
    assert "5 results are new to you." in home(browser)
    assert "All results" in home(browser)
    Look.objects.create(account=Account.objects.get(), report=chart.reports.earliest("pk"), at=timezone.now())
    assert "4 results are new to you." in home(browser)


def test_without_results_it_says_so(browser: Browser) -> None:
    assert "There are no lab results yet." in home(browser)


def test_other_records_say_how_many_are_new_and_open_at_a_press(
    browser: Browser, practice: Practice, account: Account, chart: PatientRecord
) -> None:
    hers = also(account, practice)
    a_report(hers.record, {**GLUCOSE, "number": "90"}, name="Strep test")
    a_report(hers.record, patient_only=True)
    said = home(browser)
    assert "Lily Santos 1 new result Open Lily Santos" in said
    assert "Strep test" not in said
    browser.post("/records/open/", {"access": hers.pk})
    said = home(browser)
    assert "1 result is new to you." in said
    assert "Strep test" in said
    assert "Maria Elena Santos Open Maria Elena Santos" in said


def test_a_claim_waits_for_the_practice_without_a_name(browser: Browser, practice: Practice, account: Account) -> None:
    claim = also(account, practice, state=AccessState.APPROVAL, opened_at=None)
    a_report(claim.record, name="Strep test")
    html = browser.get("/home/").content.decode()
    assert "The practice looks at your request" in html
    assert "You are all set" not in html
    for fact in ("Lily", claim.record.mrn, "Strep test"):
        assert fact not in html


@pytest.mark.parametrize(
    ("because", "says"),
    [
        (EndReason.CAME_OF_AGE, "Lily came of age: your access to the record ended on that birthday."),
        (EndReason.BY_PATIENT, "Your access to the record of Lily was ended."),
        (EndReason.REFUSED, "Your access to the record of Lily was ended."),
        (EndReason.BY_PRACTICE, "Your access to the record of Lily was ended."),
        (EndReason.BY_HOLDER, "You gave up your access to the record of Lily."),
        (EndReason.OVER, "The time of your access to the record of Lily is over."),
    ],
)
def test_an_access_that_ended_says_why_for_thirty_days(
    because: EndReason, says: str, browser: Browser, practice: Practice, account: Account
) -> None:
    ended = also(account, practice, state=AccessState.ENDED, ended_because=because, ended_at=timezone.now())
    said = home(browser)
    assert says in said
    assert f"Call {practice.name}: {practice.phone}" in said
    PatientAccess.objects.filter(pk=ended.pk).update(ended_at=timezone.now() - timedelta(days=31))
    assert "What you no longer see" not in home(browser)


@pytest.mark.parametrize(
    ("because", "says"),
    [
        (EndReason.REFUSED, "was not approved."),
        (EndReason.DECLINED, "was not approved."),
        (EndReason.LAPSED, "was not finished in time."),
    ],
)
def test_a_claim_that_never_opened_ends_without_a_name(
    because: EndReason, says: str, browser: Browser, practice: Practice, account: Account
) -> None:
    also(account, practice, state=AccessState.ENDED, ended_because=because, ended_at=timezone.now(), opened_at=None)
    assert f"Your request to see a record {says}" in home(browser)
    assert "Lily" not in browser.get("/home/").content.decode()


def test_who_may_see_the_record_again_is_told_nothing_of_the_end(
    browser: Browser, practice: Practice, account: Account
) -> None:
    again = also(account, practice)
    PatientAccess.objects.create(
        account=account, practice=practice, record=again.record, relationship=Relationship.PARENT,
        state=AccessState.ENDED, ended_because=EndReason.BY_PRACTICE, ended_at=timezone.now(),
    )  # fmt: skip
    assert "What you no longer see" not in home(browser)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"born": years_ago(18)}, "Lily came of age"),
        ({"ends_on": timezone.localdate()}, "The time of your access to the record of Lily is over."),
    ],
)
def test_what_ends_today_is_said_today_whether_or_not_the_daily_task_ran(
    changes: dict[str, Any], says: str, browser: Browser, practice: Practice, account: Account
) -> None:
    ended = also(account, practice, **changes)
    assert says in home(browser)
    assert ended.record.mrn not in browser.get("/home/").content.decode()


@pytest.mark.parametrize("is_open", [True, False])
def test_who_cares_for_a_teenager_is_told_what_they_see_less(
    browser: Browser, practice: Practice, account: Account, *, is_open: bool
) -> None:
    teen = also(account, practice, born=years_ago(13, days=5))
    since = timezone.localdate() - timedelta(days=5)
    a_report(teen.record, name="Strep test")
    if is_open:
        browser.post("/records/open/", {"access": teen.pk})
    said = home(browser)
    assert f"You see less of the record of Lily since {since:%B} {since.day}, {since.year}: Lily turned 13" in said
    assert "Lab results are shown to the patient only." in said
    assert "Strep test" not in said
    assert "1 new result" not in said
    PracticeSettings.objects.filter(practice=practice).update(teen_results=True)
    said = home(browser)
    assert "Lab results are shown to the patient only." not in said
    assert ("Strep test" if is_open else "1 new result") in said


def test_a_teenagers_own_home_says_nothing_of_it(browser: Browser, account: Account, chart: PatientRecord) -> None:
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years_ago(15))
    a_report(chart, name="Strep test")
    assert "You see less" not in home(browser)
    assert "Strep test" in home(browser)


def test_five_records_with_results_cost_what_one_does(
    browser: Browser, practice: Practice, account: Account, chart: PatientRecord
) -> None:
    a_report(chart)
    before = queries_of(browser)
    for _ in range(4):
        other = also(account, practice, born=years_ago(14))
        also(account, practice, state=AccessState.ENDED, ended_because=EndReason.OVER, ended_at=timezone.now())
        for _ in range(3):
            a_report(other.record)
            a_report(chart)
    assert queries_of(browser) == before <= MOST_QUERIES


def test_looking_at_home_is_no_look_at_a_result(browser: Browser, chart: PatientRecord) -> None:
    a_report(chart)
    home(browser)
    assert not Look.objects.exists()


def test_a_member_of_staff_without_records_sees_nothing_of_results(practice: Practice) -> None:
    desk = front_desk(a_practice("oak"))
    browser = Browser(practice)
    browser.sign_in(desk.sign_in_name)
    html = browser.get("/home/").content.decode()
    assert "results.css" not in html
    assert "/results/" not in html


def queries_of(browser: Browser) -> int:
    """What home costs the database, the second time."""
    browser.get("/home/")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/home/")
    return len(seen)
