"""**Access** on a chart, of who has no account: each cause as it comes about, its words, its button, and home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import PatientAccess
from enrollment import lapsing
from enrollment.models import AccountChoice, CodeState, Enrollment, EnrollmentCode, FailedMatch
from enrollment.named_proxy import NamedProxy
from notifications.models import Message, State
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.enrollment.by_email import Mailbox
from tests.enrollment.people_kit import DAUGHTER, a_code_of, named
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_token,
    an_account,
    mail,
    opens,
    path_of,
    someone_like,
)
from tests.staff.desk_kit import HERS, a_full_chart, claim_of, now, typed
from tests.staff.kit import a_manager, at_work
from tests.staff.panel_kit import comes_in, handed_over, invited, is_clear, is_told, presses, row_of
from tests.staff.test_roster_upload import imported, send, worked

pytestmark = pytest.mark.django_db
HAND = {"handover": "handed", "id_seen": "passport", "reason": "asked"}
FRESH = "maria.new@example.com"


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    """With an email and phones, and nothing given out yet."""
    return a_full_chart(practice)


@pytest.fixture
def token(chart: PatientRecord) -> Token:
    return a_token(chart)


def enrolls(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    browser.enroll(token)
    assert browser.is_signed_in


def with_a_token(desk: Browser, chart: PatientRecord, cause: Cause) -> Token:
    """The button of a cause hands one over."""
    return handed_over(desk, chart, presses(desk, chart, cause, **HAND).url)


def by_the_paw(desk: Browser, chart: PatientRecord, cause: Cause) -> None:
    """The button of a cause emails an invitation, and that leads in."""
    presses(desk, chart, cause, replaces="on")
    comes_in(desk.practice, invited(now(chart)), HERS)
    assert is_clear(desk, chart)


def upload(manager: Browser, chart: PatientRecord, **says: str) -> None:
    """A roster that says more of one patient."""
    facts = {"mrn": chart.mrn, "first_name": chart.given_names, "last_name": chart.family_name}
    facts |= {"birth_date": chart.birth_date.isoformat(), **says}
    rows = f"{','.join(facts)}\n{','.join(facts.values())}\n"
    imported(manager, worked(send(manager, rows.encode())))


def did_not_arrive(to: str, failure: str) -> None:
    Message.objects.filter(to=to, notice__endswith="invitation").update(
        state=State.FAILED, failure=failure, context_sealed=None
    )


# --- The record -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "column", "closed", "open_"),
    [(Cause.DECEASED, "deceased", "yes", "no"), (Cause.INACTIVE, "active", "no", "yes")],
)
def test_closed_chart_is_corrected_by_a_roster(
    cause: Cause, column: str, closed: str, open_: str, desk: Browser, practice: Practice, token: Token
) -> None:
    chart, maria = token.chart, an_account(practice, token=token)
    manager = at_work(a_manager(practice), practice)[0]
    upload(manager, chart, **{column: closed})
    assert claim_of(maria).rests_with_record
    row = row_of(desk, chart, cause)
    assert row.page == ""
    assert "Only managers" in row.says
    assert row_of(manager, chart, cause).page == "/staff/roster/"
    assert not is_told(desk, chart, Cause.STOPPED)
    upload(manager, chart, **{column: open_})
    assert opens(maria, chart)
    assert is_clear(desk, chart)


def test_child_gets_no_account_and_a_parent_does(desk: Browser, practice: Practice) -> None:
    child = a_chart(practice, A_CHILD, mobile_e164=HERS)
    parent = {"first_name": "Maria", "last_name": "Santos", "birth_date": "03/12/1984", "relationship": "parent"}
    parent |= {"level": "full", "last_day": "", "email": MARIA.email, "phone": "", "reason": "parent"}
    page = presses(desk, child, Cause.TOO_YOUNG, **parent).url
    assert row_of(desk, child, Cause.NO_CODE).page == page
    desk.post(f"{page}invite/")
    comes_in(practice, invited(child, MARIA.email), HERS, MARIA.born)
    assert PatientAccess.objects.get(record=child).state == "active"
    assert not is_told(desk, child, Cause.UNPROVEN)


# --- Codes that are no good -------------------------------------------------------------------------------------------


def test_locked_code_is_unlocked(desk: Browser, practice: Practice, token: Token) -> None:
    for day in range(1, 6):
        Browser(practice).type_token(token, birth_date=f"01/{day:02}/1970")
    presses(desk, token.chart, Cause.CODE_LOCKED, reason="mistyped")
    enrolls(practice, token)
    assert is_clear(desk, token.chart)


def test_revoked_code_is_replaced_by_the_paw(desk: Browser, practice: Practice, token: Token) -> None:
    desk.post(f"/staff/codes/{token.code.pk}/revoke/", {"reason": "lost"})
    by_the_paw(desk, token.chart, Cause.CODE_REVOKED)


def test_ten_wrong_answers_revoke_a_code(desk: Browser, practice: Practice, token: Token) -> None:
    for day in range(1, 11):
        Browser(practice).type_token(token, birth_date=f"01/{day:02}/1970")
        EnrollmentCode.objects.update(locked_until=None)  # 20 minutes later
        FailedMatch.objects.update(at=F("at") - timedelta(minutes=21))
    assert token.now().state == CodeState.REVOKED
    by_the_paw(desk, token.chart, Cause.CODE_REVOKED)


def test_expired_code_is_replaced_by_the_paw(desk: Browser, practice: Practice, token: Token) -> None:
    EnrollmentCode.objects.update(expires_at=timezone.now())
    by_the_paw(desk, token.chart, Cause.CODE_EXPIRED)


def test_expired_code_without_an_email_is_replaced_by_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, emails=[])
    a_token(chart)
    EnrollmentCode.objects.update(expires_at=timezone.now())
    enrolls(practice, with_a_token(desk, chart, Cause.CODE_EXPIRED))
    assert is_clear(desk, chart)


def test_code_that_somebody_else_enrolls_with_is_ended_by_a_new_one(
    desk: Browser, practice: Practice, chart: PatientRecord
) -> None:
    """Who found the letter made an account with it, and somebody on the record said: this wasn't me."""
    an_account(practice, token=a_token(chart, mailed=True))
    browser = Browser(practice)
    link = path_of(mail("enrollment_complete", to=MARIA.email)[-1]["not_me"])
    browser.get(link)
    browser.post("/not-me/")
    assert not PatientAccess.objects.exclude(state="ended").exists()
    token = with_a_token(desk, chart, Cause.CODE_IN_USE)
    browser = Browser(practice)
    browser.enroll(token, username="maria.santos", email="")
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_account_that_was_not_proven_in_time_is_used_with_another_code(
    desk: Browser, practice: Practice, chart: PatientRecord
) -> None:
    maria = an_account(practice, token=a_token(chart, mailed=True))
    Enrollment.objects.update(started_at=F("started_at") - timedelta(days=8))
    assert lapsing.end_abandoned() == 1
    presses(desk, chart, Cause.LAPSED, replaces="on")
    browser, letter = Mailbox(practice), invited(chart)
    browser.accept_invitation(letter)
    browser.use_account(maria.sign_in_name)
    browser.prove_phone(letter, HERS)
    assert opens(maria, chart)
    assert is_clear(desk, chart)


