"""Consent forms stand between an enrollment and its last page (A.9, B.6): required ones always, optional ones once."""

from __future__ import annotations

import pytest

from practices.models import Practice
from tests.agreements.kit import a_form
from tests.enrollment.by_email import Mailbox, an_activation_code
from tests.people import Browser, a_chart, a_practice, a_token_for, h1, words

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
LIST, DONE = "/agreements/", "/enroll/done/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_required_form_comes_before_the_last_page_of_a_token(practice: Practice) -> None:
    a_form(practice)
    browser = Browser(practice)
    assert browser.enroll(a_token_for(practice)).url == DONE
    assert browser.get(DONE).url == LIST
    assert browser.get(DONE).url == LIST  # and again: it is required
    assert browser.get("/home/").url == LIST
    page = browser.get(LIST)
    assert "Portal Consent" in words(page)


def test_optional_form_is_offered_once_and_then_the_last_page_comes(practice: Practice) -> None:
    a_form(practice, required=False)
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert browser.get(DONE).url == LIST
    assert browser.get(LIST).status_code == 200
    assert h1(browser.get(DONE)) == "You're enrolled"


def test_activation_code_leads_home_by_way_of_the_required_form(practice: Practice) -> None:
    a_form(practice)
    browser = Mailbox(practice)
    letter = an_activation_code(a_chart(practice, mobile_e164=MOBILE))
    browser.open_account(letter)
    assert browser.prove_phone(letter, MOBILE).url == "/home/"
    assert browser.get("/home/").url == LIST


def test_nothing_is_asked_while_the_record_waits_for_its_proof(practice: Practice) -> None:
    a_form(practice)
    browser = Browser(practice)
    browser.enroll(a_token_for(practice, mailed=True, mobile_e164=MOBILE))
    assert h1(browser.get(DONE)) == "Your account is ready"
    assert browser.get("/home/").status_code == 200


def test_no_forms_no_detour(practice: Practice) -> None:
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert h1(browser.get(DONE)) == "You're enrolled"
