"""The attacker: his account claims the victim's email; he wants its verification link in a mailbox of his own.

Two pages lie between the choice of an account and the button that makes or takes one. Whoever goes back, or opens the
other page by its address, ends up with what happened, not with what was chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Account
from enrollment.models import AccountChoice, Enrollment
from notifications.models import Message
from tests.people import (
    A_STRANGER,
    MARIA,
    Browser,
    Token,
    a_practice,
    a_token_for,
    an_account,
    mail,
    opens,
    path_of,
    someone_like,
    words,
)
from verification.models import Challenge

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS = "Attacker-13"
MAILBOX = "attacker@example.net"
NOTICES = ("enrollment_complete", "record_enrolled", "verify_email", "new_sign_in")


@pytest.fixture
def harbor() -> Practice:
    return a_practice("harbor")


@pytest.fixture
def riverside() -> Practice:
    return a_practice("riverside")


@pytest.fixture
def claiming(harbor: Practice) -> Account:
    """The attacker's account at Harbor, in the victim's email."""
    Browser(harbor).enroll(a_token_for(harbor, A_STRANGER), email=MARIA.email, password=HIS)
    return Account.objects.get()


def messages_to(practice: Practice) -> dict[str, set[str]]:
    """Which notices the practice sends to whom."""
    found = Message.objects.filter(practice=practice)
    return {one.to: {other.notice for other in found if other.to == one.to} for one in found}


def change_to_existing(riverside: Practice, name: str = MARIA.email, password: str = HIS) -> Token:
    """Chooses a new account with a mailbox of his own, then opens the sign-in of an existing one by its address."""
    token = a_token_for(riverside, A_STRANGER)
    browser = Browser(riverside, address="203.0.113.66")
    browser.walk_to_credentials(token, account=AccountChoice.NEW, email=MAILBOX)
    assert browser.use_account(name, password).url == "/enroll/done/"
    return token


def test_no_link_for_the_claimed_email_reaches_the_typed_mailbox(claiming: Account, riverside: Practice) -> None:
    before = set(Challenge.objects.values_list("pk", flat=True))
    change_to_existing(riverside)
    assert MAILBOX not in messages_to(riverside)
    assert mail("enrollment_complete", practice=riverside) == []
    assert set(Challenge.objects.values_list("pk", flat=True)) == before
    claiming.refresh_from_db()
    assert (claiming.email, claiming.email_verified_at) == (MARIA.email, None)


def test_no_link_that_he_gets_verifies_the_claimed_email(claiming: Account, riverside: Practice) -> None:
    change_to_existing(riverside)
    his = Browser(riverside)
    his.sign_in(MARIA.email, HIS)
    his_mail = [one for notice in NOTICES for one in mail(notice) if one["to"] != MARIA.email]
    links = [one[key] for one in his_mail for key in ("not_me", "link") if one.get(key)]
    assert links
    for link in links:
        his.get(path_of(link))
        assert his.post("/verify-email/").status_code == 400
    claiming.refresh_from_db()
    assert claiming.email_verified_at is None


def test_journey_ends_as_what_happened(claiming: Account, riverside: Practice) -> None:
    token = change_to_existing(riverside)
    journey = Enrollment.objects.get(code=token.code)
    assert (journey.account_choice, journey.account) == (AccountChoice.EXISTING, claiming)
    assert opens(claiming, token.chart)


def test_email_on_the_record_is_told(claiming: Account, riverside: Practice) -> None:
    """The account's own was never verified: it is told nothing (rule 13)."""
    change_to_existing(riverside)
    assert messages_to(riverside) == {A_STRANGER.email: {"record_enrolled"}}


def test_verified_email_of_the_account_is_told_too(harbor: Practice, riverside: Practice) -> None:
    """Whoever knows somebody's password does not keep the owner from hearing of it by choosing otherwise first."""
    own = someone_like(A_STRANGER, email="owner@example.com")
    an_account(harbor, own, password=HIS)
    change_to_existing(riverside, own.email)
    assert messages_to(riverside) == {
        A_STRANGER.email: {"record_enrolled"},
        own.email: {"record_enrolled"},
    }


# --- The other way round ----------------------------------------------------------------------------------------------


def change_to_new(riverside: Practice, **changes: str) -> tuple[Browser, Token]:
    """Chooses an existing account, then presses **Use a username instead**."""
    token = a_token_for(riverside)
    browser = Browser(riverside)
    browser.walk_to_credentials(token, account=AccountChoice.EXISTING, **changes)
    assert browser.create_account(username="maria.santos").url == "/enroll/done/"
    return browser, token


def test_new_account_gets_its_link_and_the_link_works(riverside: Practice) -> None:
    browser, token = change_to_new(riverside, email="mine@example.com")
    (message,) = mail("enrollment_complete", practice=riverside)
    assert message["to"] == "mine@example.com"
    browser.get(path_of(message["link"]))
    assert browser.post("/verify-email/").url == "/verify-email/done/"
    assert Account.objects.get(accesses__record=token.chart).verified_email == "mine@example.com"
    assert "Record of Maria" in words(browser.get("/home/"))


def test_journey_of_the_new_account_ends_as_new(riverside: Practice) -> None:
    _browser, token = change_to_new(riverside)
    assert Enrollment.objects.get(code=token.code).account_choice == AccountChoice.NEW
    assert messages_to(riverside) == {MARIA.email: {"enrollment_complete"}}


def test_email_on_the_record_is_told_of_the_new_account(riverside: Practice) -> None:
    change_to_new(riverside, email="mine@example.com")
    assert messages_to(riverside)[MARIA.email] == {"record_enrolled"}


def test_new_account_by_username_has_the_holders_email_as_contact_only(harbor: Practice, riverside: Practice) -> None:
    """Her email signs her in at Harbor; the new account's link proves the mailbox, and takes no name away."""
    held = an_account(harbor)
    browser, _token = change_to_new(riverside)
    (message,) = mail("enrollment_complete", practice=riverside)
    browser.get(path_of(message["link"]))
    assert browser.post("/verify-email/").url == "/verify-email/done/"
    held.refresh_from_db()
    assert (held.sign_in_name, held.sign_in_state) == (MARIA.email, "held")
    assert Browser(harbor).sign_in(MARIA.email).url == "/home/"
