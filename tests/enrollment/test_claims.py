"""Claims: told to the patient, who can refuse; approved or declined by the practice, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, Account, PatientAccess
from audit.record import OutsideTransactionError
from enrollment import claims, codes, lapsing, vouching
from enrollment.models import CodeKind, CodeState, Enrollment, Handover, IdSeen
from practices.models import Practice
from tests.enrollment.carers import APPROVAL, ON_RECORD, a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.people import (
    ANNA,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_request,
    a_token_for,
    front_desk,
    h1,
    mail,
    opens,
    path_of,
    trail,
    words,
)

pytestmark = pytest.mark.django_db


@dataclass
class Claim:
    practice: Practice
    token: Token
    browser: Browser

    @property
    def run(self) -> Enrollment:
        return Enrollment.objects.get(code=self.token.code)

    @property
    def access(self) -> PatientAccess:
        return PatientAccess.objects.get(record=self.token.chart)

    @property
    def account(self) -> Account:
        return self.access.account

    def approve(self, by: Account, **changes: object) -> PatientAccess:
        said = {"id_seen": IdSeen.PASSPORT, "level": AccessLevel.FULL, **changes}
        return claims.approve(journey=self.run, by=by, request=a_request(self.practice), **said)  # type: ignore[arg-type]

    def decline(self, by: Account) -> None:
        claims.decline(journey=self.run, by=by, reason="nobody knows them", request=a_request(self.practice))


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def desk(practice: Practice) -> Account:
    return front_desk(practice)


@pytest.fixture
def claim(practice: Practice) -> Claim:
    """Anna, with Maria's token, says that she is her caregiver."""
    token = a_token_for(practice, MARIA, mobile_e164=ON_RECORD)
    browser = Browser(practice)
    enroll(browser, replace(token, email=ANNA.email), typed(ANNA, "caregiver"))
    return Claim(practice, token, browser)


def test_page_says_what_to_do_and_home_shows_no_record(claim: Claim) -> None:
    page = claim.browser.get(APPROVAL)
    assert h1(page) == "The practice looks at your request"
    assert "photo ID" in words(page)
    assert claim.practice.phone in words(page)
    assert claim.token.chart.full_name not in words(page)
    assert claim.browser.get("/enroll/done/").url == APPROVAL
    assert claim.token.chart.mrn not in claim.browser.get("/home/").content.decode()


def test_patient_is_told_by_email_and_text_at_once_and_the_claimant_is_not_given_the_link(claim: Claim) -> None:
    assert {one["to"] for one in mail("proxy_claimed")} == {MARIA.email, ON_RECORD}
    assert [one["not_me"] for one in mail("enrollment_complete", to=ANNA.email)] == [""]
    assert mail("record_enrolled") == []
    assert trail(claim.practice, "access.claimed")


def test_patient_refuses_and_nobody_approves_it_any_more(claim: Claim, desk: Account) -> None:
    browser = Browser(claim.practice)
    browser.get(path_of(mail("proxy_claimed", to=MARIA.email)[0]["refuse"]))
    assert h1(browser.get("/not-me/")) == "Refuse the request"
    assert claim.access.state == "approval"
    browser.post("/not-me/")
    assert h1(browser.get("/not-me/")) == "The request is refused"
    assert (claim.access.state, claim.access.ended_because) == ("ended", "refused")
    with pytest.raises(claims.NoClaim):
        claim.approve(desk)
    assert not claims.waiting(claim.practice).exists()
    assert claim.browser.get(APPROVAL).url == "/home/"
    lapsing.end_abandoned()
    assert claim.token.now().state == CodeState.REVOKED
    assert claim.run.state == "lapsed"


def test_practice_approves_and_it_opens_as_said(claim: Claim, desk: Account) -> None:
    assert [run.pk for run in claims.waiting(claim.practice)] == [claim.run.pk]
    Account.objects.filter(pk=claim.account.pk).update(email_verified_at=timezone.now())
    end = timezone.localdate() + timedelta(days=30)
    opened = claim.approve(desk, ends_on=end)
    assert (opened.state, opened.level, opened.ends_on, opened.granted_by) == ("active", "full", end, desk)
    assert opens(claim.account, claim.token.chart)
    assert claim.token.now().state == CodeState.REDEEMED
    assert (claim.run.state, claim.run.relationship) == ("completed", "caregiver")
    assert trail(claim.practice, "claim.approved") == [str(claim.run.pk)]
    assert mail("claim_approved", to=ANNA.email)
    assert {one["to"] for one in mail("record_enrolled")} == {MARIA.email, ON_RECORD}
    assert not claims.waiting(claim.practice).exists()
    claim.token.chart.refresh_from_db()
    assert claim.token.chart.emails == [MARIA.email]


def test_practice_declines_and_the_code_is_ended(claim: Claim, desk: Account) -> None:
    Account.objects.filter(pk=claim.account.pk).update(email_verified_at=timezone.now())
    claim.decline(desk)
    assert (claim.access.state, claim.access.ended_because) == ("ended", "declined")
    assert claim.token.now().state == CodeState.REVOKED
    assert claim.run.proxy
    assert claim.run.proxy.withdrawn_at
    assert mail("claim_declined", to=ANNA.email)
    assert trail(claim.practice, "claim.declined")
    with pytest.raises(claims.NoClaim):
        claim.approve(desk)


def test_once_whoever_is_second(claim: Claim, desk: Account) -> None:
    other = front_desk(claim.practice, "other")
    stale = claim.run
    claim.approve(desk)
    for decide in (claim.approve, claim.decline):
        with pytest.raises(claims.NoClaim):
            decide(other)
    with pytest.raises(claims.NoClaim):
        claims.decline(journey=stale, by=other, reason="late", request=a_request(claim.practice))
    assert trail(claim.practice, "claim.approved") == [str(claim.run.pk)]


