"""**Forgive the wrong codes**, for whom somebody at their mailbox used up the codes that confirm a new password."""

from __future__ import annotations

import pytest

from accounts.models import Account, PatientAccess
from audit.events import Event
from guard import limits
from practices.models import Practice
from tests.accounts.getting_back import CREATE, NEW, Comeback, months_old
from tests.enrollment.reset_kit import Forgetful, a_reset_token
from tests.people import (
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_token,
    an_account,
    an_option,
    mail,
    trail,
    words,
)
from tests.staff.kit import a_manager, at_work
from tests.verification.codes_kit import pause_ends
from verification import tries
from verification.models import WrongCode

pytestmark = pytest.mark.django_db
PHONE = "+12125550142"
SAID = {"id_seen": "passport", "reason": "somebody_else"}


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=PHONE)))
    an_option(account, PHONE)
    months_old(account)
    return account


def ten_wrong_ones(account: Account, *, at_reset: bool = True, number: int = limits.WRONG_AT_RESETS) -> None:
    WrongCode.objects.bulk_create(WrongCode(user=account, at_reset=at_reset) for _ in range(number))


def chart(account: Account) -> str:
    return f"/staff/patients/{PatientAccess.objects.get(account=account).record_id}/"


def page(account: Account) -> str:
    return f"/staff/access/{PatientAccess.objects.get(account=account).pk}/codes/"


def test_desk_forgives_what_the_ex_typed_and_she_gets_back_in(
    practice: Practice, maria: Account, clerk: Account, desk: Browser
) -> None:
    """He reads her mailbox, and typed ten wrong codes: two codes, five tries each."""
    ex = Comeback(practice, address="203.0.113.66")
    ex.begin(password="Reads-mail-66")
    for number in range(10):
        pause_ends(maria)
        if number == 5:
            ex.post("/second-step/code/again/")
        ex.post("/second-step/code/", {"code": "000000"})
    hers = Forgetful(practice)
    hers.type_reset_token(a_reset_token(maria, by=clerk))
    hers.post(CREATE, {"password": NEW, "confirm_password": NEW})
    pause_ends(maria)
    sent = len(mail("code", to=PHONE))
    assert "Only the practice can help now" in words(hers.post("/reset-password/check/", follow=True))
    assert len(mail("code", to=PHONE)) == sent
    assert desk.post(page(maria), SAID).url == chart(maria)
    hers.post("/reset-password/check/", follow=True)
    assert hers.type_code(PHONE).url == "/home/"
    assert Account.objects.get(pk=maria.pk).check_password(NEW)
    assert trail(practice, Event.WRONG_CODES_FORGIVEN) == [str(maria.pk)]
    assert sorted(one["to"] for one in mail("lifted_codes")) == sorted([PHONE, MARIA.email])


def test_chart_and_page_say_which_codes(maria: Account, desk: Browser) -> None:
    ten_wrong_ones(maria)
    ten_wrong_ones(maria, at_reset=False, number=3)
    seen = desk.get(chart(maria))
    assert "Wrong codes within a year 3 of 50" in words(seen)
    assert "Wrong codes at password resets, within 30 days 10 of 10" in words(seen)
    assert f'href="{page(maria)}"' in seen.content.decode()
    asked = words(desk.get(page(maria)))
    assert "A code can confirm a new password again" in asked
    assert "stay counted" not in asked


def test_chart_is_silent_of_resets_where_no_wrong_code_was_typed(maria: Account, desk: Browser) -> None:
    assert "at password resets" not in words(desk.get(chart(maria)))


def test_nine_are_nothing_to_forgive(maria: Account, desk: Browser) -> None:
    ten_wrong_ones(maria, number=limits.WRONG_AT_RESETS - 1)
    assert "Nothing that the desk could lift" in words(desk.get(chart(maria)))
    assert desk.post(page(maria), SAID).status_code == 409


@pytest.mark.parametrize(
    ("year", "leaves"),
    [(0, 0), (3, 3), (30, 30), (limits.WRONG_A_YEAR, limits.FORGIVEN_LEAVES)],
)
def test_year_is_charged_with_ten_only_where_it_was_used_up(
    maria: Account, desk: Browser, year: int, leaves: int
) -> None:
    ten_wrong_ones(maria)
    ten_wrong_ones(maria, at_reset=False, number=year)
    assert desk.post(page(maria), SAID).status_code == 302
    assert (tries.wrong_within_a_year(maria), tries.wrong_at_resets(maria)) == (leaves, 0)
    assert not tries.needs_desk(maria)


def test_both_are_said_where_both_are_used_up(maria: Account, desk: Browser) -> None:
    ten_wrong_ones(maria)
    ten_wrong_ones(maria, at_reset=False, number=limits.WRONG_A_YEAR)
    asked = words(desk.get(page(maria)))
    assert "A code can confirm a new password again" in asked
    assert "ten of the wrong ones stay counted" in asked


def test_second_time_within_a_year_is_a_managers(practice: Practice, maria: Account, desk: Browser) -> None:
    ten_wrong_ones(maria)
    desk.post(page(maria), SAID)
    ten_wrong_ones(maria)
    answer = desk.post(page(maria), SAID)
    assert answer.status_code == 409
    assert "only a manager" in words(answer)
    assert tries.are_resets_used_up(maria)
    manager, _key = at_work(a_manager(practice), practice)
    assert manager.post(page(maria), SAID).status_code == 302
    assert not tries.are_resets_used_up(maria)


def test_ten_at_resets_are_in_nobodys_way_who_knows_the_password(practice: Practice, maria: Account) -> None:
    ten_wrong_ones(maria)
    browser = Browser(practice)
    assert browser.type_code(PHONE, browser.sign_in(MARIA.email, PASSWORD).url).url == "/home/"
