from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guard import limits, tallies
from guard.limits import Limit, Rule
from guard.models import Tally
from guard.secrets import new_secret

THREE = Limit("test_three", 3, timedelta(hours=1), "Three.", "For the tests.")
MANY = Limit("test_many", 1000, timedelta(hours=2), "Many.", "For the tests.")


def windows_end() -> None:
    Tally.objects.update(resets_at=Now() - timedelta(seconds=1))


def counts() -> dict[str, int]:
    return dict(Tally.objects.values_list("limit", "count"))


@pytest.mark.django_db
def test_three_are_allowed_and_the_fourth_is_told_when_to_come_back() -> None:
    assert [limits.spend((THREE, "a")).allowed for _ in range(3)] == [True, True, True]
    refused = limits.spend((THREE, "a"))
    assert not refused.allowed
    assert refused.retry_at is not None
    assert timedelta(minutes=59) < refused.retry_at - timezone.now() <= timedelta(hours=1)


@pytest.mark.django_db
def test_subjects_are_counted_apart_and_kept_unreadable() -> None:
    for _ in range(3):
        limits.spend((THREE, "sam@example.com"))
    assert limits.spend((THREE, "ana@example.com")).allowed
    assert all(b"sam" not in bytes(tally.subject) and len(tally.subject) == 32 for tally in Tally.objects.all())


