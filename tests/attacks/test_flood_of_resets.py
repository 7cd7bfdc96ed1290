"""The attacker: a stranger who asks for links for names by the thousand, to fill mailboxes, tables or the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from audit.models import AuditEvent
from guard import limits
from guard.models import Session
from guard.secrets import SECRET_LENGTH
from notifications.models import Message
from tests.accounts.getting_back import FORGOT, USERNAME, Comeback, months_old
from tests.accounts.options_kit import PHONE, a_text_option
from tests.people import MARIA, Browser, a_practice, an_account, mail, words

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
ASKS = pytest.mark.parametrize(("page", "field"), [(FORGOT, "name"), (USERNAME, "email")])


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    a_text_option(account)
    months_old(account)
    return account


def asks(practice: Practice, page: str, field: str, name: str, number: int) -> int:
    """From an address of its own; returns the status."""
    browser = Browser(practice, address=f"198.18.{number // 200}.{number % 200}")
    return int(browser.post(page, {field: name}).status_code)


@ASKS
def test_one_mailbox_gets_three_messages_an_hour_whoever_asks(
    practice: Practice, maria: Account, page: str, field: str
) -> None:
    before = Message.objects.count()
    assert {asks(practice, page, field, MARIA.email, number) for number in range(20)} == {302}
    assert Message.objects.count() - before == 3


@ASKS
def test_one_address_asks_thirty_times_an_hour_and_is_told_to_wait(practice: Practice, page: str, field: str) -> None:
    stranger = Browser(practice, address="203.0.113.66")
    answers = [stranger.post(page, {field: f"someone{number}@example.com"}) for number in range(32)]
    assert [one.status_code for one in answers[:30]] == [302] * limits.RESET_LINKS_BY_ADDRESS.count
    assert answers[30].status_code == answers[31].status_code == 429
    assert practice.phone in words(answers[31])


def test_the_other_form_is_no_second_helping(practice: Practice) -> None:
    stranger = Browser(practice, address="203.0.113.66")
    for number in range(15):
        stranger.post(FORGOT, {"name": f"someone{number}@example.com"})
        stranger.post(USERNAME, {"email": f"someone{number}@example.com"})
    assert stranger.post(USERNAME, {"email": MARIA.email}).status_code == 429


@ASKS
def test_names_that_nobody_has_leave_nothing_behind(practice: Practice, page: str, field: str) -> None:
    before = Message.objects.count(), AuditEvent.objects.count(), Session.objects.count()
    for number in range(10):
        asks(practice, page, field, f"nobody{number}@example.com", number)
    assert before == (Message.objects.count(), AuditEvent.objects.count(), Session.objects.count())


def test_past_the_limit_the_trail_does_not_grow(practice: Practice, maria: Account) -> None:
    for number in range(limits.RESET_LINKS.count):
        asks(practice, FORGOT, "name", MARIA.email, number)
    before = AuditEvent.objects.count()
    for number in range(10, 30):
        asks(practice, FORGOT, "name", MARIA.email, number)
    assert AuditEvent.objects.count() == before


def test_owner_gets_hers_while_the_flood_goes_on(practice: Practice, maria: Account) -> None:
    hers = Comeback(practice)
    hers.sign_in(MARIA.email)
    hers.type_code(PHONE)
    hers.post("/sign-out/")
    for number in range(20):
        asks(practice, FORGOT, "name", MARIA.email, number)
    before = len(mail("password_reset_link"))
    hers.ask()
    assert len(mail("password_reset_link")) == before + 1


@pytest.mark.parametrize("secret", ["x", "a" * (SECRET_LENGTH - 1), "a" * 200])
def test_made_up_link_leaves_no_session(practice: Practice, maria: Account, secret: str) -> None:
    browser = Browser(practice)
    assert browser.get(f"/reset-password/{maria.pk}/{secret}/").status_code in {302, 404}
    assert not Session.objects.exists()
    assert settings.SESSION_COOKIE_NAME not in browser.cookies


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30, "9" * 400])
def test_number_that_no_account_has_is_answered_as_any_other(practice: Practice, number: str) -> None:
    browser = Browser(practice)
    assert browser.get(f"/reset-password/{number}/{'a' * SECRET_LENGTH}/", follow=True).status_code == 404


@ASKS
@pytest.mark.parametrize(
    "name", ["", " ", "a" * 255, "\x00", "maria@example.com\r\nBcc: x@example.com", "' OR 1=1", "é" * 100]
)
def test_rubbish_is_refused_or_answered_as_anything_else(
    practice: Practice, maria: Account, page: str, field: str, name: str
) -> None:
    assert asks(practice, page, field, name, 1) in {200, 302, 400}
    assert not [one for one in mail("password_reset_link") if one["to"] != MARIA.email]
