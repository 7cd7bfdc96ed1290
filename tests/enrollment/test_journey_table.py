"""The journey's table, over everything that can be known: kind of code × what the practice asks × what was done."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise, product
from typing import Any

import pytest

from enrollment.journey import Known, Row, Step, may_show, next_step, steps
from enrollment.models import CodeKind

OPENS = [kind for kind in CodeKind if kind != CodeKind.RESET]  # a printed reset token opens no journey
KINDS = [None, *OPENS]
FACTS = [field.name for field in fields(Known) if field.name != "kind"]
# By the practice, by the way the code came, or because the person acts for the patient
ASKED = {"option_asked", "phone_asked", "relationship_asked", "carer_asked", "approval_asked"}
EVERYTHING = [
    Known(kind=kind, **dict(zip(FACTS, answers, strict=True)))
    for kind in KINDS
    for answers in product([False, True], repeat=len(FACTS))
]
ENDS = {CodeKind.TOKEN: Step.DONE, CodeKind.ACTIVATION: Step.HOME, CodeKind.INVITATION: Step.DONE}
LAST = {*ENDS.values(), Step.APPROVAL}
DOES = {  # what a step adds to what is known
    Step.TERMS: "terms_accepted",
    Step.TOKEN: "code_matched",
    Step.ACTIVATE: "code_matched",
    Step.INVITED: "code_matched",
    Step.ACCOUNT: "account_chosen",
    Step.WHOSE: "account_chosen",
    Step.CARER: "carer_known",
    Step.CREDENTIALS: "account_made",
    Step.PROTECT: "is_protected",
    Step.PHONE: "is_proven",
    Step.RELATIONSHIP: "relationship_known",
}


def order_of(known: Known) -> list[Step]:
    return [row.step for row in steps(known)]


def knowing(known: Known, *facts: str) -> Known:
    changes: dict[str, Any] = dict.fromkeys(facts, True)
    return replace(known, **changes)


def walked(kind: CodeKind, **asked: Any) -> list[Step]:
    """The pages of somebody who has a code of this kind, and does what each page asks."""
    known = replace(Known(**asked), kind=kind if kind == CodeKind.INVITATION else None)
    path = [next_step(known)]
    while path[-1] not in LAST:
        assert len(path) < len(Step), path
        step = path[-1]
        known = replace(known, kind=kind) if step == Step.WAY_IN else knowing(known, DOES[step])
        path.append(next_step(known))
    return path


def shown(path: list[Step]) -> str:
    return " ".join(step.removeprefix("enroll_") for step in path)


def test_every_fact_is_tried_both_ways() -> None:
    assert len(EVERYTHING) == len(set(EVERYTHING)) == len(KINDS) * 2 ** len(FACTS)


def test_reset_token_opens_no_journey() -> None:
    assert steps(Known(kind=CodeKind.RESET)) == ()


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


def test_no_record_is_open_before_each_thing_that_is_asked_for_was_done() -> None:
    for known in EVERYTHING:
        if next_step(known) in ENDS.values():
            assert known.code_matched
            assert known.account_made
            assert known.is_protected or not known.option_asked, known
            assert known.is_proven or not known.phone_asked, known
            names_nobody = known.kind == CodeKind.INVITATION and known.relationship_asked
            assert known.relationship_known or not names_nobody, known
            assert known.carer_known or not known.carer_asked or known.kind == CodeKind.INVITATION, known
            assert not known.approval_asked, known


def test_a_step_that_is_done_is_not_next() -> None:
    for known in EVERYTHING:
        step = next_step(known)
        if step in DOES:
            assert next_step(knowing(known, DOES[step])) != step, known


@pytest.mark.parametrize("kind", OPENS)
def test_pages_of_one_kind_are_never_those_of_another(kind: CodeKind) -> None:
    own = {
        CodeKind.TOKEN: {Step.TOKEN, Step.ACCOUNT},
        CodeKind.ACTIVATION: {Step.ACTIVATE, Step.WHOSE},
        CodeKind.INVITATION: {Step.INVITED, Step.RELATIONSHIP},
    }
    others = set().union(*(pages for other, pages in own.items() if other != kind))
    for known in EVERYTHING:
        if known.kind == kind:
            assert not others & {step for step in Step if may_show(step, known)}, known


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (CodeKind.TOKEN, "terms way_in token account credentials done"),
        (CodeKind.ACTIVATION, "terms way_in activate whose credentials home"),
        (CodeKind.INVITATION, "invited credentials done"),
    ],
)
def test_flows_a_b_and_c_word_for_word(kind: CodeKind, path: str) -> None:
    assert shown(walked(kind)) == path


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (CodeKind.TOKEN, "terms way_in token account carer credentials protect phone approval"),
        (CodeKind.ACTIVATION, "terms way_in activate whose carer credentials protect phone approval"),
        (CodeKind.INVITATION, "invited credentials protect phone relationship approval"),
    ],
)
def test_flows_a_b_and_c_where_everything_is_asked_for(kind: CodeKind, path: str) -> None:
    assert shown(walked(kind, **dict.fromkeys(ASKED, True))) == path


@pytest.mark.parametrize("kind", OPENS)
@pytest.mark.parametrize("answers", list(product([False, True], repeat=len(ASKED))))
def test_what_is_not_asked_for_is_no_step(kind: CodeKind, answers: tuple[bool, ...]) -> None:
    asked = dict(zip(sorted(ASKED), answers, strict=True))
    path = walked(kind, **asked)
    assert (Step.PROTECT in path) == asked["option_asked"]
    assert (Step.PHONE in path) == asked["phone_asked"]
    assert (Step.RELATIONSHIP in path) == (asked["relationship_asked"] and kind == CodeKind.INVITATION)
    assert (Step.CARER in path) == (asked["carer_asked"] and kind != CodeKind.INVITATION)
    assert path[-1] == (Step.APPROVAL if asked["approval_asked"] else ENDS[kind])


@pytest.mark.parametrize("kind", OPENS)
def test_step_is_asked_once_and_its_label_stands_in_the_indicator(kind: CodeKind) -> None:
    rows: tuple[Row, ...] = steps(knowing(Known(kind=kind), *ASKED))
    assert len({row.step for row in rows}) == len(rows)
    assert all(str(row.label) for row in rows)
    assert rows[-1].step == ENDS[kind]


@pytest.mark.parametrize("kind", OPENS)
def test_count_of_steps_does_not_change_on_the_way(kind: CodeKind) -> None:
    """The indicator says "Step 3 of 7" and does not take it back."""
    for asked in product([False, True], repeat=len(ASKED)):
        known = knowing(
            Known(kind=kind), *(fact for fact, is_asked in zip(sorted(ASKED), asked, strict=True) if is_asked)
        )
        counts = {len(steps(knowing(known, fact))) for fact in set(FACTS) - ASKED}
        assert counts == {len(steps(known))}


def test_before_a_kind_is_chosen_only_what_both_typed_kinds_share_is_shown() -> None:
    assert order_of(Known()) == [
        step for step in order_of(Known(kind=CodeKind.TOKEN)) if step in order_of(Known(kind=CodeKind.ACTIVATION))
    ]


def test_chosen_order_never_goes_backward() -> None:
    for known in EVERYTHING:
        whole = list(Step)
        positions = [whole.index(step) for step in order_of(known)]
        assert all(here < later for here, later in pairwise(positions)), known
