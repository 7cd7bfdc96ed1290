"""An access until a day: after it nothing is open, and nothing stands in the way of who is named again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import AccessState, PatientAccess
from enrollment import growing_up
from enrollment.growing_steps import Grown
from enrollment.named_proxy import NamedProxy
from tests import people
from tests.enrollment.carers import a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.enrollment.growing_kit import ONE_DAY, TODAY
from tests.enrollment.people_kit import DAUGHTER, an_access
from tests.people import HER_FATHER, MARIA, Browser, mail

pytestmark = pytest.mark.django_db


def test_the_daily_task_ends_it_once_and_tells_whose_it_was_and_the_patient() -> None:
    practice = people.a_practice()
    chart = people.a_chart(practice, HER_FATHER)
    over = an_access(chart, ends_on=TODAY)
    stopped = an_access(chart, MARIA, ends_on=TODAY - ONE_DAY, state=AccessState.SUSPENDED)
    goes_on = an_access(chart, people.ANNA, ends_on=TODAY + ONE_DAY)
    assert growing_up.run(practice, TODAY)[Grown.OVER] == 2
    for one in (over, stopped):
        one.refresh_from_db()
        assert (one.state, one.ended_because) == (AccessState.ENDED, "over")
    goes_on.refresh_from_db()
    assert goes_on.state == AccessState.ACTIVE
    assert {one["to"] for one in mail("my_access_ended")} == {DAUGHTER.email, MARIA.email}
    assert {one["to"] for one in mail("proxy_ended")} == {HER_FATHER.email}
    before = len(mail("proxy_ended"))
    assert growing_up.run(practice, TODAY)[Grown.OVER] == 0
    assert len(mail("proxy_ended")) == before


@pytest.mark.parametrize("task", [False, True])
def test_who_was_let_in_until_a_day_gets_in_again_with_a_new_code(*, task: bool) -> None:
    practice = people.a_practice()
    chart = people.a_chart(practice, HER_FATHER)
    proxy = a_named_proxy(chart, MARIA, ends_on=TODAY + ONE_DAY)
    enroll(Browser(practice), in_hand(a_code_for(proxy), MARIA.email), typed(MARIA))
    before = PatientAccess.objects.select_related("account").get(record=chart)
    PatientAccess.objects.filter(pk=before.pk).update(ends_on=TODAY)
    NamedProxy.objects.filter(pk=proxy.pk).update(ends_on=TODAY)
    if task:
        growing_up.run(practice, TODAY)
    again = Browser(practice)
    again.type_token(in_hand(a_code_for(a_named_proxy(chart, MARIA))))
    again.post("/enroll/account/", {"whose": "other", "account": "existing"})
    again.post("/enroll/carer/", typed(MARIA))
    again.use_account(before.account.sign_in_name)
    before.refresh_from_db()
    assert (before.state, before.ended_because) == (AccessState.ENDED, "over")
    now = PatientAccess.objects.get(record=chart, state=AccessState.ACTIVE)
    assert (now.account, now.ends_on) == (before.account, None)


def test_a_day_that_has_not_passed_is_no_reason_to_come_in_twice() -> None:
    practice = people.a_practice()
    chart = people.a_chart(practice, HER_FATHER)
    mine = an_access(chart, MARIA, ends_on=TODAY + timedelta(days=2))
    again = Browser(practice)
    again.type_token(in_hand(a_code_for(a_named_proxy(chart, MARIA))))
    again.post("/enroll/account/", {"whose": "other", "account": "existing"})
    again.post("/enroll/carer/", typed(MARIA))
    again.use_account(mine.account.sign_in_name)
    mine.refresh_from_db()
    assert mine.state == AccessState.ACTIVE
    assert PatientAccess.objects.filter(record=chart).count() == 1
