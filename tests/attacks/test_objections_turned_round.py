"""The attacker: reads the mailbox, begins a reset himself, and presses **This wasn't me** in the message about it.

A reset that only waits has changed nothing: objecting to it stops it, and is no weapon against the owner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from accounts.models import Account, AccountChange, PatientAccess
from enrollment.models import EnrollmentCode, Handover
from enrollment.tasks import close_accounts
from guard.models import Tally
from staff import lifting
from staff.lifting import Block
from tests.accounts.getting_back import RESET, Comeback, months_old, objects, passes
from tests.accounts.options_kit import an_app
from tests.enrollment.account_reset_kit import a_record_elsewhere
from tests.people import (
    A_CHILD,
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    a_proxy,
    a_token,
    an_account,
    an_option,
    front_desk,
    h1,
    mail,
    path_of,
)
from tests.verification.codes_kit import pause_ends
from verification import changes

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HER_PHONE = "+12125550142"
HIS, HERS = "Reads-mail-66", "Hers-alone-77"
OTHER = "maria.new@example.com"
WAIT = "/reset-password/wait/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=HER_PHONE)))
    an_option(account, HER_PHONE)
    months_old(account)
    return account


@pytest.fixture
def ex(practice: Practice, maria: Account) -> Comeback:
    """With a link of hers, and a password of his that does not count yet."""
    browser = Comeback(practice, address="203.0.113.66")
    browser.begin(password=HIS)
    return browser


def not_me(notice: str) -> str:
    return path_of(mail(notice, to=MARIA.email)[-1]["not_me"])


def signs_in(practice: Practice, account: Account) -> Comeback:
    """In full, which cancels what waits."""
    pause_ends(account)
    Tally.objects.filter(limit="code_sends").delete()
    browser = Comeback(practice)
    browser.sign_in(account.sign_in_name)
    assert browser.type_code(HER_PHONE).status_code == 302
    return browser


def test_link_of_a_reset_that_she_cancelled_takes_nothing_of_hers_back(
    practice: Practice, maria: Account, ex: Comeback
) -> None:
    ex.post(RESET)
    link = not_me("account_reset_asked")
    hers = signs_in(practice, maria)
    typed = {"current_password": PASSWORD, "password": HERS, "confirm_password": HERS}
    assert hers.post("/settings/password/", typed).url == "/settings/"
    hers.post("/settings/email/", {"email": OTHER})
    hers.get(path_of(mail("verify_email", to=OTHER)[-1]["link"]))
    assert hers.post("/verify-email/").url == "/verify-email/done/"
    passes(days=5)
    ex.get(link)
    assert h1(ex.get("/not-my-change/")) == "This reset is off already"
    ex.post("/not-my-change/")
    maria.refresh_from_db()
    assert (maria.email, maria.check_password(HERS)) == (OTHER, True)


def test_stopping_his_own_reset_keeps_her_from_nothing(practice: Practice, maria: Account, ex: Comeback) -> None:
    hers = signs_in(practice, maria)
    ex.begin(password=HIS)
    ex.post(RESET)
    objects(practice, not_me("account_reset_asked"))
    assert not changes.was_stopped(maria)
    assert hers.get("/settings/").status_code == 200, "she is signed in still"
    assert hers.post("/settings/email/", {"email": OTHER}).status_code == 302
    assert mail("verify_email", to=OTHER)


def test_nobody_begins_another_for_seven_days_but_the_desk_lets_them(
    practice: Practice, maria: Account, ex: Comeback
) -> None:
    a_record_elsewhere(maria)
    ex.post(RESET)
    objects(practice, not_me("account_reset_asked"))
    pause_ends(maria)
    ex.begin(password=HIS)
    ex.post(RESET)
    assert len(mail("account_reset_asked", to=MARIA.email)) == 1
    claim, clerk = PatientAccess.objects.get(account=maria, practice=practice), front_desk(practice)
    assert Block.STOP in lifting.blocks(maria)
    assert lifting.objection(Block.STOP, claim, clerk, practice) is None, "it changes no option"
    AccountChange.objects.update(stopped_at=F("stopped_at") - timedelta(days=7))
    assert lifting.blocks(maria) == []


def test_waiting_is_begun_three_times_a_week_at_most(practice: Practice, maria: Account, ex: Comeback) -> None:
    an_app(maria)
    for _ in range(5):
        ex.post(WAIT)
        signs_in(practice, maria)
    assert len(mail("password_reset_waits", to=HER_PHONE)) == 3


@pytest.mark.parametrize("first", [RESET, WAIT])
def test_any_of_her_messages_ends_his_way_back_once_the_account_is_closed(
    practice: Practice, maria: Account, ex: Comeback, first: str
) -> None:
    """She presses the first text that she finds, which is about a reset that she cancelled."""
    if first == WAIT:
        an_app(maria)
    ex.post(first)
    link = not_me("account_reset_asked" if first == RESET else "password_reset_waits")
    signs_in(practice, maria)
    passes(hours=1)
    pause_ends(maria)
    ex.begin(password=HIS)
    ex.post(RESET)
    passes(days=2)
    close_accounts()
    objects(practice, link)
    codes = EnrollmentCode.objects.filter(handover=Handover.RESET)
    assert list(codes.values_list("state", flat=True)) == ["revoked"]


def test_parent_resets_no_teenagers_password_with_the_parents_phone(practice: Practice) -> None:
    today = practice.today()
    chart = a_chart(practice, A_CHILD, birth_date=today.replace(year=today.year - 15, day=1), mobile_e164=HER_PHONE)
    father, lily = a_proxy(chart, name="father"), a_proxy(chart, name="lily", relationship="self")
    Account.objects.filter(pk__in=[father.pk, lily.pk]).update(email="family@example.com")
    for account in (father, lily):
        an_option(account, HER_PHONE)
    months_old(lily)
    his = Comeback(practice)
    his.ask(lily.sign_in_name)
    his.open_link(path_of(mail("password_reset_link", to="family@example.com")[-1]["link"]))
    his.choose(HIS)
    assert his.post("/reset-password/check/").url == "/reset-password/record/"
    assert mail("code", to=HER_PHONE) == []
    his.open_link(path_of(mail("password_reset_link", to="family@example.com")[-1]["link"]))
    lily.refresh_from_db()
    assert not lily.check_password(HIS)
