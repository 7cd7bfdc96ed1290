"""What plain values are spared comes to the same as what all others go through."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter

from hypothesis import example, given
from hypothesis import strategies as st

from practices.roster import block, clean, csv
from practices.roster.csv_header import COLUMNS, Layout
from practices.roster.row import Refused, RosterRow

plain = st.dates().map(dt.date.isoformat)
DAY = dt.date(2026, 1, 1)
some = {
    "mrn": ["M1", "A-7", "x" * 64, "x" * 65, "a b"],
    "first_name": ["Ana", "Mary Ann", "x" * 41, "-", "Zoë", "d'Arc", "Jr."],
    "last_name": ["Santos", "de la Cruz", "O'Brien-Smith", "Ana ", " Ana", "a  b", "..", "a b c d e"],
    "former_last_names": ["Santos", "Mensah", "a|b", "-"],
    "birth_date": ["1984-03-12", "03/12/1984", "1984", "2984-01-01", " 1984-03-12"],
    "sex": ["female", "F", " m", "?"],
    "email": [
        "ana@example.com",
        "n/a",
        "a@b",
        "a@b..c",
        "a@b.c|d@e.f",
        "a@b.c.d.e.f",
        "o'b@x.co",
        "é@x.co",
        "a@-.-",
        "@b.c",
    ],
    "home_phone": ["212-555-0123", "(212) 555-0123", "none", "555-0123", "212-555-0123 x2", "1" * 50, "-", "(("],
    "language": ["en", "es-US", "EN_us", "english?"],
    "deceased": ["yes", "N", "maybe", " no "],
}
cells = [
    st.sampled_from(["", *some.get(name.replace("work", "home").replace("mobile", "home"), [])])
    | st.text("aB1 .-@|'é\0\t\x7f\"\n", max_size=4)
    for name in COLUMNS
]
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


PLAIN = (
    "M1", "Ana", "Santos", "Mensah", "1984-03-12", "female", "14 Elm Street", "", "New York", "NY", "10025", "US",
    "ana@example.com", "212-555-0123", "", "(646) 555-0123", "en", "no", "yes", "",
)  # fmt: skip
changes = st.dictionaries(st.integers(0, len(cells) - 1), st.none(), max_size=3).flatmap(
    lambda places: st.fixed_dictionaries({place: cells[place] for place in places})
)


@given(changes)
def test_a_plain_row_is_the_row(changed: dict[int, str]) -> None:
    row = tuple(changed.get(place, cell) for place, cell in enumerate(PLAIN))
    try:
        slow: RosterRow | str = csv._row(1, clean.mrn(row[0]), row, DAY)
    except Refused as refused:
        slow = refused.reason
    layout = Layout(",", len(row), tuple(range(len(row))), ())
    quick = csv._cells(1, list(row), layout, itemgetter(*layout.places), DAY)
    assert (quick if isinstance(quick, RosterRow) else quick.reason) == slow
