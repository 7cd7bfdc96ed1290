"""A code is added to an account, from Settings, while a beat closes that account: the code stays good (G.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts import access
from accounts.models import Account
from enrollment import admission, refusals
from enrollment.models import CodeState, EnrollmentState
from tests.enrollment.account_reset_kit import Locked, an_owner, closed
from tests.people import MARIA, a_chart, a_practice, a_request, a_token

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_who_comes_a_moment_too_late_is_refused_and_leaves_nothing(practice: Practice) -> None:
    maria, oak = an_owner(practice), a_practice("oak")
    token, request = a_token(a_chart(oak)), a_request(oak)
    journey = admission.begin(code=token.code, email=MARIA.email, request=request)
    signed_in = Account.objects.get(pk=maria.pk)  # as the request read it, before
    closed(maria, Locked(practice))
    with pytest.raises(refusals.AccountClosed):
        admission.add_to_account(journey=journey, account=signed_in, accepted=None, request=request)
    assert access.self_of(token.code.record) is None
    journey.refresh_from_db()
    token.code.refresh_from_db()
    assert (journey.state, token.code.state) == (EnrollmentState.OPEN, CodeState.PENDING)
