"""**Access** on a chart, of who has an account: two-step codes; the button there, and home."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Account
from guard import limits
from notifications import lines, optout, senders
from practices import current
from practices.models import PatientRecord, Practice, PracticeSettings
from practices.phones import Kind as Line
from staff.panel.causes import Cause
from tests.accounts.getting_back import CODE, FORGOT
from tests.accounts.options_kit import a_text_option, code_sent
from tests.enrollment.reset_kit import Forgetful
from tests.people import (
    MARIA,
    Browser,
    a_token,
    an_account,
    an_option,
    front_desk,
    mail,
    path_of,
    words,
)
from tests.staff.desk_kit import HERS, a_full_chart, claim_of
from tests.staff.kit import at_work
from tests.staff.panel_kit import did_not_arrive, gets_in, handed_over, is_clear, presses, row_of
from tests.verification.codes_kit import another, pause_ends
from verification.models import CodeOption, WrongCode

pytestmark = pytest.mark.django_db
ID = {"id_seen": "passport"}
LIFT = {"id_seen": "passport", "reason": "mistyped"}
BACKUP_PHONE = "+16465550166"


@pytest.fixture
def maria(practice: Practice) -> Account:
    """With an email and phones on file, and no security option."""
    return an_account(practice, token=a_token(a_full_chart(practice)))


@pytest.fixture
def chart(maria: Account) -> PatientRecord:
    return claim_of(maria).record


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