@pytest.mark.django_db
def test_the_window_begins_anew_when_it_is_over() -> None:
    for _ in range(4):
        limits.spend((THREE, "a"))
    windows_end()
    assert [limits.spend((THREE, "a")).allowed for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_a_refused_try_uses_up_nothing_that_others_share() -> None:
    for _ in range(10):
        limits.spend((THREE, "one address"), (MANY, "whole practice"))
    assert counts() == {"test_three": 3, "test_many": 3}


@pytest.mark.django_db
def test_the_last_of_the_limits_in_the_way_says_when() -> None:
    one = Limit("test_one", 1, timedelta(days=1), "One.", "For the tests.")
    spends = [limits.spend((one, "a"), (THREE, "a")) for _ in range(2)]
    assert spends[0].allowed
    assert spends[1].retry_at is not None
    assert spends[1].retry_at - timezone.now() > timedelta(hours=23)


@pytest.mark.django_db
def test_several_uses_are_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        limits.spend((THREE, "a"), (MANY, "b"), (MANY, "c"))


@pytest.mark.django_db
def test_the_same_use_twice_counts_once() -> None:
    limits.spend((THREE, "a"), (THREE, "a"))
    assert counts() == {"test_three": 1}


@pytest.mark.django_db
def test_nothing_to_spend_is_allowed() -> None:
    assert limits.spend().allowed


@pytest.mark.django_db
def test_forgiving_forgets_only_what_is_named() -> None:
    for _ in range(3):
        limits.spend((THREE, "a"), (MANY, "a"))
    limits.forgive((THREE, "a"))
    assert counts() == {"test_many": 3}
    assert limits.spend((THREE, "a")).allowed


@pytest.mark.django_db
def test_purge_takes_what_is_over() -> None:
    limits.spend((THREE, "a"), (MANY, "a"))
    assert limits.purge() == 0
    windows_end()
    assert limits.purge() == 2


def test_spending_inside_a_transaction_is_refused(committed_db: None) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        limits.spend((THREE, new_secret()))


def at_once(number: int, act: Callable[[int], bool]) -> list[bool]:
    """Run `act` in so many threads; each gives its connection back."""

    def run(index: int) -> bool:
        try:
            return act(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_of_fifty_at_once_exactly_ten_are_allowed(committed_db: None) -> None:
    ten = Limit("test_ten", 10, timedelta(hours=1), "Ten.", "For the tests.")
    subject = new_secret()
    allowed = at_once(50, lambda _: limits.spend((ten, subject)).allowed)
    assert allowed.count(True) == 10


def test_many_spending_the_same_pairs_in_any_order_never_wait_in_a_circle(committed_db: None) -> None:
    subjects = [new_secret() for _ in range(6)]

    def spend(index: int) -> bool:
        order = subjects[index % 6 :] + subjects[: index % 6]
        return all(limits.spend(*((MANY, subject) for subject in order)).allowed for _ in range(5))

    assert all(at_once(24, spend))
    digests = [tallies._subject(MANY, subject) for subject in subjects]
    assert set(Tally.objects.filter(subject__in=digests).values_list("count", flat=True)) == {120}


def test_what_was_spent_outlives_the_refusal(committed_db: None) -> None:
    subject, tries = new_secret(), count()

    def page() -> None:
        limits.spend((THREE, subject))
        with transaction.atomic():
            next(tries)
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            page()
    assert next(tries) == 3
    assert not limits.spend((THREE, subject)).allowed


@pytest.mark.django_db
def test_what_is_given_back_may_be_spent_again_once() -> None:
    for _ in range(3):
        limits.spend((THREE, "a"))
    limits.give_back((THREE, "a"))
    assert [limits.spend((THREE, "a")).allowed for _ in range(2)] == [True, False]


@pytest.mark.django_db
def test_giving_back_is_for_its_own_limit_and_subject() -> None:
    limits.spend((THREE, "a"), (MANY, "a"))
    limits.spend((THREE, "b"))
    limits.give_back((THREE, "a"), (THREE, "nobody"))
    assert sorted(Tally.objects.values_list("limit", "count")) == [
        ("test_many", 1),
        ("test_three", 0),
        ("test_three", 1),
    ]


@pytest.mark.django_db
def test_giving_back_what_was_not_spent_makes_no_room() -> None:
    limits.spend((THREE, "a"))
    for _ in range(5):
        limits.give_back((THREE, "a"))
    assert [limits.spend((THREE, "a")).allowed for _ in range(4)] == [True, True, True, False]
    limits.give_back()
    assert counts() == {"test_three": 3}


def test_many_at_once_spend_and_give_back_and_nothing_is_lost(committed_db: None) -> None:
    subjects = [new_secret() for _ in range(4)]

    def both(index: int) -> bool:
        order = subjects[index % 4 :] + subjects[: index % 4]
        for _ in range(5):
            limits.spend(*((MANY, subject) for subject in order))
            limits.give_back(*((MANY, subject) for subject in reversed(order)))
        return True

    assert all(at_once(16, both))
    digests = [tallies._subject(MANY, subject) for subject in subjects]
    assert list(Tally.objects.filter(subject__in=digests).values_list("count", flat=True)) == [0] * 4


def test_every_limit_has_its_rule_and_reason_and_its_own_name() -> None:
    table: list[Limit | Rule] = [*limits.ALL, *limits.RULES]
    named = {value for value in vars(limits).values() if isinstance(value, Limit)}
    assert named == set(limits.ALL)
    assert len({entry.name for entry in table}) == len(table)
    assert all(entry.rule.endswith(".") and entry.reason.endswith(".") for entry in table)


def test_the_docs_print_the_table_as_it_is() -> None:
    printed = (settings.BASE_DIR / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    table: list[Limit | Rule] = [*limits.ALL, *limits.RULES]
    rows = [f"| `{entry.name}` | {entry.rule} | {entry.reason} |" for entry in table]
    assert printed[-len(rows) :] == rows


def test_every_limit_is_spent_somewhere() -> None:
    """A limit that nothing spends would promise what is not done."""
    apps = [settings.BASE_DIR / app for app in ("accounts", "enrollment", "verification", "notifications", "staff")]
    code = "\n".join(file.read_text(encoding="utf-8") for app in apps for file in app.rglob("*.py"))
    assert [limit.name for limit in limits.ALL if f"limits.{limit.name.upper()}" not in code] == []
