"""The attacker: sits down at a shared computer where somebody got back into an account, and presses back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.getting_back import (
    CHECK,
    CODE,
    CREATE,
    FORGOT,
    NEW,
    USERNAME,
    WAIT,
    Comeback,
    link_to,
    months_old,
    signs_in,
)
from tests.accounts.options_kit import PHONE, a_text_option, an_app
from tests.people import (
    A_STRANGER,
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    an_option,
    mail,
)

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS = "Pressed-back-31"
AFTER = (CREATE, CHECK, WAIT, CODE, "/second-step/ways/", "/reset-password/record/", "/reset-account/")


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
def shared(practice: Practice, maria: Account) -> Comeback:
    return Comeback(practice)


def presses_back_and_sends_again(browser: Comeback, practice: Practice) -> None:
    """Every page of the reset, shown and sent with a password of his own; and her password is what it was."""
    before = len(mail("code"))
    for page in AFTER:
        browser.get(page, follow=True)
        answer = browser.post(page, {"password": HIS, "confirm_password": HIS, "code": "000000"}, follow=True)
        assert b'name="confirm_password"' not in answer.content
        assert MARIA.email not in answer.content.decode()
    assert len(mail("code")) == before
    assert not signs_in(practice, MARIA.email, HIS)


def test_no_page_of_it_stays_in_the_browser(practice: Practice, shared: Comeback, maria: Account) -> None:
    an_app(maria)
    pages = [shared.get(page) for page in (FORGOT, USERNAME, "/reset-token/", "/cannot-verify/")]
    pages += [shared.ask(), shared.get("/forgot-password/sent/"), shared.get(link_to()), shared.get(CREATE)]
    pages += [shared.post(CREATE, {"password": "weak"}), shared.choose(), shared.get(CHECK), shared.get(WAIT)]
    pages += [shared.confirm(), shared.get("/second-step/ways/"), shared.post(WAIT), shared.get("/reset-account/")]
    pages += [
        shared.post("/reset-account/"),
        shared.get("/reset-account/asked/"),
        shared.get("/reset-password/record/"),
    ]
    assert {page["Cache-Control"] for page in pages} == {"no-store"}


def test_nothing_is_left_of_it_once_it_is_done_and_she_signed_out(
    practice: Practice, shared: Comeback, maria: Account
) -> None:
    shared.begin()
    assert shared.by_text(PHONE).url == "/home/"
    assert "password_reset" not in shared.session
    assert "second_step" not in shared.session
    shared.post("/sign-out/")
    presses_back_and_sends_again(shared, practice)
    assert signs_in(practice, MARIA.email, NEW)


def test_nothing_is_left_of_it_while_she_is_signed_in(practice: Practice, shared: Comeback) -> None:
    shared.begin()
    shared.by_text(PHONE)
    presses_back_and_sends_again(shared, practice)
    assert shared.is_signed_in
    assert signs_in(practice, MARIA.email, NEW)


def test_cookie_from_before_it_was_done_is_dead(practice: Practice, shared: Comeback) -> None:
    """At each rise in rights the session gets a new key."""
    shared.ask()
    shared.open_link()
    keys = [shared.cookies["session"].value]
    shared.choose()
    shared.confirm()
    keys.append(shared.cookies["session"].value)
    shared.by_text(PHONE)
    assert shared.cookies["session"].value not in keys
    for old in keys:
        stale = Comeback(practice)
        stale.cookies["session"] = old
        presses_back_and_sends_again(stale, practice)
        assert not stale.is_signed_in


def test_what_was_left_half_way_is_gone_with_the_next_persons_sign_in(practice: Practice, shared: Comeback) -> None:
    an_account(practice, A_STRANGER, token=a_token_for(practice, A_STRANGER))
    shared.begin()
    shared.sign_in(A_STRANGER.email)
    assert shared.is_signed_in
    assert "password_reset" not in shared.session
    presses_back_and_sends_again(shared, practice)
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_tab_that_was_closed_half_way_leaves_a_form_that_counts_for_nothing(
    practice: Practice, shared: Comeback
) -> None:
    """The cookie lasts as long as the browser is open; with it, one still needs the code."""
    shared.begin()
    assert not shared.cookies["session"]["max-age"]
    shared.choose(HIS)
    shared.confirm()
    for _ in range(6):
        shared.post(CODE, {"code": "000000"})
    assert not shared.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, HIS)


def test_password_that_was_typed_is_nowhere_in_the_session(shared: Comeback) -> None:
    shared.begin()
    assert NEW not in str(dict(shared.session.items()))


def test_link_of_one_person_opened_over_anothers_reset_mixes_nothing(
    practice: Practice, shared: Comeback, maria: Account
) -> None:
    """Maria chose a password here; then Sam opens his link in the same browser, and types the code for hers."""
    sam = an_account(practice, A_STRANGER, token=a_token_for(practice, A_STRANGER))
    an_option(sam, "+16465550177")
    shared.begin()
    code = mail("code", to=PHONE)[-1]["code"]
    Comeback(practice, address="203.0.113.9").ask(A_STRANGER.email)
    shared.open_link(link_to(A_STRANGER.email))
    shared.choose(HIS)
    shared.post(CODE, {"code": code})
    assert not shared.is_signed_in
    for name in (MARIA.email, A_STRANGER.email):
        assert signs_in(practice, name, PASSWORD)
        assert not signs_in(practice, name, HIS)
        assert not signs_in(practice, name, NEW)
