"""What plain values are spared comes to the same as what all others go through."""

from __future__ import annotations

import datetime as dt

from hypothesis import example, given
from hypothesis import strategies as st

from practices.roster import block, clean
from practices.roster.row import Refused

plain = st.dates().map(dt.date.isoformat)
date_like = st.text("0123456789-/W", min_size=6, max_size=10)


@given(plain | date_like)
@example("2020-W01-1")
@example("2023-02-29")
@example("\uff11984-03-12")
def test_a_plain_date_is_the_date(written: str) -> None:
    quick = clean._plain_date(written)
    try:
        slow = clean._date(written)
    except Refused:
        assert quick is None
    else:
        assert quick in {None, slow}
        assert quick or len(written) != 10 or "/" in written


@given(st.lists(st.text('a"\\\\,{}é ', max_size=5), max_size=4))
def test_an_array_is_quoted_as_postgresql_wants_it(values: list[str]) -> None:
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    assert block._array(values) == "{" + ",".join(quoted) + "}"
