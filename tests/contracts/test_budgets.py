"""What a page may cost the database and the line: the limits that `make bench` measures against (bench/goals.py)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agreements import terms
from bench import walks
from bench.goals import GOALS
from tests import people
from tests.people import Browser

Walk = Callable[[list[walks.Step]], list[walks.Taken]]


@pytest.fixture
def enrolled(committed_db: None) -> tuple[list[walks.Taken], list[walks.Taken]]:
    """An enrollment, and then a sign-in of the same patient in another browser, in a process that is warm.

    With real commits: inside a test's transaction every transaction of the page would be a savepoint.
    """
    practice = people.a_practice()
    shown = terms.current(practice, "en").ids
    strangers = walks.patients(practice, 2)
    for patient in strangers:
        enrollment = walks.take(Browser(practice), walks.enrollment(patient, shown))
    return enrollment, walks.take(Browser(practice), walks.sign_in(strangers[1].email))


def test_pages_keep_to_their_budgets(enrolled: tuple[list[walks.Taken], list[walks.Taken]]) -> None:
    enrollment, sign_in = enrolled
    page, password = sign_in[0], sign_in[3]
    limits = [(page, "sign_in_page.queries"), (password, "password_step.queries")]
    limits += [(taken, "enrollment.queries") for taken in [*enrollment, *sign_in]]
    over = [f"{taken.step}: {taken.queries}" for taken, key in limits if len(taken.queries) > GOALS[key].limit]
    assert over == []
    too_long = [
        f"{taken.step}: {taken.html} KB"
        for taken in [*enrollment, *sign_in]
        if taken.html > GOALS["sign_in_page.html"].limit
    ]
    assert too_long == []


def test_verifying_an_email_keeps_to_the_budget(committed_db: None) -> None:
    practice = people.a_practice()
    [patient] = walks.patients(practice, 1)
    browser = Browser(practice)
    walks.take(browser, walks.enrollment(patient, terms.current(practice, "en").ids))
    link = people.path_of(people.mail("enrollment_complete", to=patient.email)[0]["link"])
    taken = walks.take(browser, walks.verify_email(link))
    over = [f"{one.step}: {one.queries}" for one in taken if len(one.queries) > GOALS["enrollment.queries"].limit]
    assert over == []
