"""Pieces of a file, read one by one and by several processes, give what the whole file gives."""

from __future__ import annotations

import csv as standard_csv
import datetime as dt
import io
import os
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from practices.models import Practice
from practices.roster import csv, csv_header, reading
from practices.roster.lines import Line, Span, cut_lines, lines
from practices.roster.reading import Reading
from practices.roster.row import Unreadable
from tests.practices.conftest import Import, ndjson, patient

TODAY = dt.date(2026, 1, 1)
HEADER = b"mrn,first_name,last_name,birth_date,home_phone\n"
LAYOUT = csv_header.read_header(Line(1, HEADER))

cells = st.text('ab1,;"\n\r\té\0 ', max_size=6) | st.sampled_from(["M1", "1984-03-12", '"a\nb"', '"open', '"x" y', ""])
rows = st.lists(cells, max_size=6).map(",".join)
written = st.lists(
    rows.map(str.encode) | st.sampled_from([b"\xff", b'\xff"', b'"', b"", b"\r", b'"' + b"\n" * 25 + b'"']), max_size=40
).map(b"\n".join)


def read(content: bytes, spans: list[Span]) -> list[object]:
    file = io.BytesIO(content)
    return [item for span in spans for item in csv.read_rows(file, span, LAYOUT, TODAY)]


@given(content=written, size=st.integers(1, 60))
@example(content=b'a,"b\nc",d\n' * 5, size=1)
@example(content=b'a,"b\nc,d\n' + b"e,f\n" * 30, size=1)
def test_a_csv_file_in_pieces_is_the_csv_file(content: bytes, size: int) -> None:
    whole = Span(0, len(content), 2)
    spans = list(csv.cut_rows(io.BytesIO(content), whole, size, ","))
    assert read(content, spans) == read(content, [whole])
    ends = [0, *(span.end for span in spans)]
    assert [span.start for span in spans] == ends[:-1]
    assert ends[-1] == len(content)


@given(content=st.lists(st.binary(max_size=8), max_size=30).map(b"\n".join), size=st.integers(1, 40))
def test_lines_in_pieces_are_the_lines(content: bytes, size: int) -> None:
    file, whole = io.BytesIO(content), Span(0, len(content), 1)
    spans = list(cut_lines(io.BytesIO(content), whole, size))
    assert [line for span in spans for line in lines(file, span)] == list(lines(file, whole))


@given(st.lists(st.text(max_size=12).filter(lambda cell: not set('"\r\n,') & set(cell)), min_size=1))
def test_rows_without_quotes_are_split_as_the_csv_module_does(row: list[str]) -> None:
    line = ",".join(row) + "\r\n"
    found = [cells for _number, cells in csv._Feed(iter([line]), 1).rows(",")]
    assert [[] if cells == [""] else cells for cells in found] == list(standard_csv.reader([line], strict=True))


def test_a_line_that_is_too_long_stays_in_its_place() -> None:
    content = b"M1,Ana,Santos,1984-03-12,\n" + b"x" * 2_000_000 + b"\nM2,Ana,Santos,1984-03-12,\n"
    whole = Span(0, len(content), 2)
    spans = list(csv.cut_rows(io.BytesIO(content), whole, 1, ","))
    assert [span.number for span in spans] == [2, 3, 4]
    assert read(content, spans) == read(content, [whole])


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file is read by processes, a few rows at a time."""
    monkeypatch.setattr(reading, "ALONE", 0)
    monkeypatch.setattr(reading, "SPAN", 2_000)
    monkeypatch.setattr("practices.roster.stage._BLOCKS_PER_COPY", 3)


def csv_roster() -> bytes:
    line = 'M{0},Zoë,"San\ntos {0}",{1},(212) 555-{0:04}\n'
    good = [line.format(number, "3000-01-01" if number % 50 == 0 else "1984-03-12") for number in range(1, 400)]
    return b"\xef\xbb\xbf" + HEADER + "".join(good).encode() + b'M7,again,x,1984-03-12,\nM9,"open,x,1984-03-12,\n'


def ndjson_roster() -> bytes:
    good = (patient(f"M{number}", birthDate="1984" if number % 50 == 0 else "1984-03-12") for number in range(1, 400))
    return ndjson(*good, {"resourceType": "Observation"}, patient("M7")) + b"not json\n"


@pytest.mark.parametrize("content", [csv_roster(), ndjson_roster()], ids=["csv", "ndjson"])
def test_several_processes_import_what_one_does(
    import_roster: Import, practice: Practice, content: bytes, request: pytest.FixtureRequest
) -> None:
    alone = import_roster(content)
    records = list(practice.patients.order_by("mrn").values())
    reasons = alone.reasons()
    request.getfixturevalue("small_pieces")
    again = import_roster(content)
    assert again.counts() == {**alone.counts(), "new": 0, "same": alone.counts()["new"]}
    practice.patients.all().delete()
    together = import_roster(content)
    assert (together.said, together.reasons()) == (alone.said, reasons)
    unlike = {"id", "created_at", "updated_at"}
    facts = [{name: fact for name, fact in record.items() if name not in unlike} for record in records]
    assert list(practice.patients.order_by("mrn").values(*facts[0])) == facts


@pytest.fixture
def big_file(tmp_path: Path, small_pieces: None) -> Path:
    file = tmp_path / "roster.csv"
    file.write_bytes(HEADER + b"M1,Ana,Santos,1984-03-12,\n" * 20_000)
    return file


def test_no_more_is_read_ahead_than_the_processes_have_to_do(big_file: Path) -> None:
    longest = reading._AHEAD * min(os.cpu_count() or 1, reading.MOST_READERS) + 1
    with big_file.open("rb") as file:
        whole = Span(len(HEADER), big_file.stat().st_size, 2)
        with closing(reading.blocks(Reading(big_file, TODAY, LAYOUT), file, whole)) as blocks:
            for block in blocks:
                assert file.tell() - block.end <= (longest + 1) * 2 * reading.SPAN
                assert len(block.copy) < 10 * reading.SPAN


def test_a_file_that_was_put_in_the_place_of_another_is_not_mixed_with_it(big_file: Path) -> None:
    with big_file.open("rb") as file:
        other = big_file.with_name("other")
        other.write_bytes(big_file.read_bytes())
        other.replace(big_file)
        whole = Span(len(HEADER), big_file.stat().st_size, 2)
        with pytest.raises(Unreadable, match="was ended"):
            list(reading.blocks(Reading(big_file, TODAY, LAYOUT), file, whole))
