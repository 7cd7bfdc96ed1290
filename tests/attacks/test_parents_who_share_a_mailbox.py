"""The attacker: a parent who reads the mailbox that both share, and wants the other parent out (rule 12)."""

from __future__ import annotations

import pytest

from accounts.models import AccessState, Account, PatientAccess
from enrollment import access_notices, claims
from enrollment.named_proxy import NamedProxy
from practices.models import PatientRecord, Practice
from tests.enrollment.carers import a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.people import A_CHILD, HER_FATHER, Browser, a_chart, a_practice, a_token, front_desk, h1, mail, opens, trail
from tests.staff.kit import a_manager, at_work

pytestmark = pytest.mark.django_db
SHARED = "maria@example.com"  # on the child's record
PAGE = "/not-my-proxy/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def child(practice: Practice) -> PatientRecord:
    return a_chart(practice, A_CHILD)


def a_father(child: PatientRecord) -> tuple[NamedProxy, Account]:
    """Named by the desk, handed a token, and in."""
    named = a_named_proxy(child, HER_FATHER)
    enroll(Browser(child.practice), in_hand(a_code_for(named), HER_FATHER.email), typed(HER_FATHER))
    account = Account.objects.get(email=HER_FATHER.email)
    assert opens(account, child)
    return named, account


def press(named: NamedProxy) -> Browser:
    """**This wasn't me**, by the link that every address of the child's record was told."""
    browser = Browser(named.practice)
    browser.get(f"{PAGE}{named.pk}/{access_notices.secret_of(named)}/")
    assert browser.post(PAGE).url == PAGE
    assert h1(browser.get(PAGE)) == "The access is stopped"
    return browser


def test_other_parent_is_stopped_until_the_practice_looked_and_not_put_out_for_good(
    child: PatientRecord, practice: Practice
) -> None:
    named, father = a_father(child)
    press(named)
    mine = PatientAccess.objects.get(account=father)
    assert (mine.state, mine.ended_at) == (AccessState.SUSPENDED, None)
    assert not opens(father, child), "and nothing is open meanwhile"
    assert trail(practice, "access.suspended") == [str(mine.pk)]
    assert trail(practice, "access.ended") == []
    assert [one["reference"] for one in mail("call_practice_in", to=practice.email)] == [mine.pk]
    assert [one["reference"] for one in mail("proxy_stopped", to=practice.email)] == [named.pk]


def test_desk_opens_it_again_and_the_old_link_stops_it_no_more(child: PatientRecord, practice: Practice) -> None:
    named, father = a_father(child)
    front_desk(practice)
    browser = press(named)
    mine = PatientAccess.objects.get(account=father)
    desk, _key = at_work(a_manager(practice), practice)
    said = {"id_seen": "passport", "reason": "mistake"}
    assert desk.post(f"/staff/access/{mine.pk}/lift/", said).status_code == 302
    assert opens(father, child)
    browser.post(PAGE)
    assert opens(father, child)


def test_pressed_twice_stops_and_tells_once(child: PatientRecord, practice: Practice) -> None:
    named, _father = a_father(child)
    press(named).post(PAGE)
    assert len(mail("call_practice_in")) == 1
    assert len(trail(practice, "objection.raised")) == 1


def test_who_was_named_and_is_not_in_yet_gets_in_no_more(child: PatientRecord, practice: Practice) -> None:
    named = a_named_proxy(child, HER_FATHER)
    code = a_code_for(named)
    press(named)
    assert h1(Browser(practice).type_token(in_hand(code, HER_FATHER.email))) == "This code was canceled"
    assert not PatientAccess.objects.filter(record=child).exists()


def test_other_peoples_accesses_stay(child: PatientRecord, practice: Practice) -> None:
    named, _father = a_father(child)
    other = a_named_proxy(child)
    enroll(Browser(practice), in_hand(a_code_for(other), "mother@example.com"), typed())
    press(named)
    assert opens(Account.objects.get(email="mother@example.com"), child)


def test_claim_that_never_opened_is_ended_as_before(child: PatientRecord, practice: Practice) -> None:
    enroll(Browser(practice), a_token(child), typed(HER_FATHER))
    [run] = claims.waiting(practice)
    assert run.proxy is not None
    press(run.proxy)
    assert PatientAccess.objects.get(record=child).state == AccessState.ENDED
