from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.matching import fold_typed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("O\u2019Brien", "O'Brien"),
        ("\u201cAda\u201d", '"Ada"'),
        ("Smith\u2013Jones", "Smith-Jones"),
        ("Smith\u2212Jones", "Smith-Jones"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\ufeffab\u200b\u00adc\x00", "abc"),
        ("\u202eabc\u202c", "abc"),
        ("\ud800abc", "abc"),
        ("\uff21\uff22\uff11\uff12", "AB12"),
        ("  a \n\t b ", "a b"),
        ("李小龍", "李小龍"),
    ],
)
def test_what_keyboards_add_is_undone(typed: str, meant: str) -> None:
    assert fold_typed(typed) == meant


@given(st.text())
def test_folded_text_can_be_stored(typed: str) -> None:
    folded = fold_typed(typed)
    assert "\0" not in folded
    folded.encode()