# --- Codes that were never used ---------------------------------------------------------------------------------------


def test_who_has_no_email_gets_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, emails=[])
    enrolls(practice, with_a_token(desk, chart, Cause.NO_EMAIL))
    assert is_clear(desk, chart)


def test_teenager_whose_email_is_a_parents_gets_a_token(desk: Browser, practice: Practice) -> None:
    teen = someone_like(A_CHILD, born=timezone.localdate() - timedelta(days=15 * 366))
    chart = a_chart(practice, teen)
    assert not is_told(desk, chart, Cause.NO_CODE)
    enrolls(practice, with_a_token(desk, chart, Cause.GUARDIANS_EMAIL))
    assert is_clear(desk, chart)


def test_who_was_never_invited_is_invited_by_the_paw(desk: Browser, chart: PatientRecord) -> None:
    by_the_paw(desk, chart, Cause.NO_CODE)


@pytest.mark.parametrize(("cause", "failure"), [(Cause.MAIL_BOUNCED, "smtp_550"), (Cause.MAILBOX_FULL, "smtp_552")])
def test_email_that_did_not_arrive_is_corrected_and_sent_again(
    cause: Cause, failure: str, desk: Browser, chart: PatientRecord
) -> None:
    presses(desk, chart, Cause.NO_CODE)
    did_not_arrive(MARIA.email, failure)
    presses(desk, chart, cause, **typed(chart, email=FRESH, reason="bounced"))
    presses(desk, chart, Cause.CODE_REVOKED)
    assert mail("invitation", to=FRESH)
    assert is_told(desk, chart, Cause.CODE_UNUSED)


