"""The journey's table, over everything that can be known."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from enrollment.journey import Known, Step, may_show, next_step, steps
from enrollment.models import CodeKind

KINDS = [None, *CodeKind]
EVERYTHING = [Known(answers[0], kind, *answers[1:]) for kind, *answers in product(KINDS, *[[False, True]] * 8)]


def order_of(known: Known) -> list[Step]:
    return [row.step for row in steps(known)]


def test_there_is_always_one_next_step_and_it_may_be_shown() -> None:
    for known in EVERYTHING:
        step = next_step(known)
        assert isinstance(step, Step), known
        assert may_show(step, known), known


@pytest.mark.parametrize("step", Step)
def test_no_page_is_shown_before_its_turn(step: Step) -> None:
    for known in EVERYTHING:
        if may_show(step, known):
            order = order_of(known)
            assert order.index(step) <= order.index(next_step(known)), known
            assert all(row.is_done(known) for row in steps(known)[: order.index(step)]), known


def test_there_is_no_way_back_once_the_account_is_made() -> None:
    for known in EVERYTHING:
        if known.account_made:
            assert [step for step in Step if may_show(step, known)] == [next_step(known)], known


def test_every_page_that_was_done_may_be_seen_again_before() -> None:
    for known in EVERYTHING:
        if not known.account_made:
            order = order_of(known)
            assert all(may_show(step, known) for step in order[: order.index(next_step(known))]), known


def test_a_token_goes_through_the_pages_of_flow_a() -> None:
    chosen = Known(True, CodeKind.TOKEN, code_matched=True, account_chosen=True)
    path = [
        (Known(), Step.TERMS),
        (Known(terms_accepted=True), Step.WAY_IN),
        (Known(terms_accepted=True, kind=CodeKind.TOKEN), Step.TOKEN),
        (Known(terms_accepted=True, kind=CodeKind.TOKEN, code_matched=True), Step.ACCOUNT),
        (chosen, Step.CREDENTIALS),
        (replace(chosen, account_made=True), Step.DONE),
    ]
    assert [next_step(known) for known, _ in path] == [step for _, step in path]


def test_what_the_practice_asks_for_comes_after_the_credentials_and_before_the_end() -> None:
    made = Known(
        True, CodeKind.TOKEN, code_matched=True, account_chosen=True, account_made=True,
        option_asked=True, phone_asked=True,
    )  # fmt: skip
    protected = replace(made, is_protected=True)
    path = [made, protected, replace(protected, is_proven=True)]
    assert [next_step(known) for known in path] == [Step.PROTECT, Step.PHONE, Step.DONE]


def test_what_is_not_asked_for_is_no_step() -> None:
    assert not {Step.PROTECT, Step.PHONE} & set(order_of(Known(kind=CodeKind.TOKEN)))


@pytest.mark.parametrize("kind", CodeKind)
def test_every_kind_begins_with_terms_and_ends_with_done(kind: CodeKind) -> None:
    rows = steps(Known(kind=kind, option_asked=True, phone_asked=True))
    assert (rows[0].step, rows[-1].step) == (Step.TERMS, Step.DONE)
    assert len({row.step for row in rows}) == len(rows)
