"""The attacker: knows somebody's password, and finds out in an enrollment of his own whether it is right.

The page of an existing account asks for name and password; the record is then refused, since it is another person's.
Whoever owns the account hears of it as of any sign-in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Account, PatientAccess
from audit.models import AuditEvent
from enrollment.models import Enrollment
from tests.people import (
    A_STRANGER,
    MARIA,
    Browser,
    a_practice,
    a_token_for,
    an_account,
    h1,
    mail,
    someone_like,
    trail,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def hers() -> Account:
    return an_account(a_practice("oak"))


def tries(practice: Practice, browser: Browser | None = None, *, password: str = "") -> Browser:
    """The attacker's token, and her name and password."""
    browser = browser or Browser(practice, address="203.0.113.66")
    browser.walk_to_credentials(a_token_for(practice, A_STRANGER), account="existing")
    answer = browser.use_account(MARIA.email, *filter(None, [password]))
    if not password:
        assert (answer.status_code, h1(answer)) == (409, "This account belongs to somebody else")
    return browser


def test_refusal_is_on_the_trail_with_her_as_the_one_who_did_it(practice: Practice, hers: Account) -> None:
    tries(practice)
    journey = Enrollment.objects.get(practice=practice)
    event = AuditEvent.objects.get(event="enrollment.refused", practice_id=practice.pk)
    assert (event.actor_kind, event.actor_id) == ("accounts.account", str(hers.pk))
    assert (event.subject_kind, event.subject_id) == ("enrollment.enrollment", str(journey.pk))
    assert event.address == "203.0.113.66"


def test_she_is_told_at_her_verified_email(practice: Practice, hers: Account) -> None:
    tries(practice)
    assert [one["to"] for one in mail("new_sign_in", practice=practice)] == [hers.verified_email]


def test_she_is_told_each_time(practice: Practice, hers: Account) -> None:
    """Nobody signed in: the browser is as unknown as before."""
    browser = tries(practice)
    browser.use_account(MARIA.email)
    assert len(mail("new_sign_in", practice=practice)) == 2
    assert len(trail(practice, "enrollment.refused")) == 2


def test_browser_of_hers_is_no_news(practice: Practice, hers: Account) -> None:
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.post("/sign-out/")
    told = len(mail("new_sign_in", practice=practice))
    tries(practice, browser)
    assert len(mail("new_sign_in", practice=practice)) == told
    assert len(trail(practice, "enrollment.refused")) == 1


def test_email_that_nobody_verified_is_told_nothing(practice: Practice) -> None:
    an_account(a_practice("oak"), verified=False)
    tries(practice)
    assert mail("new_sign_in") == []
    assert len(trail(practice, "enrollment.refused")) == 1


def test_wrong_password_is_a_failed_sign_in_and_nothing_else(practice: Practice, hers: Account) -> None:
    tries(practice, password="Wrong-pass-1")
    assert trail(practice, "enrollment.refused") == []
    assert trail(practice, "sign_in.failed") == [str(hers.pk)]
    assert mail("new_sign_in", practice=practice) == []


def test_nobody_is_signed_in_and_nothing_is_open(practice: Practice, hers: Account) -> None:
    browser = tries(practice)
    assert not browser.is_signed_in
    assert trail(practice, "sign_in.succeeded") == []
    assert not PatientAccess.objects.filter(practice=practice).exists()


def test_second_record_of_hers_at_one_practice_is_noted_too(practice: Practice) -> None:
    hers = an_account(practice)
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice, someone_like(MARIA, family="Oliveira")), account="existing")
    assert browser.use_account(MARIA.email).status_code == 409
    event = AuditEvent.objects.get(event="enrollment.refused", practice_id=practice.pk)
    assert event.actor_id == str(hers.pk)
    assert [one["to"] for one in mail("new_sign_in", practice=practice)] == [MARIA.email]
