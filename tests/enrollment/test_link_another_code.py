"""**Settings → Activation code**: another record for the account that is signed in (B.7)."""

from __future__ import annotations

import pytest

from accounts import access
from accounts.models import Account
from enrollment.models import CodeState
from practices.models import Practice
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code
from tests.people import A_STRANGER, ANNA, MARIA, Browser, a_chart, a_practice, an_account, h1, opens, words

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
PAGE = "/settings/code/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def mine() -> Account:
    """Maria's account, from another practice."""
    return an_account(a_practice("oak"), MARIA)


@pytest.fixture
def letter(practice: Practice) -> Letter:
    return an_activation_code(a_chart(practice, mobile_e164=MOBILE))


@pytest.fixture
def browser(practice: Practice, mine: Account) -> Mailbox:
    browser = Mailbox(practice)
    browser.sign_in(mine.sign_in_name)
    return browser


def test_from_the_emails_second_link_through_sign_in_to_the_record(
    letter: Letter, practice: Practice, mine: Account
) -> None:
    browser = Mailbox(practice)
    assert browser.get(letter.link("have_account")).url == PAGE
    assert browser.get(PAGE).url.startswith("/?next=")
    browser.post("/", {"name": mine.sign_in_name, "next": PAGE})
    assert browser.post("/password/", {"password": "Kite-flying-77"}).url == PAGE
    page = browser.get(PAGE)
    assert h1(page) == "Activation code"
    assert letter.typed()["code"] in page.content.decode()
    assert browser.link(letter).url == PHONE
    assert not opens(mine, letter.chart)
    assert browser.prove_phone(letter, MOBILE).url == "/home/"
    assert opens(mine, letter.chart)
    assert "Activation code added" in browser.get("/home/", follow=True).content.decode()


def test_code_and_check_add_at_once_where_the_practice_chose_so(mine: Account) -> None:
    practice = a_practice(proof="code_and_check")
    letter = an_activation_code(a_chart(practice, mobile_e164=MOBILE))
    browser = Mailbox(practice)
    browser.sign_in(mine.sign_in_name)
    assert browser.link(letter).url == "/home/"
    assert "Activation code added" in browser.get("/home/", follow=True).content.decode()
    assert opens(mine, letter.chart)


def test_same_check_as_for_everybody(letter: Letter, browser: Mailbox) -> None:
    page = browser.post(PAGE, letter.typed(check="01/01/1990"))
    assert "do not belong together" in words(page)
    assert letter.now().state == CodeState.PENDING


def test_code_of_somebody_else_is_refused(practice: Practice, browser: Mailbox, mine: Account) -> None:
    letter = an_activation_code(a_chart(practice, ANNA, mobile_e164=MOBILE))
    page = browser.link(letter)
    assert "The account you signed in with is another person's own" in words(page)
    assert "choose Someone else" in words(page)
    assert not opens(mine, letter.chart)
    assert letter.now().state == CodeState.PENDING


def test_record_that_the_account_opens_already(practice: Practice) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE)
    account = an_account(practice, MARIA, token=None)
    held = access.held(account).get().record
    letter = an_activation_code(held)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    page = browser.post(PAGE, letter.typed())
    assert h1(page) == "You have this record already"
    assert chart.pk != held.pk


def test_nobody_who_is_not_signed_in(practice: Practice, letter: Letter) -> None:
    assert Browser(practice).post(PAGE, letter.typed()).url.startswith("/?next=")


def test_code_that_somebody_typed_before_is_not_shown_to_the_next(practice: Practice, letter: Letter) -> None:
    """At a shared computer: only a link that leads to a sign-in waits for it."""
    account = an_account(practice, ANNA)
    browser = Mailbox(practice)
    browser.activate(letter, check="01/01/1990")
    browser.sign_in(account.sign_in_name)
    assert letter.typed()["code"] not in browser.get(PAGE).content.decode()


def test_code_typed_after_a_link_was_opened_is_not_shown_either_nor_the_link(
    practice: Practice, letter: Letter
) -> None:
    account, other = an_account(practice, ANNA), an_activation_code(a_chart(practice, A_STRANGER))
    browser = Mailbox(practice)
    browser.get(letter.link("have_account"))
    browser.accept_terms()
    browser.post("/enroll/activate/", other.typed(check="01/01/1990"))
    browser.sign_in(account.sign_in_name)
    page = browser.get(PAGE).content.decode()
    assert letter.typed()["code"] not in page
    assert other.typed()["code"] not in page


def test_code_that_was_added_is_gone_from_the_page(practice: Practice, letter: Letter, browser: Mailbox) -> None:
    browser.get(letter.link("have_account"))
    assert letter.typed()["code"] in browser.get(PAGE).content.decode()
    assert browser.link(letter).url == PHONE
    assert letter.typed()["code"] not in browser.get(PAGE).content.decode()
