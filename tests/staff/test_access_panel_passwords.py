"""**Access** on a chart, of who has an account: passwords, and who typed too many; the button there, and home."""

from __future__ import annotations

import pytest

from accounts.models import Account
from enrollment.models import CodeKind, EnrollmentCode
from guard import limits
from guard.address import neighbourhood
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.accounts.getting_back import CODE, FORGOT
from tests.enrollment.people_kit import an_access
from tests.enrollment.reset_kit import Forgetful, ResetToken
from tests.people import (
    A_CHILD,
    HOME,
    MARIA,
    Browser,
    a_chart,
    a_token,
    an_account,
    an_option,
    mail,
    path_of,
)
from tests.staff.desk_kit import HERS, a_full_chart, claim_of
from tests.staff.panel_kit import gets_in, is_clear, is_told, number_on, presses, row_of
from tests.verification.codes_kit import pause_ends

pytestmark = pytest.mark.django_db
ID = {"id_seen": "passport"}


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
