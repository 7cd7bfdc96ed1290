"""The attacker: a clerk of one practice, with its tokens, at the host of another."""

from __future__ import annotations

import pytest

from accounts.models import PatientAccess
from enrollment.models import FailedMatch
from tests.enrollment.test_wrong_answers import seen_by, without_echo
from tests.people import Browser, a_practice, a_token_for, an_option, front_desk, words
from tests.verification.codes_kit import pause_ends

pytestmark = pytest.mark.django_db


def test_token_is_unknown_at_another_practice() -> None:
    here, there = a_practice(), a_practice("oak")
    token = a_token_for(there)
    assert "do not belong together" in words(Browser(here).type_token(token))
    assert Browser(there).type_token(token).url == "/enroll/account/"


def test_token_looks_like_no_token_at_all() -> None:
    here, there = a_practice(), a_practice("oak")
    token = a_token_for(there)
    nobodys = a_token_for(there)
    nobodys.code.delete()
    answers = []
    for one in (token, nobodys):
        browser = Browser(here)
        browser.accept_terms()
        browser.get("/enroll/token/")
        shapes, answer = seen_by(browser, one.typed())
        answers.append((answer.status_code, without_echo(answer, one.typed()), shapes))
    assert answers[0] == answers[1]


def test_wrong_tries_elsewhere_do_not_lock_the_token_at_home() -> None:
    here, there = a_practice(), a_practice("oak")
    token = a_token_for(there)
    browser = Browser(here)
    browser.accept_terms()
    for day in range(1, 13):
        browser.post("/enroll/token/", token.typed(birth_date=f"01/{day:02}/1950"))
    assert FailedMatch.objects.count() == 5
    assert Browser(there).type_token(token).url == "/enroll/account/"


def test_clerk_sees_no_record_by_signing_in() -> None:
    here, there = a_practice(), a_practice("oak")
    clerk = front_desk(there)
    an_option(clerk, "+12125550142")
    a_token_for(here)
    for practice in (here, there):
        browser = Browser(practice)
        browser.sign_in(clerk.sign_in_name)
        browser.type_code("+12125550142")
        pause_ends(clerk)
        home = browser.get("/home/")
        assert home.status_code == 200
        assert "Record of" not in words(home)
    assert not PatientAccess.objects.exists()


def test_journey_of_one_host_is_not_carried_to_another() -> None:
    here, there = a_practice(), a_practice("oak")
    browser = Browser(there)
    browser.walk_to_credentials(a_token_for(there))
    elsewhere = Browser(here)
    elsewhere.cookies["session"] = browser.cookies["session"].value
    assert elsewhere.create_account().status_code == 302
    assert not PatientAccess.objects.exists()
