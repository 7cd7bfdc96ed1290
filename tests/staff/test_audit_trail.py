"""**Audit trail**: who did what, in words, filtered, paged, and as a file. Managers alone; of this practice alone."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import PatientAccess
from audit import looking
from audit.events import Event
from audit.looking import Sought, Thing
from audit.models import AuditEvent
from audit.record import record
from staff.trail import asked, export, forms, views
from staff.trail import words as trail_words
from tests.people import (
    A_STRANGER,
    HER_FATHER,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_request,
    a_token,
    a_token_for,
    an_account,
    front_desk,
    h1,
    words,
)
from tests.staff.kit import a_manager, at_work

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
PAGE, FILE = "/staff/audit/", "/staff/audit/export/"


@pytest.fixture
def manager(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


@transaction.atomic
def noted(event: Event, practice: Practice, *, by: Any = None, about: Any = None, **details: Any) -> AuditEvent:
    record(event, actor=by, practice=practice, subject=about, request=a_request(practice), **details)
    return AuditEvent.objects.latest("pk")


def downloaded(manager: Browser, query: str = "", reason: str = "review") -> list[list[str]]:
    answer = manager.post(f"{FILE}{query}", {"reason": reason})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_it_says_who_did_what_to_whom_why_and_from_where(manager: Browser, practice: Practice) -> None:
    clerk, chart = front_desk(practice, "dana"), a_chart(practice)
    noted(Event.CONTACT_CHANGED, practice, by=clerk, about=chart, reason="asked")
    told = words(manager.get(PAGE))
    assert "A member of staff changed the email or a phone of a patient record." in told
    assert f"dana-{practice.pk} · from 198.51.100.7" in told
    assert "reason: The patient asked for it" in told
    assert "Chart of Maria Elena Santos" in told


def test_a_patients_page_has_all_of_the_patient_and_nothing_of_others(manager: Browser, practice: Practice) -> None:
    token = a_token_for(practice)
    account = an_account(practice, token=token)
    a_proxy(token.chart)
    stranger = an_account(practice, A_STRANGER)
    page = manager.get(f"{PAGE}?patient={token.chart.pk}")
    told = words(page)
    for event in (Event.CODE_ISSUED, Event.ENROLLMENT_STARTED, Event.EMAIL_VERIFIED):
        assert event.meaning in told
    assert "Medical record number " + token.chart.mrn in told
    sought = Sought(practice.pk, about=asked.things_of(token.chart))
    found = looking.newest(sought, 100)
    actors = {one.actor_id for one in found}
    assert str(account.pk) in actors
    assert str(stranger.pk) not in actors
    assert ("accounts.account", str(stranger.pk)) not in {(one.subject_kind, one.subject_id) for one in found}


def test_the_chart_leads_to_the_patients_trail_for_managers(manager: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    link = f"{PAGE}?patient={chart.pk}"
    assert link in manager.get(f"/staff/patients/{chart.pk}/").content.decode()
    desk, _ = at_work(front_desk(practice), practice)
    assert link not in desk.get(f"/staff/patients/{chart.pk}/").content.decode()


def test_an_accounts_page_has_what_it_did_and_what_was_done_to_it(manager: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    clerk = front_desk(practice, "dana")
    mine = noted(Event.CHART_VIEWED, practice, by=clerk, about=chart)
    done = noted(Event.STAFF_ADDED, practice, about=clerk, role="front_desk")
    both = noted(Event.SIGN_OUT, practice, by=clerk, about=clerk)
    noted(Event.CHART_VIEWED, practice, by=a_manager(practice, "boss"), about=chart)
    sought = Sought(practice.pk, by_or_about=Thing("accounts.account", str(clerk.pk)))
    assert [one.pk for one in looking.newest(sought, 9)] == [both.pk, done.pk, mine.pk]
    told = words(manager.get(f"{PAGE}?account={clerk.pk}"))
    assert "role: Front desk" in told


@pytest.mark.parametrize("filters", ["?kind=codes", "?kind=code.issued"])
def test_by_what_happened(filters: str, manager: Browser, practice: Practice) -> None:
    a_token_for(practice)
    told = words(manager.get(PAGE + filters)).partition("Show everything")[2]
    assert Event.CODE_ISSUED.meaning in told
    assert Event.SIGN_IN_SUCCEEDED.meaning not in told


def test_by_who_did_it_and_what(manager: Browser, practice: Practice) -> None:
    clerk, other, chart = front_desk(practice, "dana"), front_desk(practice, "eve"), a_chart(practice)
    wanted = noted(Event.CHART_VIEWED, practice, by=clerk, about=chart)
    noted(Event.CHART_VIEWED, practice, by=other, about=chart)
    noted(Event.SIGN_OUT, practice, by=clerk, about=clerk)
    rows = downloaded(manager, f"?by={clerk.pk}&kind=chart.viewed")
    assert [row[0] for row in rows[1:]] == [str(wanted.pk)]


def test_all_of_the_staff_are_listed_when_somebody_is_to_be_chosen(manager: Browser, practice: Practice) -> None:
    clerk, other = front_desk(practice, "dana"), front_desk(practice, "eve")
    noted(Event.SIGN_OUT, practice, by=clerk)

    def listed(query: str) -> set[int]:
        html = manager.get(PAGE + query).content.decode()
        return {one.pk for one in (clerk, other) if f'<option value="{one.pk}"' in html}

    assert listed("?kind=sign_out") == set()
    assert "?kind=sign_out&amp;choose=staff" in manager.get(f"{PAGE}?kind=sign_out").content.decode()
    assert listed("?kind=sign_out&choose=staff") == {clerk.pk, other.pk}
    assert listed(f"?by={clerk.pk}") == {clerk.pk}
    page = manager.get(f"{PAGE}?by={clerk.pk}")
    assert "Choose another member of staff" in words(page)
    assert Event.SIGN_OUT.meaning in words(page)


def test_by_days_of_the_practice(manager: Browser, practice: Practice) -> None:
    noted(Event.BULK_STARTED, practice)
    today = practice.today()
    yesterday = today - timedelta(days=1)
    meaning = Event.BULK_STARTED.meaning

    def shows(since: Any = "", until: Any = "") -> bool:
        day = "{:%m/%d/%Y}".format
        query = f"?since={since and day(since)}&until={until and day(until)}"
        return f"{meaning} " in words(manager.get(PAGE + query)).partition("Show everything")[2]

    assert shows(since=today, until=today)
    assert shows(until=today)
    assert not shows(until=yesterday)
    assert not shows(since=today + timedelta(days=1))


def test_a_time_begins_with_its_first_event(practice: Practice) -> None:
    events = [noted(Event.SIGN_OUT, practice) for _ in range(3)]
    middle = AuditEvent.objects.get(pk=events[1].pk).at
    sought = Sought(practice.pk, events=("sign_out",), since=middle, until=middle + looking.SLACK)
    assert middle in {one.at for one in looking.newest(sought, 9)}


def test_a_day_that_is_none_is_said(manager: Browser) -> None:
    page = manager.get(f"{PAGE}?since=02/30/2026")
    assert page.status_code == 400
    assert "There is a problem" in words(page)
    page = manager.get(f"{PAGE}?since=02/03/2026&until=02/02/2026")
    assert "This day is before the other one." in words(page)


@pytest.mark.parametrize("days", ["since=0001-01-01", "until=9999-12-31", "since=01/01/0001&until=12/31/9999"])
def test_days_at_the_ends_of_the_calendar_hide_nothing(manager: Browser, days: str) -> None:
    assert "Somebody signed in" in words(manager.get(f"{PAGE}?{days}"))
    assert len(downloaded(manager, f"?{days}")) > 1


def test_older_events_come_page_by_page_without_gap_or_repetition(manager: Browser, practice: Practice) -> None:
    made = [noted(Event.BULK_PAUSED, practice).pk for _ in range(2 * views.A_PAGE + 1)]
    seen: list[int] = []
    query = "?kind=bulk.paused"
    for _page in range(3):
        html = manager.get(PAGE + query).content.decode()
        before = seen[-1] if seen else None
        found = looking.newest(Sought(practice.pk, events=("bulk.paused",)), views.A_PAGE, before=before)
        seen += [one.pk for one in found]
        assert html.count(Event.BULK_PAUSED.meaning) - 1 == len(found)
        older = f"before={seen[-1]}"
        assert (older in html) == (len(seen) < len(made))
        query = f"?kind=bulk.paused&{older}"
    assert seen == made[::-1]


def test_nothing_found_says_so(manager: Browser) -> None:
    assert "There are no events like that." in words(manager.get(f"{PAGE}?kind=bulk.ended"))


def test_what_happened_elsewhere_is_not_there(manager: Browser, practice: Practice) -> None:
    elsewhere = a_practice("oak")
    chart = a_chart(elsewhere, HER_FATHER)
    theirs = noted(Event.CHART_VIEWED, elsewhere, by=a_manager(practice, "both"), about=chart)
    assert str(theirs.pk) not in [row[0] for row in downloaded(manager)]
    assert manager.get(f"{PAGE}?patient={chart.pk}").status_code == 404
    account = an_account(elsewhere)
    assert manager.get(f"{PAGE}?account={account.pk}").status_code == 404
    assert manager.get(f"{FILE}?account={account.pk}").status_code == 404
    assert manager.get(f"{PAGE}?by={account.pk}").status_code == 400


def test_who_is_of_no_concern_here_has_no_name(manager: Browser, practice: Practice) -> None:
    stranger = an_account(a_practice("oak"), A_STRANGER)
    noted(Event.ENROLLMENT_REFUSED, practice, by=stranger)
    page = manager.get(PAGE)
    assert f"Account {stranger.pk}" in words(page)
    assert A_STRANGER.family not in page.content.decode()
    assert f"account={stranger.pk}" not in page.content.decode()


def test_it_is_for_managers(practice: Practice) -> None:
    desk, _key = at_work(front_desk(practice), practice)
    for page in (PAGE, FILE):
        assert desk.get(page).status_code == 404
    assert desk.post(FILE, {"reason": "review"}).status_code == 404
    assert PAGE not in desk.get("/staff/").content.decode()


def test_the_file_has_what_the_page_has_and_is_in_the_trail_itself(manager: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    noted(Event.CHART_VIEWED, practice, by=front_desk(practice), about=chart)
    page = manager.get(f"{FILE}?patient={chart.pk}")
    assert h1(page) == "Export as a file"
    assert "The file has 1 event" in words(page)
    head, row = downloaded(manager, f"?patient={chart.pk}", reason="patient")
    assert head[:3] == ["Number", "Time", "Who"]
    assert (row[5], row[6], row[7]) == ("chart.viewed", "Maria Elena Santos", str(chart.pk))
    kept = AuditEvent.objects.get(event=Event.TRAIL_EXPORTED, practice_id=practice.pk)
    assert kept.details == {"reason": "patient", "filter": f"patient={chart.pk}"}
    assert "reason: A patient asked who saw or changed their record" in words(manager.get(PAGE))


def test_a_file_without_a_reason_is_not_made(manager: Browser, practice: Practice) -> None:
    assert manager.post(FILE, {}).status_code == 400
    assert not AuditEvent.objects.filter(event=Event.TRAIL_EXPORTED, practice_id=practice.pk).exists()


def test_formulas_in_names_and_details_are_defused(manager: Browser, practice: Practice) -> None:
    chart = a_chart(practice, given_names="=HYPERLINK(1)", family_name="X")
    clerk = front_desk(practice, "@SUM(A1)")
    noted(Event.CHART_VIEWED, practice, by=clerk, about=chart)
    row = downloaded(manager, f"?patient={chart.pk}")[1]
    assert row[6] == "'=HYPERLINK(1) X"
    assert row[2].startswith("'@SUM(A1)")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_long_file_is_read_in_parts_and_ends(
    manager: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [noted(Event.BULK_PAUSED, practice).pk for _ in range(12)]
    monkeypatch.setattr(export, "AT_ONCE", 5)
    assert [int(row[0]) for row in downloaded(manager, "?kind=bulk.paused")[1:]] == made[::-1]
    monkeypatch.setattr(export, "MOST", 7)
    assert "There are more than fit into one file" in words(manager.get(f"{FILE}?kind=bulk.paused"))
    assert [int(row[0]) for row in downloaded(manager, "?kind=bulk.paused")[1:]] == made[:4:-1]


def test_as_many_queries_for_one_row_as_for_a_page_of_all_kinds(practice: Practice) -> None:
    manager = at_work(boss := a_manager(practice), practice)[0]
    chart = a_chart(practice)
    noted(Event.CHART_VIEWED, practice, by=boss, about=chart)
    manager.get(PAGE)

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as done:
            assert manager.get(PAGE + query).status_code == 200
        return len([one for one in done if "SAVEPOINT" not in one["sql"]])

    one = queries("?kind=chart.viewed")
    for number in range(25):
        person = a_chart(practice, mrn=f"x{number}")
        token = a_token(person)
        noted(Event.CHART_VIEWED, practice, by=front_desk(practice, f"d{number}"), about=person)
        noted(Event.CODE_REVOKED, practice, by=a_proxy(person), about=token.code)
        noted(Event.ACCESS_ENDED, practice, about=PatientAccess.objects.latest("pk"))
    assert queries("") <= one <= 14
    assert queries(f"?patient={chart.pk}") <= 14
    assert queries(f"?account={boss.pk}&since=01/01/2026&until=01/01/2090") <= 14


def test_every_event_can_be_asked_for_and_every_detail_has_words() -> None:
    offered = [choice for _group, inside in forms.kinds()[1:] for choice, _words in inside]
    assert sorted(one for one in offered if one not in forms.GROUPS) == sorted(event.value for event in Event)
    found = trail_words.details(Event.CODE_ISSUED, {"kind": "token", "unheard": "of", "none": None, "renew": True})
    assert found == [("kind", "token"), ("unheard", "of"), ("also who has a code", "yes")]
