"""**Access** on a chart, of who has an account: each cause as it comes about, its words, its button, and home."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess, Relationship
from agreements import terms
from agreements.models import Kind
from enrollment import codes
from enrollment.models import CodeKind, EnrollmentCode, Handover
from guard import limits
from guard.address import neighbourhood
from notifications import lines, optout, senders
from practices import current
from practices.models import PatientRecord, Practice, PracticeSettings, StaffMembership
from practices.phones import Kind as Line
from staff.panel.causes import Cause
from tests.accounts.getting_back import CODE, FORGOT, NEW, Comeback, objects, passes
from tests.accounts.options_kit import a_text_option, an_app, code_sent, rested
from tests.accounts.reset_kit import reset_by_text
from tests.accounts.test_wait_24_hours_instead import waits as waits_for_a_day
from tests.agreements.kit import a_form, submit
from tests.enrollment.account_reset_kit import ON_FILE, Locked, closed, not_me
from tests.enrollment.people_kit import an_access
from tests.enrollment.reset_kit import Forgetful, ResetToken
from tests.people import (
    A_CHILD,
    ANNA,
    BEN,
    HOME,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    an_option,
    front_desk,
    mail,
    opens,
    path_of,
    someone_like,
    words,
)
from tests.staff.desk_kit import HERS, a_full_chart, chart_page, claim_of
from tests.staff.kit import a_manager, at_work
from tests.staff.panel_kit import did_not_arrive, gets_in, handed_over, is_clear, is_told, number_on, presses, row_of
from tests.staff.test_lift_the_stop import stopped as not_me_pressed
from tests.staff.test_patients_who_cannot_get_in import stopped as changes_stopped
from tests.verification.codes_kit import another, pause_ends
from verification.models import CodeOption, WrongCode

pytestmark = pytest.mark.django_db
ID = {"id_seen": "passport"}
LIFT = {**ID, "reason": "mistyped"}
LILY = someone_like(MARIA, given="Lily", born=timezone.localdate() - timedelta(days=14 * 366), email="lily@example.com")
BACKUP_PHONE = "+16465550166"


@pytest.fixture
def maria(practice: Practice) -> Account:
    """With an email and phones on file, and no security option."""
    return an_account(practice, token=a_token(a_full_chart(practice)))


@pytest.fixture
def chart(maria: Account) -> PatientRecord:
    return claim_of(maria).record


def wrong(practice: Practice, times: int = 1, name: str = MARIA.email) -> Browser:
    """A browser in which the password was typed wrong."""
    browser = Browser(practice)
    for _ in range(times):
        browser.sign_in(name, "Not-the-one-12")
    return browser


def by_link(practice: Practice, account: Account, to: str = "") -> Forgetful:
    """The newest link in the mail, a new password, what it asks for besides, and home."""
    browser = Forgetful(practice)
    assert browser.get(path_of(mail("password_reset_link", to=account.email)[-1]["link"])).url == "/reset-password/"
    browser.choose_password()
    if to:
        pause_ends(account)
        assert browser.post("/reset-password/check/").url == CODE
        assert browser.type_code(to).url == "/home/"
    else:
        browser.ask_phone()
        assert browser.prove_record(HERS).url == "/home/"
    assert browser.is_signed_in
    return browser


# --- Locked, stopped, over --------------------------------------------------------------------------------------------


def test_locked_account_is_unlocked(desk: Browser, practice: Practice, maria: Account, chart: PatientRecord) -> None:
    assert desk.post(f"/staff/access/{claim_of(maria).pk}/lock/", {"reason": "lost"}).status_code == 302
    assert "This account is locked" in words(Browser(practice).sign_in(MARIA.email))
    presses(desk, chart, Cause.LOCKED, **ID, reason="safe")
    gets_in(practice, maria)
    assert is_clear(desk, chart)


def test_locked_account_of_who_acts_for_the_patient_is_unlocked(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    desk.post(f"/staff/access/{julia.pk}/lock/", {"reason": "lost"})
    presses(desk, julia.record, Cause.LOCKED, **ID, reason="safe")
    gets_in(practice, julia.account)


def test_access_stopped_by_this_was_not_me_is_lifted(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=front_desk(practice, "other"))
    maria = an_account(practice, token=Token(issued.code, issued.number, chart, MARIA.email))
    not_me_pressed(claim_of(maria))
    assert not opens(maria, chart)
    presses(desk, chart, Cause.STOPPED, **ID, reason="mistake")
    gets_in(practice, maria)
    assert opens(maria, chart)


def test_access_stopped_by_the_desk_is_lifted(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    """An account that another practice depends on is not locked."""
    there = a_chart(a_practice("oak"))
    PatientAccess.objects.create(
        account=maria, practice=there.practice, record=there, relationship=Relationship.SELF, state=AccessState.ACTIVE
    )
    here = PatientAccess.objects.get(account=maria, practice=practice)
    desk.post(f"/staff/access/{here.pk}/lock/", {"reason": "lost"})
    presses(desk, chart, Cause.STOPPED, **ID, reason="cleared")
    gets_in(practice, maria)
    assert opens(maria, chart)


def test_access_whose_last_day_is_over_gets_another(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice), ends_on=timezone.localdate())
    tomorrow = timezone.localdate() + timedelta(days=1)
    presses(desk, julia.record, Cause.OVER, level="view", last_day=f"{tomorrow:%m/%d/%Y}", reason="asked")
    assert "Record of Maria" in words(gets_in(practice, julia.account).get("/home/"))
    assert not is_told(desk, julia.record, Cause.OVER)


def test_access_that_a_birthday_ended_has_no_button(desk: Browser, practice: Practice) -> None:
    born = timezone.localdate().replace(year=timezone.localdate().year - 18, day=1)
    long_ago = timezone.now() - timedelta(days=4000)
    parent = an_access(a_chart(practice, MARIA, birth_date=born), relationship="parent", opened_at=long_ago)
    assert row_of(desk, parent.record, Cause.CAME_OF_AGE).page == ""
    assert not is_told(desk, parent.record, Cause.OVER)


def test_access_that_was_ended_is_named_anew(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    desk.post(f"/staff/access/{julia.pk}/end/", {"reason": "mistake"})
    row = row_of(desk, julia.record, Cause.ENDED)
    assert "Why: ended by the practice." in row.says
    assert row.page == f"/staff/patients/{julia.record_id}/name/"


def test_account_closed_by_its_reset_begins_anew_with_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, mobile_e164=ON_FILE)
    maria = an_account(practice, token=a_token(chart))
    an_option(maria, "+12125550199")
    closed(maria, Locked(practice))
    EnrollmentCode.objects.filter(record=chart).update(expires_at=timezone.now())  # nobody read that email
    page = presses(desk, chart, Cause.CLOSED_BY_RESET, **ID, handover="handed", reason="ended").url
    patient = Browser(practice)
    patient.enroll(handed_over(desk, chart, page))
    assert patient.is_signed_in
    assert is_clear(desk, chart)


# --- Passwords --------------------------------------------------------------------------------------------------------


def test_forgotten_password_is_chosen_anew_by_the_paw(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    wrong(practice)
    presses(desk, chart, Cause.WRONG_PASSWORD)
    by_link(practice, maria)
    assert not is_told(desk, chart, Cause.WRONG_PASSWORD)


def test_forgotten_password_without_an_email_is_chosen_anew_by_a_reset_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, emails=[])
    maria = an_account(practice, token=a_token(chart), name="maria.santos", verified=False)
    Account.objects.filter(pk=maria.pk).update(email="", email_verified_at=None)
    wrong(practice, name="maria.santos")
    page = presses(desk, chart, Cause.WRONG_PASSWORD, **ID, reason="no_email").url
    code = EnrollmentCode.objects.get(record=chart, kind=CodeKind.RESET)
    patient = Forgetful(practice)
    patient.type_reset_token(ResetToken(code, number_on(desk.get(page)), "maria.santos"))
    assert patient.choose_password().url == "/home/"
    assert patient.is_signed_in


def test_unverified_email_gets_no_link(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice)
    an_account(practice, token=a_token(chart), verified=False)
    wrong(practice)
    assert row_of(desk, chart, Cause.WRONG_PASSWORD).page == f"/staff/patients/{chart.pk}/reset-token/"


def test_parent_of_a_child_gets_a_link_by_the_paw(desk: Browser, practice: Practice) -> None:
    parent = an_access(a_chart(practice, A_CHILD), relationship="parent")
    Account.objects.filter(pk=parent.account_id).update(email=A_CHILD.email)
    wrong(practice, name=parent.account.sign_in_name)
    presses(desk, parent.record, Cause.WRONG_PASSWORD)
    assert mail("password_reset_link", to=A_CHILD.email)


def test_who_acts_for_a_patient_is_told_how_to_get_a_link(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    option = an_option(julia.account, HERS)
    wrong(practice, name=julia.account.sign_in_name)
    row = row_of(desk, julia.record, Cause.WRONG_PASSWORD)
    assert "They choose “Forgot your password?” on the sign-in page" in row.says
    assert row.page == ""
    Browser(practice).post(FORGOT, {"name": julia.account.email})
    by_link(practice, julia.account, to=option.target)


def test_who_acts_for_a_patient_without_an_email_begins_anew(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    Account.objects.filter(pk=julia.account_id).update(email_verified_at=None)
    wrong(practice, name=julia.account.sign_in_name)
    assert "name them anew" in row_of(desk, julia.record, Cause.WRONG_PASSWORD).says
    presses(desk, julia.record, Cause.WRONG_PASSWORD, reason="asked")
    assert row_of(desk, julia.record, Cause.ENDED).page == f"/staff/patients/{julia.record_id}/name/"


def test_slowed_sign_ins_are_passed_by_a_link(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    browser = wrong(practice, limits.SIGN_IN_BY_NAME_AND_ADDRESS.count)
    assert browser.sign_in(MARIA.email).status_code == 429
    assert not is_told(desk, chart, Cause.WRONG_PASSWORD)
    presses(desk, chart, Cause.SLOWED)
    by_link(practice, maria)
    assert not is_told(desk, chart, Cause.SLOWED)


def test_place_from_which_too_many_sign_ins_failed(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    for _ in range(limits.SIGN_IN_BY_ADDRESS.count):
        limits.spend((limits.SIGN_IN_BY_ADDRESS, neighbourhood(HOME)))
    assert Browser(practice).sign_in(MARIA.email).status_code == 429
    assert not is_told(desk, chart, Cause.SLOWED)
    assert row_of(desk, chart, Cause.SLOWED_PLACE).page == f"/staff/patients/{chart.pk}/paw/"
    gets_in(practice, maria, address="203.0.113.9")  # with the phone's own network
    assert is_clear(desk, chart)


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_wrong_codes_of_a_year_are_forgiven(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    an_option(maria, HERS)
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(limits.WRONG_A_YEAR - 1))
    browser = Browser(practice)
    browser.post(browser.sign_in(MARIA.email).url, {"code": another(code_sent(HERS))})
    presses(desk, chart, Cause.WRONG_CODES, **LIFT)
    pause_ends(maria)
    gets_in(practice, maria, to=HERS)
    assert is_clear(desk, chart)


def test_wrong_codes_at_resets_are_forgiven(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    a_text_option(maria, HERS)
    WrongCode.objects.bulk_create(WrongCode(user=maria, at_reset=True) for _ in range(limits.WRONG_AT_RESETS))
    presses(desk, chart, Cause.WRONG_AT_RESETS, **LIFT)
    assert is_clear(desk, chart)
    Browser(practice).post(FORGOT, {"name": MARIA.email})
    by_link(practice, maria, to=HERS)


def test_locked_option_is_passed_by_another_way(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    phone = an_option(maria, HERS)
    CodeOption.objects.filter(pk=phone.pk).update(wrong_in_a_row=limits.WRONG_IN_A_ROW - 1)
    browser = Browser(practice)
    browser.post(browser.sign_in(MARIA.email).url, {"code": another(code_sent(HERS))})
    assert row_of(desk, chart, Cause.OPTION_LOCKED).page == ""
    other = an_option(maria, BACKUP_PHONE)
    pause_ends(maria)
    assert browser.post("/second-step/choose/", {"option": other.persistent_id}).url == CODE
    browser.type_code(BACKUP_PHONE)
    assert browser.is_signed_in
    CodeOption.objects.update(locked_until=timezone.now())  # 20 minutes later
    assert is_clear(desk, chart)


def test_phone_that_said_stop_says_start(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    PracticeSettings.objects.filter(practice=practice).update(codes_service_sid="MGown")
    current.forget()
    practice.settings.refresh_from_db()
    an_option(maria, HERS)
    sender = senders.of_codes(practice)
    optout.heard(HERS, sender, said="Stop")
    page = row_of(desk, chart, Cause.TEXTS_STOPPED).page
    assert "•••-•••-0142" in words(desk.get(page))
    optout.heard(HERS, sender, said="START")
    gets_in(practice, maria, to=HERS)
    assert is_clear(desk, chart)


def test_landline_is_called(desk: Browser, practice: Practice, maria: Account, chart: PatientRecord) -> None:
    an_option(maria, HERS)
    lines.learn(HERS, Line.FIXED)
    assert row_of(desk, chart, Cause.LANDLINE).page == ""
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    pause_ends(maria)
    browser.post("/second-step/code/call/")
    assert browser.type_code(HERS).url == "/home/"
    assert browser.is_signed_in


def test_code_that_did_not_arrive_has_another_way(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    for to in (HERS, BACKUP_PHONE):
        an_option(maria, to)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    [first] = {one["to"] for one in mail("code")}
    did_not_arrive(first)
    row = row_of(desk, chart, Cause.OPTION_UNREACHED)
    assert "They try another way on the page of the code." in row.says
    assert row.page == ""
    [other] = CodeOption.objects.exclude(target=first)
    pause_ends(maria)
    browser.post("/second-step/choose/", {"option": other.persistent_id})
    browser.type_code(other.target)
    assert browser.is_signed_in
    assert is_clear(desk, chart)  # it is past


def test_code_that_did_not_arrive_and_no_other_way(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    an_option(maria, BACKUP_PHONE)
    Browser(practice).sign_in(MARIA.email)
    did_not_arrive(BACKUP_PHONE)
    assert "a colleague gives them a new code" in row_of(desk, chart, Cause.OPTION_UNREACHED).says
    presses(desk, chart, Cause.OPTION_UNREACHED, reason="asked")
    colleague = at_work(front_desk(practice, "colleague"), practice)[0]
    asked = {**ID, "handover": "handed", "reason": "lost"}
    page = colleague.post(f"/staff/patients/{chart.pk}/token/", asked).url
    patient = Browser(practice)
    patient.enroll(handed_over(colleague, chart, page), username="maria.again", email="")
    assert patient.is_signed_in
    assert is_clear(desk, chart)


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
