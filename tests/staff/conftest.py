"""Who the tests of this folder have: a practice, a clerk, the clerk's browser; and no people of other tests."""

from __future__ import annotations

import pytest

from accounts.models import Account
from practices.models import Practice
from tests.alone import alone
from tests.people import Browser, a_practice, front_desk
from tests.staff.kit import at_work

__all__ = ["alone"]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def clerk(practice: Practice) -> Account:
    return front_desk(practice)


@pytest.fixture
def desk(clerk: Account, practice: Practice) -> Browser:
    return at_work(clerk, practice)[0]
