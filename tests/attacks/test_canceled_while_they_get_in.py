"""The attacker: was invited, and presses the last button in the moment in which the invitation is taken back.

Both wait for the invited person's code, in either order: whoever is taken back is out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from accounts.models import AccessState, EndReason, PatientAccess
from enrollment import ending, naming, not_my_proxy
from enrollment.models import CodeState
from enrollment.named_proxy import NamedBy, NamedProxy
from tests.enrollment import people_kit
from tests.enrollment.carers import a_code_for, in_hand, typed, walk
from tests.enrollment.test_at_once import a_browser, nobody_yet
from tests.enrollment.test_nobody_waits_in_a_circle import a_request_from_somewhere, in_turn
from tests.people import Browser, Person, a_chart, a_practice, front_desk, mail, path_of, someone_like, trail

if TYPE_CHECKING:
    from collections.abc import Callable

    from enrollment.models import EnrollmentCode
    from practices.models import Practice

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("hurry")


@pytest.fixture
def julia() -> Person:
    return someone_like(people_kit.DAUGHTER, email=nobody_yet().email)


@pytest.fixture
def proxy(practice: Practice, julia: Person) -> NamedProxy:
    with transaction.atomic():
        chart, clerk = a_chart(practice, nobody_yet(1)), front_desk(practice)
        return naming.name(chart=chart, who=people_kit.who(julia), source=NamedBy.STAFF, by=clerk)


def gets_in(proxy: NamedProxy, julia: Person) -> tuple[EnrollmentCode, Callable[[], int]]:
    """Before the last button, with a token from the desk."""
    with transaction.atomic():
        letter = a_code_for(proxy)
    browser = a_browser(proxy.practice)
    assert walk(browser, in_hand(letter, julia.email), typed(julia, "caregiver")).status_code == 302
    return letter.code, lambda: int(browser.create_account().status_code)


def is_in(proxy: NamedProxy) -> bool:
    return PatientAccess.objects.filter(record=proxy.record_id).exclude(state=AccessState.ENDED).exists()


def test_whoever_got_in_first_is_out_again(practice: Practice, proxy: NamedProxy, julia: Person) -> None:
    code, redeem = gets_in(proxy, julia)
    with transaction.atomic():
        request = a_request_from_somewhere(practice)
    taken_back = partial(ending.withdraw, proxy=proxy, because=EndReason.BY_PATIENT, by=None, request=request)
    assert in_turn(code, redeem, taken_back) == [302, True]
    code.refresh_from_db()
    assert code.state == CodeState.REDEEMED, "they were in"
    assert not is_in(proxy)
    assert [one["to"] for one in mail("my_access_ended", to=julia.email)] == []  # never verified: nothing goes there
    assert str(PatientAccess.objects.get(record=proxy.record_id).pk) in trail(practice, "access.ended")


def test_whoever_comes_second_does_not_get_in(practice: Practice, proxy: NamedProxy, julia: Person) -> None:
    code, redeem = gets_in(proxy, julia)
    request = a_request_from_somewhere(practice)
    taken_back = partial(ending.withdraw, proxy=proxy, because=EndReason.BY_PATIENT, by=None, request=request)
    assert in_turn(code, taken_back, redeem)[0] is False
    assert not is_in(proxy)


def test_this_was_not_me_in_that_moment(practice: Practice, proxy: NamedProxy, julia: Person) -> None:
    link = path_of(mail("proxy_named", to=proxy.record.email)[0]["not_me"])
    patient: Browser = a_browser(practice)
    patient.get(link)
    assert not_my_proxy.find(proxy.pk, link.split("/")[3], practice)
    code, redeem = gets_in(proxy, julia)
    assert in_turn(code, redeem, lambda: patient.post("/not-my-proxy/").status_code) == [302, 302]
    [theirs] = PatientAccess.objects.filter(record=proxy.record_id)
    assert theirs.state == AccessState.SUSPENDED, "open to nobody, until the practice looked into it"
