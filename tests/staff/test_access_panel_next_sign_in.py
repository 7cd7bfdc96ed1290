"""**Access** on a chart, of who has an account: what waits, what a sign-in asks for, what is in nobody's way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from agreements import terms
from agreements.models import Kind
from practices import current
from practices.models import PatientRecord, Practice, PracticeSettings, StaffMembership
from staff.panel.causes import Cause
from tests.accounts.getting_back import NEW, Comeback, objects, passes
from tests.accounts.options_kit import a_text_option, an_app, rested
from tests.accounts.reset_kit import reset_by_text
from tests.accounts.test_wait_24_hours_instead import waits as waits_for_a_day
from tests.agreements.kit import a_form, submit
from tests.enrollment.account_reset_kit import Locked, not_me
from tests.enrollment.people_kit import an_access
from tests.people import (
    A_CHILD,
    ANNA,
    BEN,
    MARIA,
    Browser,
    a_chart,
    a_token,
    a_token_for,
    an_account,
    an_option,
    mail,
    path_of,
    someone_like,
    words,
)
from tests.staff.desk_kit import HERS, a_full_chart, chart_page, claim_of
from tests.staff.kit import a_manager, at_work
from tests.staff.panel_kit import gets_in, is_clear, is_told, presses, row_of
from tests.staff.test_patients_who_cannot_get_in import stopped as changes_stopped
from tests.verification.codes_kit import pause_ends

pytestmark = pytest.mark.django_db
LIFT = {"id_seen": "passport", "reason": "mistyped"}
LILY = someone_like(MARIA, given="Lily", born=timezone.localdate() - timedelta(days=14 * 366), email="lily@example.com")


@pytest.fixture
def maria(practice: Practice) -> Account:
    """With an email and phones on file, and no security option."""
    return an_account(practice, token=a_token(a_full_chart(practice)))


@pytest.fixture
def chart(maria: Account) -> PatientRecord:
    return claim_of(maria).record


# --- Resets that wait -------------------------------------------------------------------------------------------------


def test_new_password_without_the_app_waits_for_a_day(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    a_text_option(maria, HERS)
    an_app(maria)
    waits_for_a_day(practice)
    row = row_of(desk, chart, Cause.RESET_WAITS)
    assert row.page == ""
    assert str(timezone.localtime(timezone.now() + timedelta(hours=24)).year) in row.says
    passes(hours=25)
    assert "That day has come" in row_of(desk, chart, Cause.RESET_WAITS).says
    presses(desk, chart, Cause.RESET_WAITS)
    rested(maria)
    browser = Comeback(practice)
    browser.open_link()
    browser.choose()
    browser.confirm()
    pause_ends(maria)
    browser.pick(maria, "text")  # type: ignore[arg-type]
    assert browser.by_text(HERS).url == "/home/"
    assert not is_told(desk, chart, Cause.RESET_WAITS)


def test_reset_of_the_account_waits_and_signing_in_cancels_it(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    an_option(maria, HERS)
    Locked(practice).ask_for_reset(maria)
    row = row_of(desk, chart, Cause.CLOSING_WAITS)
    due = timezone.localtime(timezone.now() + timedelta(hours=24))
    assert f"it closes on {due:%b}" in row.says
    assert row.page == ""
    pause_ends(maria)
    gets_in(practice, maria, to=HERS)
    assert is_clear(desk, chart)


def test_resets_that_were_stopped_are_lifted(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    an_option(maria, HERS)
    Account.objects.update(created_at=F("created_at") - timedelta(days=90))
    Locked(practice).ask_for_reset(maria)
    objects(practice, not_me("account_reset_asked", to=MARIA.email))
    assert not is_told(desk, chart, Cause.CLOSING_WAITS)
    presses(desk, chart, Cause.RESETS_STOPPED, **LIFT)
    assert is_clear(desk, chart)
    Locked(practice).ask_for_reset(maria)
    assert is_told(desk, chart, Cause.CLOSING_WAITS)  # it is begun anew


# --- What the next sign-in asks for -----------------------------------------------------------------------------------


def test_security_option_is_set_up_at_the_next_sign_in(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice)
    an_account(practice, token=a_token(chart))
    PracticeSettings.objects.filter(practice=practice).update(option_required=True)
    current.forget()
    assert row_of(desk, chart, Cause.OPTION_MISSING).page == ""
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert browser.get("/home/").url == "/protect/"
    browser.post("/protect/text/", {"phone": "(212) 555-0142"})
    assert browser.type_code(HERS, "/protect/code/").url == "/home/"
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_who_lost_the_email_chooses_another_name(desk: Browser, practice: Practice) -> None:
    hers = a_token_for(practice, ANNA)
    anna, ben = Browser(practice), Browser(practice)
    anna.enroll(hers, password="Anna-kept-31")
    ben.enroll(a_token_for(practice, BEN), password="Bens-garden-62")
    ben.get(path_of(mail("enrollment_complete", to=BEN.email)[-1]["link"]))
    ben.post("/verify-email/")
    assert row_of(desk, hers.chart, Cause.NAME_LOST).page == ""
    later = Browser(practice)
    later.sign_in(ANNA.email, "Anna-kept-31")
    assert later.post("/choose-sign-in-name/", {"username": "Anna.Keller"}).url == "/home/"
    assert later.is_signed_in
    assert is_clear(desk, hers.chart)


def test_email_that_nobody_verified_is_asked_about(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice)
    maria = an_account(practice, token=a_token(chart), verified=False)
    assert not is_told(desk, chart, Cause.NAME_UNVERIFIED)
    Account.objects.filter(pk=maria.pk).update(created_at=F("created_at") - timedelta(days=8))
    assert row_of(desk, chart, Cause.NAME_UNVERIFIED).page == ""
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert browser.post("/choose-sign-in-name/", {"username": "maria.santos"}).url == "/home/"
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_new_terms_and_a_required_form_are_agreed_to(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    old = {one: terms.current(practice, one).privacy for one in ("en", "es")}
    texts = {one: f"{text.body}\nMore." for one, text in old.items() if text}
    terms.publish(practice=practice, kind=Kind.PRIVACY, texts=texts, by=None)
    a_form(practice)
    assert {row_of(desk, chart, one).page for one in (Cause.TERMS, Cause.CONSENT)} == {""}
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    seen = re.findall(r'name="shown" value="(\d+)"', browser.get("/agreements/terms/").content.decode())
    browser.post("/agreements/terms/", {"shown": seen})
    assert not is_told(desk, chart, Cause.TERMS)
    assert is_told(desk, chart, Cause.CONSENT)
    submit(browser)
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_form_that_waits_for_another_patient_of_theirs_is_in_the_way_too(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    a_form(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    submit(browser)
    assert is_clear(desk, chart)
    PatientAccess.objects.create(
        account=maria,
        practice=practice,
        record=a_chart(practice, A_CHILD),
        relationship=Relationship.PARENT,
        level=AccessLevel.FULL,
        state=AccessState.ACTIVE,
        opened_at=timezone.now(),
    )
    assert row_of(desk, chart, Cause.CONSENT).page == ""
    submit(browser)
    assert is_clear(desk, chart)


# --- In nobody's way --------------------------------------------------------------------------------------------------


def test_stop_of_changes_is_worth_knowing_and_in_nobodys_way(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    an_option(maria, HERS)
    changes_stopped(maria, practice)
    assert "Nothing is in the way." in words(desk.get(chart_page(chart)))
    gets_in(practice, maria, to=HERS)
    presses(desk, chart, Cause.CHANGES_STOPPED, **LIFT)
    assert is_clear(desk, chart)


def test_day_after_a_reset_is_worth_knowing(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    a_text_option(maria)
    reset_by_text(practice)
    assert "Nothing is in the way." in words(desk.get(chart_page(chart)))
    presses(desk, chart, Cause.CHANGES_REST, **LIFT)
    assert is_clear(desk, chart)
    pause_ends(maria)
    assert Browser(practice).sign_in(MARIA.email, NEW).status_code == 302


def test_parent_of_a_teenager_sees_less(desk: Browser, practice: Practice) -> None:
    parent = an_access(a_chart(practice, LILY), relationship="parent")
    assert row_of(desk, parent.record, Cause.SEES_LESS).page == ""
    gets_in(practice, parent.account)


def test_patient_who_worked_here_and_was_deactivated(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    member = StaffMembership.objects.create(practice=practice, account=maria, role="front_desk")
    manager = at_work(a_manager(practice), practice)[0]
    assert manager.post(f"/staff/members/{member.pk}/deactivate/", {"reason": "left"}).status_code == 302
    row = row_of(desk, chart, Cause.LEFT_STAFF)
    assert row.page == ""
    assert "Only managers" in row.says
    gets_in(practice, maria)
    presses(manager, chart, Cause.LEFT_STAFF, reason="came_back")
    assert is_clear(desk, chart)
    assert at_work(maria, practice)[0].get("/staff/").status_code == 200
