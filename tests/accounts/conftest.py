"""A practice, Maria's account, and her browser, unless a file has others; who rolls back sees no people of others."""

from __future__ import annotations

import pytest

from accounts.models import Account
from practices.models import Practice
from tests.alone import alone
from tests.people import Browser, a_practice, an_account

__all__ = ["alone"]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def browser(practice: Practice, account: Account) -> Browser:
    """In which the account signed in by its password."""
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser
