"""Two of the practice decide one claim, and the patient refuses it, at the same moment: it is decided once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from accounts.models import AccessLevel, Account, EndReason, PatientAccess
from enrollment import claims, codes, ending
from enrollment.models import CodeKind, Enrollment, Handover, IdSeen
from tests.enrollment.carers import enroll, typed
from tests.enrollment.test_at_once import a_browser, at_once, nobody_yet
from tests.people import ANNA, a_practice, a_request, a_token_for, front_desk, mail, path_of, trail

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("throng")


def a_claim(practice: Practice) -> Enrollment:
    token, claimant = a_token_for(practice, nobody_yet()), nobody_yet(1)
    enroll(a_browser(practice), replace(token, email=claimant.email), typed(ANNA, "caregiver"))
    return Enrollment.objects.get(code=token.code)


def approved(run: Enrollment, by: Account, practice: Practice) -> bool:
    try:
        claims.approve(journey=run, by=by, id_seen=IdSeen.PASSPORT, level=AccessLevel.VIEW, request=a_request(practice))
    except claims.NoClaim:
        return False
    return True


def declined(run: Enrollment, by: Account, practice: Practice) -> bool:
    try:
        claims.decline(journey=run, by=by, reason="nobody knows them", request=a_request(practice))
    except claims.NoClaim:
        return False
    return True


def refused(practice: Practice, link: str) -> int:
    browser = a_browser(practice)
    browser.get(path_of(link))
    return int(browser.post("/not-me/").status_code)


def test_approve_and_decline(practice: Practice) -> None:
    desks = [front_desk(practice, f"desk-{number}") for number in range(2)]
    for _ in range(5):
        run = a_claim(practice)
        did = at_once(partial(approved, run, desks[0], practice), partial(declined, run, desks[1], practice))
        assert sorted(did) == [False, True]
        state = PatientAccess.objects.get(record=run.record).state
        assert state == ("active" if did[0] else "ended")


def test_two_approve(practice: Practice) -> None:
    desks = [front_desk(practice, f"desk-{number}") for number in range(2)]
    run = a_claim(practice)
    assert sorted(at_once(*(partial(approved, run, desk, practice) for desk in desks))) == [False, True]
    assert trail(practice, "claim.approved") == [str(run.pk)]


def test_approve_and_refuse(practice: Practice) -> None:
    """Whoever comes first: in the end it does not open the record."""
    desk = front_desk(practice)
    for _ in range(5):
        run = a_claim(practice)
        link = str(mail("proxy_claimed", to=run.record.email)[0]["refuse"])
        at_once(partial(approved, run, desk, practice), partial(refused, practice, link))
        assert PatientAccess.objects.get(record=run.record).state in {"ended", "suspended"}


def test_approve_and_end_a_claim_whose_code_was_replaced(practice: Practice) -> None:
    """The code is not among the live ones any more, and both want it, its journey and the access."""
    desk = front_desk(practice)
    for _ in range(10):
        run = a_claim(practice)
        codes.issue(
            chart=run.record, kind=CodeKind.TOKEN, handover=Handover.MAILED, by=None
        )  # the patient's new letter
        claim = PatientAccess.objects.select_related("record", "account").get(record=run.record)
        refuse = partial(ending.end, claim=claim, because=EndReason.REFUSED, by=None, request=a_request(practice))
        _did, ended = at_once(partial(approved, run, desk, practice), refuse)
        assert ended
        assert PatientAccess.objects.get(record=run.record).state == "ended"
