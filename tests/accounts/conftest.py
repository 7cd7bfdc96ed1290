"""A practice and Maria's account, unless a file has others; tests that roll back see no people of other tests."""

from __future__ import annotations

import pytest

from accounts.models import Account
from practices.models import Practice
from tests.alone import alone
from tests.people import a_practice, an_account

__all__ = ["alone"]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)
