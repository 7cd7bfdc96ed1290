"""Many at once: browsers in threads of their own, each with its own connection to the database, and real commits."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from accounts import email_address
from accounts.models import Account, PatientAccess
from enrollment.models import LIVE, EnrollmentCode
from tests.people import (
    MARIA,
    Browser,
    Person,
    Token,
    a_chart,
    a_practice,
    a_token,
    a_token_for,
    path_of,
    someone_like,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from practices.models import Practice

MANY = 50
pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("throng")


def nobody_yet(number: int = 0) -> Person:
    """Somebody whose email no other test uses."""
    return someone_like(MARIA, email=f"throng-{number}-{secrets.token_hex(6)}@example.com")


def a_browser(practice: Practice) -> Browser:
    """At an address of its own: limits by address are not what these tests are about."""
    return Browser(
        practice, address=f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1", raise_request_exception=False
    )


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do all of them, begun together; connected before, one by one, as no web server opens fifty at a time."""
    start, connecting = Barrier(len(doings)), Lock()

    def run(do: Callable[[], Any]) -> Any:
        try:
            with connecting:
                connection.ensure_connection()
            start.wait(60)
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return [one.result(120) for one in [pool.submit(run, do) for do in doings]]


def opened(token: Token) -> list[str]:
    """The states of every access to the token's record."""
    return list(PatientAccess.objects.filter(record=token.chart).values_list("state", flat=True))


def test_fifty_redemptions_of_one_token_make_one_account(practice: Practice) -> None:
    token = a_token_for(practice, nobody_yet())
    browsers = [a_browser(practice) for _ in range(MANY)]
    for browser in browsers:
        browser.walk_to_credentials(token, email="", no_email="on")
    names = [f"throng-{secrets.token_hex(6)}" for _ in browsers]
    answers = at_once(
        *(
            lambda browser=browser, name=name: browser.create_account(username=name).status_code
            for browser, name in zip(browsers, names, strict=True)
        )
    )
    assert Counter(answers) == {302: 1, 409: MANY - 1}
    assert Account.objects.filter(sign_in_name__in=names).count() == 1
    assert opened(token) == ["active"]
    assert token.now().state == "redeemed"


def test_fifty_identical_last_buttons_make_one_account(practice: Practice) -> None:
    person = nobody_yet()
    token = a_token_for(practice, person)
    first = a_browser(practice)
    first.walk_to_credentials(token)
    tabs = [a_browser(practice) for _ in range(MANY)]
    for tab in tabs:
        tab.cookies.update(first.cookies)
    answers = at_once(*(lambda tab=tab: tab.create_account().status_code for tab in tabs))
    assert not [status for status in answers if status >= 500]
    assert set(answers) <= {302, 400}  # 400: its session was renewed by another while it waited
    assert Account.objects.filter(sign_in_name=person.email).count() == 1
    assert opened(token) == ["active"]
    assert any(tab.is_signed_in for tab in tabs)


def test_fifty_tokens_that_claim_one_email_make_fifty_accounts(practice: Practice, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # each tries all before it
    person = nobody_yet()
    tokens = [a_token_for(practice, person) for _ in range(MANY)]
    browsers = [a_browser(practice) for _ in tokens]
    for browser, token in zip(browsers, tokens, strict=True):
        browser.walk_to_credentials(token)
    answers = at_once(
        *(
            lambda browser=browser, number=number: (
                browser.create_account(password=f"Kite-no-{number}-flies").status_code
            )
            for number, browser in enumerate(browsers)
        )
    )
    assert Counter(answers) == {302: MANY}
    assert Account.objects.filter(sign_in_name=person.email).count() == MANY
    assert [opened(token) for token in tokens] == [["active"]] * MANY


def test_fifty_who_want_one_username_and_one_gets_it(practice: Practice) -> None:
    name = f"throng-{secrets.token_hex(6)}"
    tokens = [a_token_for(practice, nobody_yet(number)) for number in range(MANY)]
    browsers = [a_browser(practice) for _ in tokens]
    for browser, token in zip(browsers, tokens, strict=True):
        browser.walk_to_credentials(token)
    answers = at_once(*(lambda one=browser: one.create_account(username=name).status_code for browser in browsers))
    assert Counter(answers) == {302: 1, 200: MANY - 1}
    assert Account.objects.filter(sign_in_name=name).count() == 1


def test_new_token_is_issued_while_the_old_one_is_redeemed(practice: Practice) -> None:
    for _ in range(5):
        person = nobody_yet()
        token = a_token_for(practice, person)
        browsers = [a_browser(practice) for _ in range(4)]
        for browser in browsers:
            browser.walk_to_credentials(token)
        answers = at_once(
            *(lambda one=browser: one.create_account().status_code for browser in browsers),
            *(lambda token=token: a_token(token.chart) for _ in range(4)),
        )
        assert set(answers[:4]) <= {302, 409}
        live = EnrollmentCode.objects.filter(record=token.chart, state__in=LIVE)
        assert live.count() == 1
        assert opened(token) in (["active"], [])
        assert Account.objects.filter(sign_in_name=person.email).count() == len(opened(token))


def test_wrong_answers_at_once_are_all_counted(practice: Practice) -> None:
    token = a_token_for(practice, nobody_yet())
    browsers = [a_browser(practice) for _ in range(20)]
    for browser in browsers:
        browser.accept_terms()
    answers = at_once(
        *(
            lambda one=browser, day=day: (
                one.post("/enroll/token/", token.typed(birth_date=f"01/{day:02}/1950")).status_code
            )
            for day, browser in enumerate(browsers, start=1)
        )
    )
    assert Counter(answers) == {200: 20}
    assert token.now().locked_until is not None
    assert token.now().state == "pending"  # the other fifteen came during the lock


def test_three_who_verify_one_email_at_once_and_one_holds_it(practice: Practice) -> None:
    for _ in range(5):
        person = nobody_yet()
        browsers = [a_browser(practice) for _ in range(3)]
        for number, browser in enumerate(browsers):
            browser.enroll(a_token_for(practice, person), password=f"Kite-no-{number}-flies")
        for browser, account in zip(browsers, Account.objects.filter(email=person.email).order_by("pk"), strict=True):
            browser.get(path_of(email_address.verification_link(account, practice)))
        answers = at_once(*(lambda one=browser: one.post("/verify-email/").status_code for browser in browsers))
        assert answers == [302] * 3
        states = Account.objects.filter(sign_in_name=person.email).values_list("sign_in_state", flat=True)
        assert sorted(states) == ["held", "lost", "lost"]


def test_two_practices_are_added_to_one_account_at_once(practice: Practice) -> None:
    with transaction.atomic():
        other, third = a_practice("throng"), a_practice("throng")
    person = nobody_yet()
    a_browser(practice).enroll(a_token_for(practice, person))
    browsers = [a_browser(other), a_browser(third)]
    for browser in browsers:
        browser.walk_to_credentials(a_token(a_chart(browser.practice, person)), account="existing")
    answers = at_once(*(lambda one=browser: one.use_account(person.email).status_code for browser in browsers))
    assert answers == [302, 302]
    assert PatientAccess.objects.filter(account__sign_in_name=person.email, state="active").count() == 3
