"""The attacker: measures how long the pages of getting back in take, with names, links and tokens of others.

What cannot be measured in a test is compared: statements, and when an answer that waits is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import reset_links
from enrollment import numbers
from guard import even
from guard.secrets import new_secret
from tests.attacks.test_dead_number_is_no_oracle import time_passes
from tests.attacks.test_time_tells_nothing import KNOWN
from tests.enrollment.reset_kit import a_reset_token, an_owner
from tests.enrollment.test_wrong_answers import shape
from tests.people import MARIA, Browser, a_practice, a_request, an_account

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def shapes(browser: Browser, method: str, path: str, **typed: str) -> list[str]:
    """What a request runs."""
    with CaptureQueriesContext(connection) as queries:
        getattr(browser, method)(path, typed)
    return [shape(query["sql"]) for query in queries.captured_queries]


def test_made_up_reset_link_runs_the_same_statements_whoever_has_the_number(practice: Practice) -> None:
    """Where there is a link of that account, too."""
    seen = []
    asked, known = an_account(practice), an_account(practice, name="no-link-yet")
    reset_links.send(account=asked, request=a_request(practice), by=None)
    for number in (asked.pk, known.pk, 10**15, 10**17):
        browser = Browser(practice)
        browser.get(f"/reset-password/{number}/{new_secret()}/")
        seen.append([shapes(browser, method, "/reset-password/") for method in ("get", "post")])
    assert all(one == seen[0] for one in seen)


@pytest.mark.parametrize("page", ["/forgot-password/", "/forgot-username/"])
@pytest.mark.parametrize("case", ["nobody", "verified", "claimed by one"])
def test_asking_to_get_back_in_is_answered_at_the_same_time(
    practice: Practice, page: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    KNOWN[case](practice)
    now = [1000.0]
    monkeypatch.setattr(even, "monotonic", lambda: now[0])
    monkeypatch.setattr(even, "sleep", lambda seconds: now.append(now[0] + seconds))
    assert Browser(practice).post(page, {"name": MARIA.email, "email": MARIA.email}).url == f"{page}sent/"
    assert now[1:] == [1000.0 + reset_links.ANSWERED_AFTER]


@pytest.mark.parametrize("wrong", [{"username": "somebody"}, {"birth_date": "01/02/1950"}])
def test_printed_reset_token_runs_the_same_statements_as_an_unknown_number(
    practice: Practice, wrong: dict[str, str]
) -> None:
    """Also for one that is another practice's, with all that belongs to it."""
    here, elsewhere = a_reset_token(an_owner(practice)), a_reset_token(an_owner(a_practice("oak"), name="maria.of.oak"))
    tries = [
        here.typed(**wrong),
        here.typed(**wrong, token=numbers.show(numbers.make())),
        elsewhere.typed(),
        here.typed(username="nobody.at.all"),
    ]
    seen = []
    for number, typed in enumerate(tries):
        time_passes(minutes=21)
        browser = Browser(practice, address=f"203.0.113.{number}")
        browser.get("/reset-token/")
        seen.append(shapes(browser, "post", "/reset-token/", **typed))
    assert all(one == seen[0] for one in seen)
