"""The attacker: was forwarded her reset link ("can you do this for me?"), or found it in a browser's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.getting_back import CODE, CREATE, NEW, Comeback, at, link_to, months_old, passes, signs_in
from tests.accounts.options_kit import PHONE, a_text_option
from tests.people import MARIA, PASSWORD, a_chart, a_practice, a_token, an_account, code_for, mail, words

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS = "Helping-hand-31"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=PHONE)))
    a_text_option(account)
    months_old(account)
    return account


@pytest.fixture
def hers(practice: Practice, maria: Account) -> Comeback:
    browser = Comeback(practice)
    browser.ask()
    return browser


@pytest.fixture
def helper(practice: Practice, hers: Comeback) -> Comeback:
    """In whose browser the link is open as well."""
    browser = Comeback(practice, address="203.0.113.66")
    browser.open_link()
    return browser


def test_it_opens_in_his_browser_and_stops_at_the_code(practice: Practice, helper: Comeback) -> None:
    helper.choose(HIS)
    assert at(helper.confirm()) == CODE
    for code in ("000000", "123456"):
        helper.post(CODE, {"code": code})
    assert not helper.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_page_tells_him_the_username_and_nothing_else(helper: Comeback, practice: Practice) -> None:
    told = words(helper.get(CREATE))
    assert not [fact for fact in ("Santos", "1984", "0123", PHONE) if fact in told]


def test_each_browser_finishes_what_it_chose_itself(practice: Practice, hers: Comeback, helper: Comeback) -> None:
    """Her code, that she reads to him over the phone, finishes nothing of his: it was asked for in her browser."""
    helper.choose(HIS)
    hers.open_link()
    hers.choose(NEW)
    hers.confirm()
    code = code_for(PHONE)
    helper.post(CODE, {"code": code})
    helper.confirm()
    helper.post(CODE, {"code": code})
    assert not helper.is_signed_in
    assert hers.by_text(PHONE).url == "/home/"
    assert signs_in(practice, MARIA.email, NEW)
    assert not signs_in(practice, MARIA.email, HIS)


def test_when_she_is_done_his_is_dead(practice: Practice, hers: Comeback, helper: Comeback) -> None:
    helper.choose(HIS)
    hers.open_link()
    hers.choose()
    hers.confirm()
    hers.by_text(PHONE)
    assert helper.get(CREATE).status_code == 404
    helper.confirm()
    assert helper.post(CODE, {"code": code_for(PHONE)}).status_code in {302, 404}
    assert not helper.is_signed_in
    assert signs_in(practice, MARIA.email, NEW)


def test_newer_link_ends_what_he_has_open(practice: Practice, hers: Comeback, helper: Comeback) -> None:
    helper.choose(HIS)
    helper.confirm()
    hers.ask()
    assert helper.post(CODE, {"code": code_for(PHONE)}).status_code in {302, 404}
    assert not helper.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert hers.open_link().status_code == 200


def test_half_an_hour_later_it_is_a_dead_one_that_says_so(practice: Practice, hers: Comeback, helper: Comeback) -> None:
    helper.choose(HIS)
    passes(minutes=30)
    page = helper.get(CREATE)
    assert page.status_code == 404
    assert practice.phone in words(page)
    assert 'href="/forgot-password/"' in page.content.decode()
    helper.confirm()
    assert mail("code") == []


def test_address_with_the_secret_is_gone_at_once(practice: Practice, hers: Comeback) -> None:
    answer = hers.get(link_to())
    assert (answer.status_code, answer.url) == (302, CREATE)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    secret = link_to().rstrip("/").rpartition("/")[2]
    assert secret not in hers.get(CREATE).content.decode()
