"""**I have a printed reset token**: a token from the desk or by mail, username and date of birth (F.7)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess
from audit.events import Event
from audit.record import record
from enrollment import codes, numbers, people, whom
from enrollment.bulk_issue import BulkIssue
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from enrollment.named_proxy import NamedProxy
from practices.models import PatientRecord
from tests.enrollment import carers
from tests.enrollment.reset_kit import (
    CHECK,
    MOBILE,
    NEW,
    PAGE,
    RECORD,
    USERNAME,
    Forgetful,
    ResetToken,
    a_proxy_who_got_in,
    a_reset_token,
    an_owner,
    chart_of,
    signs_in,
)
from tests.people import (
    A_CHILD,
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    front_desk,
    h1,
    trail,
    words,
)
from verification.models import Channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.models import Practice

pytestmark = pytest.mark.django_db
DO_NOT_BELONG = "do not belong together"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def owner(practice: Practice) -> Account:
    """Maria, with a username and no email, who has no security option."""
    account = an_owner(practice)
    Account.objects.filter(pk=account.pk).update(email="", email_verified_at=None)
    account.refresh_from_db()
    return account


@pytest.fixture
def token(owner: Account) -> ResetToken:
    return a_reset_token(owner)


@pytest.fixture
def browser(practice: Practice) -> Forgetful:
    return Forgetful(practice)


# --- The way of somebody without an email -----------------------------------------------------------------------------


def test_token_from_the_desk_leads_to_a_new_password_and_home(
    browser: Forgetful, token: ResetToken, owner: Account, practice: Practice
) -> None:
    assert h1(browser.get(PAGE)) == "I have a printed reset token"
    assert browser.type_reset_token(token).url == "/reset-password/"
    assert token.now().state == CodeState.PENDING  # used up where the password counts
    assert browser.choose_password().url == "/home/"
    assert browser.is_signed_in
    assert signs_in(owner, NEW)
    assert token.now().state == CodeState.REDEEMED
    assert trail(practice, "code.matched") == trail(practice, "code.redeemed")[-1:] == [str(token.code.pk)]
    assert trail(practice, "password.reset") == [str(owner.pk)]


@pytest.mark.parametrize("typed", [" Maria.Santos ", "MARIA.SANTOS"])
def test_username_is_read_as_at_the_sign_in(browser: Forgetful, token: ResetToken, typed: str) -> None:
    assert browser.type_reset_token(token, username=typed).url == "/reset-password/"


def test_email_that_signs_in_is_as_good(practice: Practice, browser: Forgetful) -> None:
    token = a_reset_token(an_owner(practice, name=MARIA.email))
    assert browser.type_reset_token(token, username="Maria@Example.com").url == "/reset-password/"


def test_session_before_ends(practice: Practice, browser: Forgetful, token: ResetToken) -> None:
    elsewhere = Browser(practice)
    elsewhere.sign_in(USERNAME)
    assert elsewhere.is_signed_in
    browser.type_reset_token(token)
    browser.choose_password()
    assert not elsewhere.is_signed_in


def test_old_password_counts_until_the_end(browser: Forgetful, token: ResetToken, owner: Account) -> None:
    an_option(owner, MOBILE)
    browser.type_reset_token(token)
    assert browser.choose_password().status_code == 200
    assert signs_in(owner, PASSWORD)
    assert token.now().state == CodeState.PENDING


def test_security_option_is_asked_for_where_there_is_one(browser: Forgetful, token: ResetToken, owner: Account) -> None:
    an_option(owner, MOBILE)
    browser.type_reset_token(token)
    browser.choose_password()
    assert browser.post(CHECK).url == "/second-step/code/"
    assert browser.type_code(MOBILE).url == "/home/"
    assert signs_in(owner, NEW)


def test_emailed_code_is_a_proof_beside_paper(browser: Forgetful, token: ResetToken, owner: Account) -> None:
    an_option(owner, "maria@example.com", Channel.EMAIL)
    browser.type_reset_token(token)
    browser.choose_password()
    browser.post(CHECK)
    assert browser.type_code("maria@example.com").url == "/home/"


def test_letter_asks_for_the_phone_on_file(browser: Forgetful, owner: Account) -> None:
    token = a_reset_token(owner, mailed=True)
    browser.type_reset_token(token)
    assert browser.choose_password().url == RECORD
    assert signs_in(owner, PASSWORD)
    browser.ask_phone()
    assert browser.prove_record().url == "/home/"
    assert signs_in(owner, NEW)
    assert token.now().state == CodeState.REDEEMED


def test_token_is_used_once(browser: Forgetful, practice: Practice, token: ResetToken, owner: Account) -> None:
    first, second = browser, Forgetful(practice)
    for one in (first, second):
        one.type_reset_token(token)
    first.choose_password()
    assert second.choose_password("Another-one-99").status_code == 404
    assert signs_in(owner, NEW)


# --- Who issues it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mailed", "lives"), [(False, timedelta(hours=72)), (True, timedelta(days=21))])
def test_it_lives_as_long_as_a_token(owner: Account, lives: timedelta, *, mailed: bool) -> None:
    code = a_reset_token(owner, mailed=mailed).code
    assert abs(code.expires_at - timezone.now() - lives) < timedelta(minutes=1)
    assert code.sent_to == ""


def stopped(account: Account) -> None:
    PatientAccess.objects.filter(account=account).update(state=AccessState.SUSPENDED)


def ended(account: Account) -> None:
    PatientAccess.objects.filter(account=account).update(state=AccessState.ENDED)


def waiting(account: Account) -> None:
    PatientAccess.objects.filter(account=account).update(state=AccessState.WAITING)


def closed(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


@pytest.mark.parametrize("happen", [stopped, ended, waiting, closed])
def test_none_is_issued_where_no_account_opens_the_record(owner: Account, happen: Callable[[Account], None]) -> None:
    chart = chart_of(owner)
    happen(owner)
    with pytest.raises(codes.CannotIssueError, match="Nobody opens this record"):
        a_reset_token(owner, chart=chart)
    assert not EnrollmentCode.objects.filter(kind=CodeKind.RESET).exists()


def test_none_is_issued_for_who_has_no_account_or_died(practice: Practice, owner: Account) -> None:
    with pytest.raises(codes.CannotIssueError, match="Nobody opens this record"):
        a_reset_token(owner, chart=a_chart(practice, A_STRANGER))
    PatientRecord.objects.filter(pk=chart_of(owner).pk).update(deceased=True)
    with pytest.raises(codes.CannotIssueError, match="deceased"):
        a_reset_token(owner)


def test_none_is_issued_by_a_clerk_for_themselves(practice: Practice, owner: Account) -> None:
    clerk = front_desk(practice)
    Account.objects.filter(pk=clerk.pk).update(email=MARIA.email)
    clerk.refresh_from_db()
    with pytest.raises(codes.CannotIssueError, match="Nobody does this for themselves"):
        a_reset_token(owner, by=clerk)  # whose email is on the record
    PatientAccess.objects.filter(account=owner).update(account=clerk)
    with pytest.raises(codes.CannotIssueError, match="Nobody does this for themselves"):
        a_reset_token(clerk, by=clerk)


def test_newer_token_takes_the_place_of_the_older(browser: Forgetful, token: ResetToken, owner: Account) -> None:
    a_reset_token(owner)
    answer = browser.type_reset_token(token)
    assert (answer.status_code, h1(answer)) == (409, "There is a newer token")


def test_it_keeps_nobody_from_an_invitation_whose_access_ended(token: ResetToken, owner: Account) -> None:
    chart = chart_of(owner)
    bulk = BulkIssue(practice=chart.practice, kind=CodeKind.INVITATION)
    ended(owner)
    [left_out] = PatientRecord.objects.filter(pk=chart.pk).values_list(whom.reason(bulk), flat=True)
    assert (token.now().state, left_out) == (CodeState.PENDING, "")


def changes_a_contact(clerk: Account, owner: Account, practice: Practice) -> None:
    record(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart_of(owner), request=None)


def test_word_of_who_changed_a_contact_is_not_enough(browser: Forgetful, owner: Account, practice: Practice) -> None:
    clerk = front_desk(practice)
    token = a_reset_token(owner, by=clerk)
    changes_a_contact(clerk, owner, practice)
    browser.type_reset_token(token)
    assert browser.choose_password().url == RECORD
    assert "has no phone on file" in words(browser.get(RECORD))  # that rests, too
    assert signs_in(owner, PASSWORD)


def test_word_of_a_colleague_is(browser: Forgetful, owner: Account, practice: Practice) -> None:
    changes_a_contact(front_desk(practice), owner, practice)
    browser.type_reset_token(a_reset_token(owner, by=front_desk(practice, "colleague")))
    assert browser.choose_password().url == "/home/"


def test_word_for_oneself_is_not_enough(browser: Forgetful, owner: Account, practice: Practice) -> None:
    clerk = front_desk(practice)
    token = a_reset_token(owner, by=clerk)
    Account.objects.filter(pk=clerk.pk).update(email=MARIA.email)
    browser.type_reset_token(token)
    assert browser.choose_password().url == RECORD


def test_word_of_one_practice_opens_no_record_of_another(browser: Forgetful, owner: Account, token: ResetToken) -> None:
    other = a_practice("oak")
    PatientAccess.objects.create(
        account=owner, practice=other, record=a_chart(other), state=AccessState.ACTIVE, relationship="self"
    )
    browser.type_reset_token(token)
    assert browser.choose_password().url == RECORD


def test_word_of_a_practice_opens_no_account_that_works_somewhere(
    browser: Forgetful, practice: Practice, owner: Account, token: ResetToken
) -> None:
    practice.staff.create(account=owner, role="front_desk")
    browser.type_reset_token(token)
    assert browser.choose_password().url == RECORD


# --- Matched, and still good for nothing ------------------------------------------------------------------------------


def change(token: ResetToken, **changes: Any) -> None:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(**changes)


OVER: dict[str, tuple[Callable[[ResetToken], object], str]] = {
    "expired": (lambda token: change(token, expires_at=timezone.now()), "This reset token has expired"),
    "revoked": (lambda token: codes.revoke(token.code, by=None), "This reset token was canceled"),
    "used": (lambda token: change(token, state="redeemed"), "This reset token was already used"),
    "superseded": (lambda token: change(token, state="superseded"), "There is a newer token"),
    "locked": (
        lambda token: change(token, locked_until=timezone.now() + timedelta(minutes=20)),
        "This reset token is locked for 20 minutes",
    ),
    "stopped": (
        lambda _token: PatientAccess.objects.update(state=AccessState.SUSPENDED),
        "We cannot reset a password with this token",
    ),
    "deceased": (
        lambda token: PatientRecord.objects.filter(pk=token.code.record_id).update(deceased=True),
        "We cannot reset a password with this token",
    ),
}


@pytest.mark.parametrize("end", OVER)
def test_page_says_why_and_how_to_reach_the_practice(
    browser: Forgetful, practice: Practice, token: ResetToken, end: str
) -> None:
    happen, title = OVER[end]
    happen(token)
    answer = browser.type_reset_token(token)
    assert (answer.status_code, h1(answer)) == (409, title)
    assert practice.phone in words(answer)
    assert "Send me a new one" not in words(answer)
    assert ('class="usa-button" href="/"' in answer.content.decode()) == (end == "used")
    assert browser.choose_password().url == "/forgot-password/"  # nothing was begun


@pytest.mark.parametrize("end", OVER)
def test_nobody_is_told_who_does_not_know_the_answers(browser: Forgetful, token: ResetToken, end: str) -> None:
    happen, title = OVER[end]
    happen(token)
    assert title not in words(browser.type_reset_token(token, username="somebody.else"))


@pytest.mark.parametrize("end", OVER)
def test_what_happens_on_the_way_ends_it(browser: Forgetful, token: ResetToken, owner: Account, end: str) -> None:
    browser.type_reset_token(token)
    OVER[end][0](token)
    assert browser.choose_password().status_code == 404
    assert signs_in(owner, PASSWORD)


def test_access_of_somebody_else_meanwhile_is_not_this_account(
    browser: Forgetful, token: ResetToken, owner: Account
) -> None:
    browser.type_reset_token(token)
    stranger = an_account(a_practice("oak"), A_STRANGER)
    PatientAccess.objects.filter(account=owner).update(account=stranger)
    assert browser.choose_password().status_code == 404
    assert signs_in(owner, PASSWORD)
    assert signs_in(stranger, PASSWORD)


# --- Who acts for somebody --------------------------------------------------------------------------------------------


def test_proxys_own_token_is_for_the_proxys_account(practice: Practice, browser: Forgetful) -> None:
    proxy, account = a_proxy_who_got_in(a_chart(practice, A_CHILD))
    token = a_reset_token(account, proxy=proxy, chart=proxy.record)
    assert DO_NOT_BELONG in words(browser.type_reset_token(token, birth_date=f"{proxy.birth_date:%m/%d/%Y}"))
    assert browser.type_reset_token(token).url == "/reset-password/"
    assert browser.choose_password().url == "/home/"
    assert signs_in(account, NEW)


def test_proxys_token_is_not_for_the_patients_account_nor_the_other_way_round(
    practice: Practice, browser: Forgetful, owner: Account, token: ResetToken
) -> None:
    proxy, account = a_proxy_who_got_in(chart_of(owner))
    theirs = a_reset_token(account, proxy=proxy, chart=proxy.record)
    assert token.now().state == CodeState.PENDING  # each has one of their own
    assert DO_NOT_BELONG in words(browser.type_reset_token(theirs, username=USERNAME))
    assert DO_NOT_BELONG in words(browser.type_reset_token(token, username=account.sign_in_name))


def test_proxy_who_came_before_the_patient_keeps_their_own_token(practice: Practice, browser: Forgetful) -> None:
    proxy, account = a_proxy_who_got_in(a_chart(practice, MARIA))
    patient = an_account(practice, MARIA, name=USERNAME, token=a_token(proxy.record))
    theirs, hers = a_reset_token(account, proxy=proxy, chart=proxy.record), a_reset_token(patient)
    assert DO_NOT_BELONG in words(browser.type_reset_token(theirs, username=USERNAME))
    assert browser.type_reset_token(theirs).url == "/reset-password/"
    assert browser.type_reset_token(hers).url == "/reset-password/"


def test_who_was_named_and_did_not_get_in_gets_none(practice: Practice) -> None:
    chart = a_chart(practice, A_CHILD)
    proxy = carers.a_named_proxy(chart)
    with pytest.raises(codes.CannotIssueError, match="Nobody opens this record"):
        codes.issue(chart=chart, kind=CodeKind.RESET, handover=Handover.HANDED, by=None, proxy=proxy)


def test_proxy_whose_time_is_over_gets_in_no_more(practice: Practice, browser: Forgetful) -> None:
    proxy, account = a_proxy_who_got_in(a_chart(practice, A_CHILD))
    token = a_reset_token(account, proxy=proxy, chart=proxy.record)
    PatientAccess.objects.filter(account=account).update(ends_on=timezone.localdate())
    assert h1(browser.type_reset_token(token)) == "We cannot reset a password with this token"


def test_reset_token_is_no_invitation_on_the_list_of_people(practice: Practice) -> None:
    proxy, account = a_proxy_who_got_in(a_chart(practice, A_CHILD))
    a_reset_token(account, proxy=proxy, chart=proxy.record)
    ended(account)
    assert people.of(proxy.record) == []


# --- The command ------------------------------------------------------------------------------------------------------


def said(practice: Practice, chart: PatientRecord, *arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("issue_code", "--practice", practice.slug, "--mrn", chart.mrn, *arguments, stdout=out)
    answer: dict[str, str] = json.loads(out.getvalue())
    return answer


@pytest.mark.parametrize("mailed", [False, True])
def test_command_prints_token_and_address(
    practice: Practice, browser: Forgetful, owner: Account, *, mailed: bool
) -> None:
    answer = said(practice, chart_of(owner), "--kind", "reset", *(["--mailed"] if mailed else []))
    assert answer["url"] == practice.address(PAGE)
    code = EnrollmentCode.objects.get(pk=answer["number"])
    assert (code.kind, code.handover) == (CodeKind.RESET, Handover.MAILED if mailed else Handover.HANDED)
    assert browser.type_reset_token(ResetToken(code, numbers.parse(answer["code"]), USERNAME)).url == "/reset-password/"


def test_command_issues_one_for_a_proxy(practice: Practice) -> None:
    proxy, _account = a_proxy_who_got_in(a_chart(practice, A_CHILD))
    who = ["--proxy-first-name", proxy.first_name, "--proxy-last-name", proxy.last_name]
    who += ["--proxy-birth-date", proxy.birth_date.isoformat(), "--relationship", "parent"]
    answer = said(practice, proxy.record, "--kind", "reset", *who)
    assert EnrollmentCode.objects.get(pk=answer["number"]).proxy == proxy


def test_command_names_nobody_for_a_reset_token(practice: Practice, owner: Account) -> None:
    who = ["--proxy-first-name", "Eve", "--proxy-birth-date", date(1990, 1, 1).isoformat(), "--relationship", "parent"]
    with pytest.raises(CommandError, match="Nobody opens this record"):
        said(practice, chart_of(owner), "--kind", "reset", *who)
    assert not NamedProxy.objects.exists()


def test_command_says_why_there_is_none(practice: Practice) -> None:
    with pytest.raises(CommandError, match="Nobody opens this record"):
        said(practice, a_chart(practice, A_STRANGER), "--kind", "reset")
