"""What tests of the pages for staff need."""

from __future__ import annotations

from accounts.models import Account
from practices.choices import StaffRole
from practices.models import Practice
from tests.accounts.test_passkeys import ADD, asked, origin
from tests.people import Browser, front_desk
from tests.verification.soft_keys import SoftKey


def at_work(account: Account, practice: Practice) -> tuple[Browser, SoftKey]:
    """The browser of a member of staff, with a passkey set up at the gate."""
    browser, key = Browser(practice), SoftKey()
    browser.sign_in(account.sign_in_name)
    answer = key.make(asked(browser.get(ADD)), origin(browser))
    assert browser.post(ADD, {"called": "Desk", "answer": answer}).status_code == 302
    return browser, key


def a_manager(practice: Practice, name: str = "manager") -> Account:
    account = front_desk(practice, name)
    account.staff_memberships.update(role=StaffRole.MANAGER)
    return account
