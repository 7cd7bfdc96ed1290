"""The attacker: measures how long answers take. What cannot be measured in a test is compared: hashes and statements.

`make bench ARGS=timing` measures it (docs/decisions/0018-scale-and-equal-time.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts import sign_in_links
from accounts.models import Account, SignInState
from audit.models import AuditEvent
from enrollment import numbers
from enrollment.models import CodeState, FailedMatch
from guard import even, limits, passwords
from guard.models import Tally
from guard.secrets import new_secret
from tests.attacks.test_dead_number_is_no_oracle import ENDS, time_passes
from tests.enrollment.test_wrong_answers import seen_by, shape
from tests.guard.test_passwords import hashes_of
from tests.hashing import QuickArgon2
from tests.people import MARIA, PASSWORD, Browser, Token, a_practice, a_token_for, an_account, someone_like, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.models import Practice

pytestmark = pytest.mark.django_db
WRONG = "Not-the-password-1"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def claims(practice: Practice, email: str, count: int) -> None:
    """Several accounts that claim one email, each with a password of its own."""
    for number in range(count):
        an_account(practice, someone_like(MARIA, email=email), password=f"Kite-no-{number}-flies", verified=False)


def lost(practice: Practice, email: str) -> None:
    """One account holds the email, two lost it."""
    claims(practice, email, 3)
    Account.objects.filter(sign_in_name=email).update(sign_in_state=SignInState.LOST)
    Account.objects.filter(pk=Account.objects.filter(sign_in_name=email)[0].pk).update(sign_in_state=SignInState.HELD)


KNOWN: dict[str, Callable[[Practice], object]] = {
    "nobody": lambda _practice: None,
    "verified": an_account,
    "claimed by one": lambda practice: claims(practice, MARIA.email, 1),
    "claimed by three": lambda practice: claims(practice, MARIA.email, 3),
    "lost by two": lambda practice: lost(practice, MARIA.email),
}


@pytest.mark.parametrize("case", KNOWN)
def test_wrong_password_costs_one_hash_however_many_accounts_have_the_name(
    practice: Practice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    KNOWN[case](practice)
    salts = hashes_of(monkeypatch)
    assert "do not match" in words(Browser(practice).sign_in(MARIA.email, WRONG))
    assert len(salts) == 1


def test_wrong_password_runs_the_same_statements_whoever_has_the_name(practice: Practice) -> None:
    seen = []
    for make in KNOWN.values():
        make(practice)
        browser = Browser(practice)
        browser.post("/", {"name": MARIA.email})
        with CaptureQueriesContext(connection) as queries:
            browser.post("/password/", {"password": WRONG})
        seen.append([shape(query["sql"]) for query in queries.captured_queries])
        Account.objects.update(sign_in_name=F("id"))
        Tally.objects.all().delete()
    assert all(one == seen[0] for one in seen)


def test_each_of_three_who_claim_an_email_signs_in_with_their_own_password(practice: Practice) -> None:
    claims(practice, MARIA.email, 3)
    for number in range(3):
        browser = Browser(practice)
        browser.sign_in(MARIA.email, f"Kite-no-{number}-flies")
        assert browser.is_signed_in


@pytest.mark.parametrize("others", [0, 1, 3])
def test_new_account_costs_one_hash_however_many_claim_its_email(
    practice: Practice, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims(practice, MARIA.email, others)
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    salts = hashes_of(monkeypatch)
    assert browser.create_account().url == "/enroll/done/"
    assert len(salts) == 1


def test_hash_with_other_numbers_is_made_anew_under_the_same_salt(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = an_account(practice)
    monkeypatch.setattr(QuickArgon2, "time_cost", 3)
    assert Browser(practice).sign_in(MARIA.email).url == "/home/"
    renewed = Account.objects.get(pk=account.pk).password
    assert "t=3" in renewed
    assert passwords.salt_of(MARIA.email) == passwords.PortalArgon2().decode(renewed)["salt"]
    assert passwords.whose(PASSWORD, [renewed]) == [True]


# --- Tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ENDS)
def test_each_of_twelve_wrong_answers_runs_the_same_statements_as_for_an_unknown_number(
    practice: Practice, end: str
) -> None:
    unknown = Token(a_token_for(practice).code, numbers.make(), a_token_for(practice).chart, MARIA.email)
    seen = [
        [statements(practice, token, day) for day in range(1, 13)]
        for token in (unknown, ENDS[end](a_token_for(practice)))
    ]
    assert seen[0] == seen[1]


def statements(practice: Practice, token: Token, day: int) -> list[str]:
    """What a wrong answer runs, long after the one before."""
    time_passes(minutes=21)
    browser = Browser(practice, address=f"203.0.113.{day}")
    browser.accept_terms()
    browser.get("/enroll/token/")
    shapes, _answer = seen_by(browser, token.typed(birth_date=f"01/{day:02}/1950"))
    return shapes


def test_trail_says_that_a_number_nobody_has_was_locked(practice: Practice) -> None:
    unknown = Token(a_token_for(practice).code, numbers.make(), a_token_for(practice).chart, MARIA.email)
    for day in range(1, 11):
        statements(practice, unknown, day)
    found = AuditEvent.objects.filter(event__in=["code.locked", "code.revoked"], practice_id=practice.pk)
    assert list(found.values_list("event", "subject_id")) == [("code.locked", ""), ("code.locked", "")]
    assert FailedMatch.objects.count() == limits.WRONG_ANSWERS_REVOKE


def test_tenth_wrong_answer_leaves_a_used_code_used(practice: Practice) -> None:
    token = ENDS["used"](a_token_for(practice))
    for day in range(1, 11):
        statements(practice, token, day)
    assert token.now().state == CodeState.REDEEMED


# --- Links ------------------------------------------------------------------------------------------------------------


def test_made_up_link_for_this_browser_runs_the_same_statements_whoever_has_the_number(practice: Practice) -> None:
    seen = []
    for number in (an_account(practice).pk, 10**15, 10**17):
        browser = Browser(practice)
        browser.get(f"/this-browser/{number}/{new_secret()}/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.post("/this-browser/").status_code == 404
        seen.append([shape(query["sql"]) for query in queries.captured_queries])
    assert seen[0] == seen[1] == seen[2]


def test_number_that_no_account_can_have_finds_nothing(practice: Practice) -> None:
    browser = Browser(practice)
    browser.get(f"/this-browser/{10**30}/{new_secret()}/")
    assert browser.post("/this-browser/").status_code == 404


@pytest.mark.parametrize("case", ["nobody", "verified", "claimed by one"])
def test_asking_for_a_link_is_answered_at_the_same_time(
    practice: Practice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    KNOWN[case](practice)
    for _ in range(limits.SIGN_IN_BY_NAME.count):
        limits.spend((limits.SIGN_IN_BY_NAME, MARIA.email))
    browser = Browser(practice)
    assert browser.sign_in(MARIA.email).status_code == 429
    now = [1000.0]
    monkeypatch.setattr(even, "monotonic", lambda: now[0])
    monkeypatch.setattr(even, "sleep", lambda seconds: now.append(now[0] + seconds))
    assert browser.post("/password/link/").url == "/password/link/sent/"
    assert now[1:] == [1000.0 + sign_in_links.ANSWERED_AFTER]
