"""Reset tokens that do not belong to what is typed beside them look like unknown ones; and no other page takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessState, Account, PatientAccess
from enrollment import again, codes, numbers
from enrollment.models import CodeKind, CodeState, EnrollmentCode, FailedMatch, Handover
from tests.enrollment.reset_kit import (
    PAGE,
    USERNAME,
    Forgetful,
    ResetToken,
    a_proxy_who_got_in,
    a_reset_token,
    an_owner,
    chart_of,
)
from tests.enrollment.test_wrong_answers import later, shape
from tests.people import (
    A_CHILD,
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_request,
    a_token_for,
    mail,
    trail,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from practices.models import Practice

pytestmark = pytest.mark.django_db
DO_NOT_BELONG = "do not belong together"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def owner(practice: Practice) -> Account:
    """Maria, with a username and no email, who has no security option."""
    account = an_owner(practice)
    Account.objects.filter(pk=account.pk).update(email="", email_verified_at=None)
    account.refresh_from_db()
    return account


@pytest.fixture
def token(owner: Account) -> ResetToken:
    return a_reset_token(owner)


@pytest.fixture
def browser(practice: Practice) -> Forgetful:
    return Forgetful(practice)


# --- What does not belong together, and unknown numbers ---------------------------------------------------------------


def seen_by(browser: Forgetful, typed: dict[str, str], queries: Any) -> tuple[Any, ...]:
    browser.get(PAGE)
    with queries as seen:
        answer = browser.post(PAGE, typed)
    headers = {name: value for name, value in answer.items() if name not in {"Content-Length", "Set-Cookie"}}
    shapes = [shape(query["sql"]) for query in seen.captured_queries]
    return answer.status_code, headers, without_echo(answer, typed), shapes


def without_echo(answer: HttpResponse, typed: dict[str, str]) -> str:
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    for value in typed.values():
        html = html.replace(f'value="{value}"', "")
    return re.sub(r"We read this as [^<]+", "", html)


def for_a_proxy(practice: Practice) -> ResetToken:
    proxy, account = a_proxy_who_got_in(a_chart(practice, A_CHILD))
    return a_reset_token(account, proxy=proxy, chart=proxy.record)


def ended(token: ResetToken) -> dict[str, str]:
    PatientAccess.objects.filter(record=token.code.record).update(state=AccessState.ENDED)
    return token.typed()


WRONG: dict[str, Callable[[Practice, ResetToken], dict[str, str]]] = {
    "wrong username": lambda _practice, token: token.typed(username="somebody.else"),
    "another's username": lambda practice, token: token.typed(
        username=an_owner(practice, A_STRANGER, name="sam.rivera").sign_in_name
    ),
    "wrong date": lambda _practice, token: token.typed(birth_date="01/02/1950"),
    "all of it wrong": lambda _practice, token: token.typed(
        token=numbers.show(numbers.make()), username="somebody.else", birth_date="01/02/1950"
    ),
    "another practice's": lambda _practice, _token: a_reset_token(
        an_owner(a_practice("oak"), name="maria.elsewhere")
    ).typed(),
    "a proxy's, wrong username": lambda practice, _token: for_a_proxy(practice).typed(username=USERNAME),
    "a proxy's, wrong date": lambda practice, _token: for_a_proxy(practice).typed(birth_date="01/02/1950"),
    "whose account is no more": lambda _practice, token: ended(token),
    "of a token for enrolling": lambda practice, token: token.typed(
        token=numbers.show(a_token_for(practice, A_STRANGER).number)
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_looks_and_costs_like_unknown(practice: Practice, token: ResetToken, what: str) -> None:
    unknown = token.typed(token=numbers.show(numbers.make()))
    wrong = WRONG[what](practice, token)
    answers = [seen_by(Forgetful(practice), one, CaptureQueriesContext(connection)) for one in (unknown, wrong)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert DO_NOT_BELONG in answers[0][2]


def guess(practice: Practice, token: ResetToken, *days: int) -> None:
    for day in days:
        browser = Forgetful(practice, address=f"203.0.113.{day}")
        assert DO_NOT_BELONG in words(browser.type_reset_token(token, birth_date=f"01/{day:02}/1950"))


def test_five_wrong_answers_lock_and_ten_end_it(practice: Practice, browser: Forgetful, token: ResetToken) -> None:
    guess(practice, token, 1, 2, 3, 4, 5)
    assert DO_NOT_BELONG in words(browser.type_reset_token(token))
    later(minutes=21)
    assert browser.type_reset_token(token).url == "/reset-password/"
    guess(practice, token, 6, 7, 8, 9, 10)
    assert token.now().state == CodeState.REVOKED
    assert DO_NOT_BELONG in words(browser.type_reset_token(token))


def test_each_wrong_pair_counts_once(practice: Practice, browser: Forgetful, token: ResetToken) -> None:
    for name in ("maria", "Maria", " maria "):
        browser.type_reset_token(token, username=name)
    assert FailedMatch.objects.count() == 1
    browser.type_reset_token(token, username="maria", birth_date="01/02/1950")
    assert FailedMatch.objects.count() == 2


def test_typo_costs_no_try(browser: Forgetful, token: ResetToken) -> None:
    wrong = token.number[:-1] + ("0" if token.number[-1] != "0" else "1")
    assert "This did not use up a try." in words(browser.type_reset_token(token, token=wrong))
    assert not FailedMatch.objects.exists()


# --- Other pages ------------------------------------------------------------------------------------------------------


def test_no_page_of_enrolling_takes_a_reset_token(practice: Practice, token: ResetToken, owner: Account) -> None:
    chart = chart_of(owner)
    as_token = Token(token.code, token.number, chart, "new@example.com")
    assert DO_NOT_BELONG in words(Browser(practice).type_token(as_token))
    browser = Browser(practice)
    browser.accept_terms()
    typed = {"code": numbers.show(token.number), "check": "03/12/1984"}
    assert browser.post("/enroll/activate/", typed).status_code == 200
    browser.get(f"/invitation/{token.number}/")
    invited = {"email": MARIA.email, "password": PASSWORD, "confirm_password": PASSWORD, "accept": "on"}
    assert browser.post("/enroll/invitation/", invited).status_code == 200
    browser.sign_in(USERNAME)
    assert browser.post("/settings/code/", typed).status_code == 200
    assert not trail(practice, "code.matched")
    assert token.now().state == CodeState.PENDING


def test_page_takes_no_other_token(browser: Forgetful, owner: Account) -> None:
    chart = chart_of(owner)
    for kind, handover in ((CodeKind.TOKEN, Handover.HANDED), (CodeKind.ACTIVATION, Handover.EMAILED)):
        issued = codes.issue(chart=chart, kind=kind, handover=handover, by=None)
        wrong = ResetToken(issued.code, issued.number, USERNAME)
        assert DO_NOT_BELONG in words(browser.type_reset_token(wrong))


def test_send_me_a_new_one_makes_no_good_for_it(practice: Practice, token: ResetToken, owner: Account) -> None:
    codes.revoke(token.code, by=None)
    EnrollmentCode.objects.filter(pk=token.code.pk).update(state="superseded")
    PatientAccess.objects.filter(account=owner).update(state=AccessState.ENDED)
    assert again.send(number=token.number, request=a_request(practice))
    assert not mail("activation_code")
    assert EnrollmentCode.objects.filter(kind=CodeKind.ACTIVATION).count() == 0
