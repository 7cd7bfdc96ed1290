"""The journey's table, over everything that can be known."""

from __future__ import annotations

from itertools import product

import pytest

from enrollment.journey import Known, Step, may_show, next_step, steps
from enrollment.models import CodeKind

EVERYTHING = [
    Known(terms, kind, matched, chosen, made)
    for terms, kind, matched, chosen, made in product(
        [False, True], [None, *CodeKind], [False, True], [False, True], [False, True]
    )
]


@pytest.mark.parametrize("known", EVERYTHING, ids=str)
def test_there_is_always_one_next_step_and_it_may_be_shown(known: Known) -> None:
    step = next_step(known)
    assert isinstance(step, Step)
    assert may_show(step, known)
    assert next_step(known) == step


@pytest.mark.parametrize("known", EVERYTHING, ids=str)
@pytest.mark.parametrize("step", Step)
def test_no_page_is_shown_before_its_turn(step: Step, known: Known) -> None:
    order = [row.step for row in steps(known.kind)]
    if may_show(step, known):
        assert order.index(step) <= order.index(next_step(known))
        done = [row.is_done(known) for row in steps(known.kind)[: order.index(step)]]
        assert all(done)


@pytest.mark.parametrize("known", [known for known in EVERYTHING if known.account_made], ids=str)
def test_there_is_no_way_back_once_the_account_is_made(known: Known) -> None:
    assert [step for step in Step if may_show(step, known)] == [next_step(known)]


@pytest.mark.parametrize("known", [known for known in EVERYTHING if not known.account_made], ids=str)
def test_every_page_that_was_done_may_be_seen_again_before(known: Known) -> None:
    order = [row.step for row in steps(known.kind)]
    earlier = order[: order.index(next_step(known))]
    assert all(may_show(step, known) for step in earlier)


def test_a_token_goes_through_the_pages_of_flow_a() -> None:
    path = [
        (Known(), Step.TERMS),
        (Known(terms_accepted=True), Step.WAY_IN),
        (Known(terms_accepted=True, kind=CodeKind.TOKEN), Step.TOKEN),
        (Known(terms_accepted=True, kind=CodeKind.TOKEN, code_matched=True), Step.ACCOUNT),
        (Known(True, CodeKind.TOKEN, code_matched=True, account_chosen=True), Step.CREDENTIALS),
        (Known(True, CodeKind.TOKEN, code_matched=True, account_chosen=True, account_made=True), Step.DONE),
    ]
    assert [next_step(known) for known, _ in path] == [step for _, step in path]


@pytest.mark.parametrize("kind", CodeKind)
def test_every_kind_begins_with_terms_and_ends_with_done(kind: CodeKind) -> None:
    rows = steps(kind)
    assert (rows[0].step, rows[-1].step) == (Step.TERMS, Step.DONE)
    assert len({row.step for row in rows}) == len(rows)
