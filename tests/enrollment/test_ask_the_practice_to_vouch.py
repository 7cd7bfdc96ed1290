"""**Ask the practice to vouch for me**: what the patient does, and the rules of FLOWS H for who vouches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from enrollment import codes, numbers, vouching
from enrollment.models import CodeKind, Enrollment, Handover, IdSeen, Vouch
from practices.models import Practice
from tests.people import (
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_request,
    a_token_for,
    front_desk,
    h1,
    opens,
    trail,
    words,
)

pytestmark = pytest.mark.django_db
PAGE = "/enroll/vouch/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def token(practice: Practice) -> Token:
    return a_token_for(practice, mailed=True)


@pytest.fixture
def browser(practice: Practice, token: Token) -> Browser:
    browser = Browser(practice)
    browser.enroll(token)
    return browser


def journey_of(token: Token) -> Enrollment:
    return Enrollment.objects.get(code=token.code)


def vouch(token: Token, by: Account) -> Vouch:
    request = a_request(token.chart.practice)
    return vouching.vouch(journey=journey_of(token), by=by, id_seen=IdSeen.PASSPORT, request=request)


def test_asked_vouched_for_and_open(browser: Browser, token: Token, practice: Practice) -> None:
    page = browser.get(PAGE)
    assert h1(page) == "Ask the practice to vouch for me"
    assert list(vouching.waiting(practice)) == []
    browser.post(PAGE)
    assert [one.pk for one in vouching.waiting(practice)] == [journey_of(token).pk]
    assert "photo ID" in words(browser.get(PAGE))
    vouch(token, front_desk(practice))
    assert "has confirmed that it is you" in words(browser.get(PAGE))
    assert not opens(Account.objects.get(sign_in_name=MARIA.email), token.chart)
    assert browser.post("/enroll/vouch/continue/").url == "/enroll/done/"
    assert opens(Account.objects.get(sign_in_name=MARIA.email), token.chart)
    assert list(vouching.waiting(practice)) == []
    journey = str(journey_of(token).pk)
    for event in ("vouch.asked", "vouch.given", "vouch.used"):
        assert trail(practice, event) == [journey], event


def test_asking_twice_is_once(browser: Browser, practice: Practice) -> None:
    browser.post(PAGE)
    browser.post(PAGE)
    assert len(trail(practice, "vouch.asked")) == 1


def test_nobody_opens_it_without_a_vouch(browser: Browser, token: Token) -> None:
    browser.post(PAGE)
    assert browser.post("/enroll/vouch/continue/").url == PAGE
    assert not opens(Account.objects.get(sign_in_name=MARIA.email), token.chart)


def test_vouch_lasts_ten_minutes(browser: Browser, token: Token, practice: Practice) -> None:
    browser.post(PAGE)
    made = vouch(token, front_desk(practice))
    assert timedelta(minutes=9) < made.expires_at - timezone.now() <= timedelta(minutes=10)
    Vouch.objects.update(expires_at=timezone.now())
    answer = browser.post("/enroll/vouch/continue/", follow=True)
    assert "Ten minutes have passed" in words(answer)
    assert not opens(Account.objects.get(sign_in_name=MARIA.email), token.chart)


def test_vouch_is_for_one_enrollment_only(browser: Browser, token: Token, practice: Practice) -> None:
    browser.post(PAGE)
    vouch(token, front_desk(practice))
    other = Browser(practice)
    other_token = a_token_for(practice, MARIA, mailed=True, emails=["other@example.com"])
    other.enroll(other_token)
    other.post(PAGE)
    assert other.post("/enroll/vouch/continue/").url == PAGE


def test_who_did_not_ask_is_not_vouched_for(browser: Browser, token: Token, practice: Practice) -> None:
    with pytest.raises(vouching.NotWaiting):
        vouch(token, front_desk(practice))


def test_staff_of_another_practice_do_not_vouch(browser: Browser, token: Token) -> None:
    browser.post(PAGE)
    with pytest.raises(vouching.NotStaffHere):
        vouch(token, front_desk(a_practice("oak")))


def test_staff_that_left_do_not_vouch(browser: Browser, token: Token, practice: Practice) -> None:
    browser.post(PAGE)
    gone = front_desk(practice)
    gone.staff_memberships.update(active=False)
    with pytest.raises(vouching.NotStaffHere):
        vouch(token, gone)


def test_nobody_vouches_for_themselves(browser: Browser, token: Token, practice: Practice) -> None:
    browser.post(PAGE)
    account = Account.objects.get(sign_in_name=MARIA.email)
    practice.staff.create(account=account)
    with pytest.raises(vouching.ForOneself):
        vouch(token, account)


def test_who_issued_the_code_does_not_vouch(practice: Practice) -> None:
    clerk = front_desk(practice)
    chart = a_chart(practice)
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.MAILED, by=clerk)
    token = Token(issued.code, issued.number, chart, chart.email)
    assert numbers.show(issued.number)
    browser = Browser(practice)
    browser.enroll(token)
    browser.post(PAGE)
    with pytest.raises(vouching.IssuedTheCode):
        vouch(token, clerk)
    assert vouch(token, front_desk(practice, "colleague")).by.sign_in_name.startswith("colleague")


def test_record_that_is_open_needs_no_vouch(practice: Practice) -> None:
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert browser.get(PAGE).url == "/enroll/done/"