def test_staff_elsewhere_and_patients_decide_nothing(claim: Claim) -> None:
    elsewhere = a_practice("oak")
    for by in (front_desk(elsewhere), claim.account):
        with pytest.raises(vouching.NotStaffHere):
            claim.approve(by)
        with pytest.raises(vouching.NotStaffHere):
            claim.decline(by)
    with pytest.raises(claims.NoClaim):
        claims.approve(
            journey=claim.run,
            by=front_desk(elsewhere, "two"),
            id_seen=IdSeen.PASSPORT,
            level=AccessLevel.VIEW,
            request=a_request(elsewhere),
        )


def test_not_for_oneself_nor_by_who_issued_the_code(practice: Practice) -> None:
    clerk = front_desk(practice)
    chart = a_chart(practice, MARIA)
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=clerk)
    token = Token(issued.code, issued.number, chart, ANNA.email)
    browser = Browser(practice)
    enroll(browser, token, typed(ANNA, "caregiver"))
    claim = Claim(practice, token, browser)
    with pytest.raises(vouching.IssuedTheCode):
        claim.approve(clerk)
    other = front_desk(practice, "other")
    Account.objects.filter(pk=other.pk).update(email=ANNA.email)
    with pytest.raises(vouching.ForOneself):
        claim.approve(Account.objects.get(pk=other.pk))


def test_last_day_in_the_past_is_refused(claim: Claim, desk: Account) -> None:
    with pytest.raises(claims.InThePast):
        claim.approve(desk, ends_on=timezone.localdate())


def test_a_week_is_nothing_and_thirty_days_end_it(claim: Claim) -> None:
    Account.objects.filter(pk=claim.account.pk).update(email_verified_at=timezone.now())
    now = timezone.now()
    Enrollment.objects.update(started_at=now - timedelta(days=8), account_made_at=now - timedelta(days=8))
    assert lapsing.end_abandoned() == 0
    assert claim.access.state == "approval"
    Enrollment.objects.update(account_made_at=now - timedelta(days=31))
    assert lapsing.end_abandoned() == 1
    assert (claim.access.state, claim.access.ended_because) == ("ended", "lapsed")
    assert claim.token.now().state == CodeState.REVOKED
    assert mail("claim_declined", to=ANNA.email)


def test_new_code_of_the_patient_stands_in_nobodys_way(claim: Claim, desk: Account) -> None:
    """The patient enrolls with it, and the claim may still be approved."""
    issued = codes.issue(chart=claim.token.chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
    own = Browser(claim.practice)
    own.enroll(Token(issued.code, issued.number, claim.token.chart, MARIA.email))
    assert claim.token.chart.mrn in own.get("/home/").content.decode()
    run = claim.run
    opened = claims.approve(
        journey=run, by=desk, id_seen=IdSeen.PASSPORT, level=AccessLevel.VIEW, request=a_request(claim.practice)
    )
    assert opened.state == "active"
    assert claim.token.now().state == CodeState.SUPERSEDED


def test_cancelled_code_ends_the_claim(claim: Claim, desk: Account) -> None:
    codes.revoke(claim.token.code, by=desk)
    with pytest.raises(claims.NoClaim):
        claim.approve(desk)


def test_who_is_named_later_gets_in_by_that_and_hears_of_no_refusal(claim: Claim) -> None:
    Account.objects.filter(pk=claim.account.pk).update(email_verified_at=timezone.now())
    letter = a_code_for(a_named_proxy(claim.token.chart, ANNA))
    claim.browser.post("/sign-out/")
    browser = Browser(claim.practice)
    browser.type_token(in_hand(letter, ANNA.email))
    browser.post("/enroll/account/", {"whose": "other", "account": "existing"})
    browser.post("/enroll/carer/", typed(ANNA))
    assert browser.use_account(ANNA.email).url == "/enroll/done/"
    assert claim.access.state == "active"
    lapsing.end_abandoned()
    assert claim.access.state == "active"
    assert mail("claim_declined") == []


@pytest.mark.parametrize("action", ["approve", "decline"])
def test_nothing_changes_where_the_trail_cannot_be_written(
    claim: Claim, desk: Account, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise OutsideTransactionError

    monkeypatch.setattr(claims, "record", broken)
    with pytest.raises(OutsideTransactionError):
        getattr(claim, action)(desk)
    assert claim.access.state == "approval"
    assert claim.token.now().state == CodeState.RESERVED


def test_second_claim_of_one_account_waits_for_the_first(claim: Claim, desk: Account) -> None:
    """One access has one name and one tie: the practice would approve the one, and the list show the other."""
    first = claim.run
    issued = codes.issue(chart=claim.token.chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
    browser = Browser(claim.practice)
    browser.type_token(Token(issued.code, issued.number, claim.token.chart, ANNA.email))
    browser.post("/enroll/account/", {"whose": "other", "account": "existing"})
    browser.post("/enroll/carer/", typed(ANNA, "guardian"))
    assert h1(browser.use_account(ANNA.email)) == "The practice looks at your request already"
    assert (claim.access.state, claim.access.relationship) == ("approval", "caregiver")
    said = {"id_seen": IdSeen.PASSPORT, "level": AccessLevel.VIEW, "request": a_request(claim.practice)}
    assert claims.approve(journey=first, by=desk, **said).relationship == "caregiver"  # type: ignore[arg-type]
