"""Token numbers as they are printed, read aloud, and mistyped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment import numbers
from enrollment.numbers import ALPHABET, LENGTH, TypoError
from guard.numbers import check_character

made = st.builds(numbers.make)
places = st.integers(0, LENGTH - 1)


def is_typo(typed: str) -> bool:
    try:
        numbers.parse(typed)
    except TypoError:
        return True
    return False


@given(made)
def test_what_is_shown_reads_back(number: str) -> None:
    assert len(number) == LENGTH
    assert set(number) <= set(ALPHABET)
    assert numbers.parse(number) == numbers.parse(numbers.show(number)) == number


@given(made)
def test_every_single_wrong_character_is_a_typo(number: str) -> None:
    wrong = [
        number[:place] + other + number[place + 1 :]
        for place in range(LENGTH)
        for other in ALPHABET
        if other != number[place]
    ]
    assert all(map(is_typo, wrong))


@given(made, places)
def test_a_character_too_few_or_too_many_is_a_typo(number: str, place: int) -> None:
    assert is_typo(number[:place] + number[place + 1 :])
    assert is_typo(number[:place] + number[place] + number[place:])


@pytest.mark.parametrize(
    "look",
    [
        str.lower,
        lambda shown: shown.replace("-", " "),
        lambda shown: f"  {shown}\t",
        lambda shown: shown.replace("0", "O").replace("1", "I"),
        lambda shown: shown.replace("0", "o").replace("1", "l"),
        lambda shown: shown.replace("-", "\u2013"),
        lambda shown: shown.replace("-", "\u2014"),
        lambda shown: shown.replace("-", "\u2212"),
        lambda shown: shown.replace("-", "\u00a0"),
        lambda shown: shown.replace("-", "\u00ad"),
        "\u200b".join,
        lambda shown: "\ufeff" + shown,
        lambda shown: "\u202e" + shown,
        lambda shown: shown.translate({ord(c): ord(c) + 0xFEE0 for c in ALPHABET + "-"}),  # full-width
        ".".join,
    ],
)
@given(number=made)
def test_number_is_read_as_people_type_it(look: object, number: str) -> None:
    assert callable(look)
    assert numbers.parse(look(numbers.show(number))) == number


def test_swapped_neighbours_that_go_unseen_are_0_beside_z_alone() -> None:
    """Of the 496 pairs of different characters, one: Luhn mod N cannot tell 0Z from Z0."""
    unseen = set()
    for place in range(LENGTH - 1):
        for one in ALPHABET:
            for two in ALPHABET:
                body = ["7"] * (LENGTH - 1)
                if one == two:
                    continue
                if place < LENGTH - 2:
                    body[place], body[place + 1] = one, two
                    number = "".join(body) + check_character("".join(body))
                else:  # the last swap moves the check character itself
                    number = next(
                        whole
                        for first in ALPHABET
                        if check_character("".join([*body[:-2], first, one])) == two
                        for whole in ["".join([*body[:-2], first, one, two])]
                    )
                swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
                if not is_typo(swapped):
                    unseen.add(frozenset({one, two}))
    assert unseen == {frozenset({"0", "Z"})}


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(typed: str) -> None:
    if not is_typo(typed):
        assert numbers.parse(numbers.parse(typed)) == numbers.parse(typed)


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "\x00" * 12, "A" * 10_000, "ABCD-EFGH-JKM", "UUUU-UUUU-UUUU", "é" * 12]
)
def test_what_cannot_be_a_number_is_a_typo(typed: str) -> None:
    assert is_typo(typed)


def test_letters_that_no_number_has_are_not_taken_for_others() -> None:
    """Crockford leaves U out and reads only O, I and L as digits."""
    number = numbers.make()
    assert all(is_typo(number[:-1] + letter) for letter in "UuÜ")


def test_numbers_do_not_repeat() -> None:
    assert len({numbers.make() for _ in range(1000)}) == 1000
