"""Wrong codes from the phone on file, for a new password and before a reset at once: noted, and told (flows.md F)."""

from __future__ import annotations

import pytest

from practices.models import Practice
from tests.accounts.options_kit import rested
from tests.enrollment.account_reset_kit import AT_ONCE, ON_FILE, Locked, an_owner
from tests.people import MARIA, a_practice, mail, trail
from tests.verification.codes_kit import pause_ends
from verification import options

pytestmark = pytest.mark.django_db
RECORD = "/reset-password/record/"


@pytest.fixture
def practice() -> Practice:
    return a_practice(reset_wait_hours=0)


@pytest.mark.parametrize("path", [RECORD, AT_ONCE])
def test_they_are_on_the_trail_and_the_tenth_is_told(practice: Practice, path: str) -> None:
    maria, hers = an_owner(practice), Locked(practice)
    if path == RECORD:
        options.remove_all(maria)
    rested(maria)
    hers.choose_for(maria)
    for number in range(10):
        if not number % 5:  # a code takes five tries
            pause_ends(maria)
            sent = hers.post(path, {"birth_date": "03/12/1984", "way": f"sms-{ON_FILE[-4:]}"})
            assert sent.url == f"{path}code/"
        assert not mail("wrong_reset_codes")
        assert hers.post(f"{path}code/", {"code": "000000"}).status_code in {400, 429}
        assert trail(practice, "password_reset.refused") == [str(maria.pk)] * (number + 1)
    assert MARIA.email in {one["to"] for one in mail("wrong_reset_codes")}