def test_email_that_could_not_be_sent_is_sent_again(desk: Browser, chart: PatientRecord) -> None:
    presses(desk, chart, Cause.NO_CODE)
    did_not_arrive(MARIA.email, "given_up")
    by_the_paw(desk, chart, Cause.MAIL_NOT_SENT)


def test_wrong_answers_are_left_behind_with_a_new_code(desk: Browser, practice: Practice, token: Token) -> None:
    Browser(practice).type_token(token, birth_date="01/01/1970")
    by_the_paw(desk, token.chart, Cause.WRONG_ANSWERS)


def test_who_types_the_old_code_gets_the_newer_one_again(desk: Browser, practice: Practice, token: Token) -> None:
    a_token(token.chart)
    by_the_paw(desk, token.chart, Cause.SUPERSEDED)


def test_who_did_not_use_a_code_gets_it_again(desk: Browser, token: Token) -> None:
    by_the_paw(desk, token.chart, Cause.CODE_UNUSED)


# --- Begun and left ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_lapsed", [False, True])
def test_who_left_before_the_account_begins_again(
    desk: Browser, practice: Practice, token: Token, *, has_lapsed: bool
) -> None:
    Browser(practice).type_token(token)
    assert "stopped at “Account options”" in row_of(desk, token.chart, Cause.BEGUN).says
    Browser(practice).walk_to_credentials(token)
    assert "stopped at “Account credentials”" in row_of(desk, token.chart, Cause.BEGUN).says
    if has_lapsed:
        Enrollment.objects.update(started_at=F("started_at") - timedelta(days=8))
        assert lapsing.end_abandoned() == 2
    presses(desk, token.chart, Cause.BEGUN, replaces="on")
    comes_in(practice, invited(token.chart), HERS)
    assert is_clear(desk, token.chart)


def test_account_of_somebody_else_cannot_have_the_record(desk: Browser, practice: Practice, token: Token) -> None:
    father = an_account(practice, HER_FATHER)
    browser = Browser(practice)
    browser.walk_to_credentials(token, AccountChoice.EXISTING)
    assert browser.use_account(father.sign_in_name).status_code == 409
    assert row_of(desk, token.chart, Cause.OTHER_ACCOUNT).page == ""
    assert not is_told(desk, token.chart, Cause.BEGUN)
    enrolls(practice, token)
    assert is_clear(desk, token.chart)


# --- Who is named to act for the patient ------------------------------------------------------------------------------


def test_every_named_proxy_has_lines_of_their_own(desk: Browser, practice: Practice) -> None:
    chart = an_account(practice) and PatientRecord.objects.get()
    daughter = named(chart, phone_e164=HERS)
    page = f"/staff/named/{daughter.pk}/"
    assert row_of(desk, chart, Cause.NO_CODE).page == page
    desk.post(f"{page}invite/")
    assert row_of(desk, chart, Cause.CODE_UNUSED).page == page
    did_not_arrive(DAUGHTER.email, "smtp_550")
    row = row_of(desk, chart, Cause.MAIL_BOUNCED)
    assert row.page == page
    assert "Withdraw them there, and name them anew." in row.says
    EnrollmentCode.objects.filter(proxy=daughter).update(expires_at=timezone.now())
    assert row_of(desk, chart, Cause.CODE_EXPIRED).page == page
    desk.post(f"{page}invite/")
    assert row_of(desk, chart, Cause.SUPERSEDED).page == page
    comes_in(practice, invited(chart, DAUGHTER.email), HERS, DAUGHTER.born)
    assert is_clear(desk, chart)


def test_name_whose_last_day_is_over_opens_nothing(desk: Browser, practice: Practice) -> None:
    chart = an_account(practice) and PatientRecord.objects.get()
    daughter = named(chart)
    desk.post(f"/staff/named/{daughter.pk}/invite/")
    NamedProxy.objects.update(ends_on=timezone.localdate())
    row = row_of(desk, chart, Cause.OVER)
    assert "Withdraw them there, and name them anew." in row.says
    assert desk.post(f"{row.page}withdraw/", {"reason": "mistake"}).status_code == 302
    assert is_clear(desk, chart)
    assert a_code_of(daughter).state == CodeState.REVOKED


def test_name_given_for_a_child_is_over_with_its_birthday(desk: Browser, practice: Practice) -> None:
    chart = an_account(practice) and PatientRecord.objects.get()
    named(chart)
    NamedProxy.objects.update(named_at=timezone.make_aware(timezone.datetime(2000, 1, 1)))
    assert is_told(desk, chart, Cause.CAME_OF_AGE)
