"""**Settings → Recent activity**: sign-ins, resets, changes, and who looked, in plain words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import activity, activity_words
from accounts.models import Account, ChangeKind, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from practices.models import Practice
from results.models import Report, ReportState
from tests.accounts.options_kit import SECURITY, a_text_option, signed_in
from tests.people import (
    A_CHILD,
    A_STRANGER,
    HER_FATHER,
    HOME,
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
from tests.results.kit import GLUCOSE, a_report, chart_of
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
PAGE = "/settings/activity/"


def happened(
    event: Event, *, subject: object, actor: Account | None = None, practice: Practice | None = None, **details: Any
) -> None:
    with transaction.atomic():
        request = a_request(practice) if practice else None
        record(event, actor=actor, practice=practice, subject=subject, request=request, **details)


def said_to(account: Account) -> list[str]:
    return [entry.words for entry in activity.of(account, most=100)]


def a_daughter(chart: Any, first_name: str = "Julia Ann") -> Account:
    """Who acts for a patient."""
    account = a_proxy(chart, name="julia", relationship="caregiver")
    Account.objects.filter(pk=account.pk).update(first_name=first_name, last_name="Santos")
    account.refresh_from_db()
    return account


# --- The page ---------------------------------------------------------------------------------------------------------


def test_settings_and_security_lead_to_it(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    for page in ("/settings/", SECURITY):
        assert f'href="{PAGE}"' in browser.get(page).content.decode()
    assert h1(browser.get(PAGE)) == "Recent activity"


def test_it_is_of_who_is_signed_in(practice: Practice) -> None:
    answer = Browser(practice).get(PAGE)
    assert (answer.status_code, answer.url) == (302, f"/?next={PAGE}")


def test_sign_ins_say_when_where_from_where_and_by_which_option(practice: Practice, account: Account) -> None:
    a_text_option(account)
    said = words(signed_in(practice, account, address="203.0.113.9").get(PAGE))
    assert re.search(
        rf"Signed in, with codes by text [\d:]+ [ap]\.m\. · {practice.name} · from address 203.0.113.9", said
    )


def test_failed_ones_say_where_they_came_from(practice: Practice, account: Account) -> None:
    Browser(practice, address="203.0.113.66").sign_in(account.sign_in_name, "Wrong-guess-1")
    assert "from address 203.0.113.66" in words(signed_in(practice, account).get(PAGE)).partition("A wrong password")[2]


def test_newest_first_by_day(practice: Practice, account: Account) -> None:
    page = signed_in(practice, account).get(PAGE)
    said = words(page)
    assert said.index("Signed in") < said.index("Access to a record was opened")
    days = re.findall(r"<h2 id=\"day-\d+\">([^<]+)</h2>", page.content.decode())
    assert len(days) == len(set(days)) == 1


def test_what_to_do_where_something_was_not_you(practice: Practice, account: Account) -> None:
    page = signed_in(practice, account).get(PAGE)
    for route in ("change_password", "security", "people_with_access"):
        assert f'href="{reverse(route)}' in page.content.decode()
    assert practice.phone in words(page)


def test_security_keeps_the_last_five(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    for _ in range(9):
        happened(Event.SESSIONS_ENDED, subject=account, actor=account, practice=practice)
    assert words(browser.get(SECURITY)).count("Signed out everywhere else") == 5


def test_nothing_yet(practice: Practice) -> None:
    """Nobody gets here without signing in, which is told: so the page is asked beside the trail."""
    account = Account.objects.create_account(sign_in_name="new-here", password="Kite-flying-77")
    assert activity.of(account) == []


# --- Resets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        (Event.PASSWORD_RESET_ASKED, {}, "A link to choose a new password was emailed"),
        (Event.PASSWORD_RESET_WAITS, {}, "A new password was asked for without the app or passkey: it waits a day"),
        (Event.PASSWORD_RESET, {"by": "text"}, "The password was forgotten, and a new one was set, with codes by text"),
        (Event.PASSWORD_RESET, {"by": "record"}, "The password was forgotten, and a new one was set"),
        (Event.PASSWORD_RESET_CANCELLED, {}, "The new password that waited was canceled by signing in"),
        (Event.USERNAMES_SENT, {}, "The usernames of the email address were sent to it"),
        (Event.ACCOUNT_RESET_ASKED, {}, "A reset of the whole account was asked for: it waits"),
        (Event.ACCOUNT_RESET_CANCELLED, {}, "The reset of the whole account was canceled by signing in"),
        *(
            (Event.ACCOUNT_CHANGE_STOPPED, {"kind": kind}, f"{said}: this wasn't me")
            for kind, said in (
                ("password", "A change of the password was taken back"),
                ("email", "A change of the email address was taken back"),
                ("reset", "A password that was reset was taken back"),
                ("wait", "A password reset that waited was stopped"),
                ("closing", "The reset of the account was stopped"),
            )
        ),
    ],
)
def test_resets_are_told(
    event: Event, details: dict[str, str], said: str, practice: Practice, account: Account
) -> None:
    happened(event, subject=account, practice=practice, **details)  # type: ignore[arg-type] # details, by name
    assert said in said_to(account)
    assert said in words(signed_in(practice, account).get(PAGE))


def test_every_kind_of_what_is_taken_back_has_its_words() -> None:
    assert set(activity_words.TAKEN_BACK) == set(ChangeKind)
    assert len({str(one) for one in activity_words.TAKEN_BACK.values()}) == len(ChangeKind)


# --- Who looked -------------------------------------------------------------------------------------------------------


def test_who_looked_at_a_result_is_told(practice: Practice, account: Account) -> None:
    chart = chart_of(account)
    report = a_report(chart, GLUCOSE)
    browser, daughter = signed_in(practice, account), a_daughter(chart)
    browser.get(f"/results/{report.pk}/")
    hers = Browser(practice, address="203.0.113.44")
    hers.sign_in(daughter.sign_in_name)
    assert hers.get(f"/results/{report.pk}/").status_code == 200
    said = words(browser.get(PAGE))
    assert "You looked at a lab result" in said
    assert "Julia looked at a lab result" in said
    assert "Ann" not in said
    assert "203.0.113.44" not in said, "where she was is hers"


def test_look_of_staff_is_told_without_a_name(practice: Practice, account: Account) -> None:
    clerk = front_desk(practice)
    Account.objects.filter(pk=clerk.pk).update(first_name="Gloria", last_name="Desk")
    desk, _key = at_work(clerk, practice)
    chart = chart_of(account)
    held = a_report(chart, GLUCOSE, state=ReportState.HELD, released_at=None)
    desk.get(f"/staff/patients/{chart.pk}/")
    desk.get(f"/staff/results/{held.pk}/")
    browser = signed_in(practice, account)
    said = words(browser.get(PAGE))
    assert f"Staff of {practice.name} looked at your details and who has access" in said
    assert "looked at a lab result" not in said, "nobody learns so that a result waits"
    Report.objects.filter(pk=held.pk).update(state=ReportState.RELEASED, released_at=held.imported_at)
    said = words(browser.get(PAGE))
    assert f"Staff of {practice.name} looked at a lab result" in said
    assert "Gloria" not in said
    assert clerk.sign_in_name not in said


def test_page_of_a_patient_is_not_shown_where_the_look_is_not_noted(practice: Practice, account: Account) -> None:
    desk, _key = at_work(front_desk(practice), practice)
    chart = chart_of(account)
    desk.get(f"/staff/patients/{chart.pk}/")
    [noted] = AuditEvent.objects.filter(event=Event.CHART_VIEWED)
    assert (noted.subject_id, noted.practice_id, noted.address) == (str(chart.pk), practice.pk, HOME)


def test_staff_of_two_practices_are_told_apart(practice: Practice, account: Account) -> None:
    elsewhere = a_practice("oak")
    other = a_token_for(elsewhere).chart
    PatientAccess.objects.create(account=account, practice=elsewhere, record=other, relationship="self", state="active")
    for place, chart in ((practice, chart_at(account, practice)), (elsewhere, other)):
        happened(Event.CHART_VIEWED, subject=chart, actor=front_desk(place), practice=place)
    said = said_to(account)
    for place in (practice, elsewhere):
        assert f"Staff of {place.name} looked at your details and who has access" in said


def chart_at(account: Account, practice: Practice) -> Any:
    return PatientAccess.objects.get(account=account, practice=practice).record


# --- What it does not show --------------------------------------------------------------------------------------------


def test_others_read_nothing_of_it(practice: Practice, account: Account) -> None:
    stranger = an_account(a_practice("oak"), A_STRANGER)
    happened(Event.PASSWORD_CHANGED, subject=account, actor=account, practice=practice)
    happened(Event.CHART_VIEWED, subject=chart_of(account), actor=front_desk(practice), practice=practice)
    assert "The password was changed" not in said_to(stranger)
    assert not any("looked" in said for said in said_to(stranger))
    assert not any(entry.practice == practice.name for entry in activity.of(stranger))


def test_proxy_reads_what_she_did_herself_and_no_more(practice: Practice, account: Account) -> None:
    chart = chart_of(account)
    report, daughter = a_report(chart, GLUCOSE), a_daughter(chart)
    for by in (account, daughter, front_desk(practice)):
        happened(Event.RESULT_VIEWED, subject=report, actor=by, practice=practice)
    happened(Event.CHART_VIEWED, subject=chart, actor=front_desk(practice, "other"), practice=practice)
    happened(Event.PROXY_NAMED, subject=chart, actor=account, practice=practice)
    happened(Event.PASSWORD_RESET, subject=account, actor=account, practice=practice, by="text")
    said = [one for one in said_to(daughter) if one not in {"Signed in", "The email address was verified"}]
    assert said == [
        "You looked at a lab result",
        "You accepted the privacy policy",
        "You accepted the terms and conditions",
    ]


def test_teenagers_own_activity_is_not_a_parents(practice: Practice) -> None:
    chart = a_chart(practice, A_CHILD)
    mother = a_proxy(chart)
    lily = a_proxy(chart, name="lily", relationship="self")
    happened(Event.SIGN_IN_SUCCEEDED, subject=lily, actor=lily, practice=practice)
    happened(Event.RESULT_VIEWED, subject=a_report(chart, GLUCOSE), actor=lily, practice=practice)
    assert "Signed in" not in said_to(mother)
    assert not any("looked" in one for one in said_to(mother))
    assert "You looked at a lab result" in said_to(lily)


def test_address_of_who_took_the_email_over_is_theirs(practice: Practice) -> None:
    """Where nobody signed in acts on the account itself, the address is what its owner has to go by; else it is not."""
    account = an_account(practice, verified=False)
    him = an_account(practice, HER_FATHER)
    happened(Event.SIGN_IN_NAME_LOST, subject=account, actor=him, practice=practice)
    happened(Event.SIGN_IN_FAILED, subject=account, practice=practice)
    happened(Event.WRONG_CODES_FORGIVEN, subject=account, actor=front_desk(practice), practice=practice)
    shown = {entry.words: entry.address for entry in activity.of(account)}
    assert shown["A wrong password was typed"] == HOME
    assert shown["The email no longer signs in: somebody else verified it"] == ""
    assert shown["The practice forgave the wrong codes"] == ""


def test_once_patient_who_lost_the_record_reads_of_it_no_more(practice: Practice, account: Account) -> None:
    chart = chart_of(account)
    happened(Event.CHART_VIEWED, subject=chart, actor=front_desk(practice), practice=practice)
    assert any("looked at your details" in one for one in said_to(account))
    PatientAccess.objects.filter(account=account).update(state="ended")
    assert not any("looked at your details" in one for one in said_to(account))


def test_who_was_stopped_reads_only_what_they_did(practice: Practice, account: Account) -> None:
    """**This wasn't me** said that the record is somebody else's: no page of it opens."""
    chart, staff = chart_of(account), front_desk(practice)
    report, daughter = a_report(chart, GLUCOSE), a_daughter(chart)
    token = a_token(chart)
    held = PatientAccess.objects.get(account=daughter)
    for event, subject in (
        (Event.CHART_VIEWED, chart),
        (Event.RESULT_VIEWED, report),
        (Event.CONTACT_CHANGED, chart),
        (Event.CODE_ISSUED, token.code),
        (Event.ACCESS_OPENED, held),
    ):
        happened(event, subject=subject, actor=staff, practice=practice)
    happened(Event.RESULT_VIEWED, subject=report, actor=daughter, practice=practice)
    happened(Event.RESULT_VIEWED, subject=report, actor=account, practice=practice)
    about = ("Staff", "Julia", "your record")
    before = [one for one in said_to(account) if any(part in one for part in about)]
    assert len(before) >= 6
    PatientAccess.objects.filter(account=account).update(state="suspended")
    assert not [one for one in said_to(account) if any(part in one for part in about)]
    assert "You looked at a lab result" in said_to(account)
    PatientAccess.objects.filter(account=account).update(state="active")
    assert [one for one in said_to(account) if any(part in one for part in about)] == before


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_show_older_leads_through_all_of_it_each_once(practice: Practice, account: Account) -> None:
    browser = signed_in(practice, account)
    for _ in range(2 * activity.A_PAGE):
        happened(Event.CONSENT_GIVEN, subject=account, actor=account, practice=practice)
    listed, seen, page = [one.pk for one in activity.of(account, most=500)], 0, browser.get(PAGE)
    while older := re.search(r'href="(\?before=\d+)" rel="next"', page.content.decode()):
        seen += page.content.decode().count("portal-row__title")
        page = browser.get(f"{PAGE}{older[1]}")
        assert "Show the newest" in words(page)
    seen += page.content.decode().count("portal-row__title")
    assert seen == len(listed) == len(set(listed)) > 2 * activity.A_PAGE
    assert listed == sorted(listed, reverse=True)


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "1e9", "9" * 19, "9" * 400, "²", "1&before=2"])
def test_made_up_places_in_it_harm_nothing(before: str, practice: Practice, account: Account) -> None:
    page = signed_in(practice, account).get(f"{PAGE}?before={before}")
    assert page.status_code == 200


def test_before_everything_there_is_nothing_older(practice: Practice, account: Account) -> None:
    page = signed_in(practice, account).get(f"{PAGE}?before=1")
    assert "There is nothing older." in words(page)
    assert "Show the newest" in words(page)


def test_hundred_entries_cost_as_many_queries_as_a_few(practice: Practice, account: Account) -> None:
    elsewhere = a_practice("oak")
    browser = signed_in(practice, account)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(PAGE)
        return len(queries)

    browser.get(PAGE)
    few = cost()
    chart = chart_of(account)
    for number in range(10):
        report, proxy = a_report(chart, GLUCOSE), a_daughter(chart, f"Julia{number}")
        for by in (account, proxy, None):
            happened(Event.RESULT_VIEWED, subject=report, actor=by, practice=elsewhere if number < 3 else practice)
    for _ in range(70):
        happened(Event.SIGN_IN_FAILED, subject=account, practice=practice)
    assert len(activity.of(account, most=200)) > 100
    assert cost() == few
