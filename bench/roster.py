"""What an import of a roster costs: wall time against a plain COPY of the same rows, memory of each of its processes.

The import is the command as a person starts it, Django's start included. The plain COPY puts the cleaned rows that came
out of it straight into practices_patientrecord, with its indexes and constraints. They take turns on the same empty,
analysed table of the same server. FULL=1 adds a roster of 10 million rows.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from bench import roster_files, roster_memory, running
from bench.figures import Figure

SMALL, LARGE, HUGE = 100_000, 1_000_000, 10_000_000
ROUNDS = 3
PEER = 20_000  # rows that bulk_create gets
_READ = 1 << 16
_STATE = (
    "SET session_replication_role = replica",  # the owner's own hand: answers to forms refuse to be truncated
    "TRUNCATE practices_patientrecord CASCADE",
    "SET session_replication_role = origin",
    "VACUUM ANALYZE practices_patientrecord",
    "CHECKPOINT",
)
_COLUMNS = """practice_id, mrn, given_names, family_name, former_family_names, birth_date, sex, addresses, emails,
    home_phone, work_phone, mobile_phone, home_e164, work_e164, mobile_e164, language, deceased, active, updated_at"""


@dataclass
class Run:
    """`wall` and `cpu` (of the import's processes, of the database's) are seconds, `grown` bytes by process."""

    wall: float
    cpu: dict[str, float]
    grown: dict[str, int] = field(default_factory=dict)


def measure() -> Iterator[Figure]:
    from practices.models import Practice

    practice = Practice.objects.create(slug="bench", host="bench.example.org", name="Bench", phone="212-555-0110")
    with tempfile.TemporaryDirectory(prefix="portal-roster-") as name:
        bench = Bench(Path(name), practice.slug)
        small = bench.ratios("csv", SMALL)
        large = bench.ratios("csv", LARGE, bulk_create=bench.peer())
        yield large.figure("roster.csv")
        ndjson = bench.ratios("ndjson", LARGE)
        yield ndjson.figure("roster.ndjson")
        runs = [small, large, ndjson]
        if os.environ.get("FULL") == "1":
            runs.append(bench.ratios("csv", HUGE, rounds=1))
        yield _memory(runs)
        yield _flat(small, runs)


def _memory(runs: list[Runs]) -> Figure:
    grown = {f"{runs_.rows}.{runs_.format}": runs_.grown() for runs_ in runs}
    return Figure("roster.memory", max(max(by.values()) for by in grown.values()), grown)


def _flat(small: Runs, runs: list[Runs]) -> Figure:
    largest = max((runs_ for runs_ in runs if runs_.format == "csv"), key=lambda runs_: runs_.rows)
    more = max(largest.grown()[name] - size for name, size in small.grown().items())
    speed = {str(runs_.rows): round(runs_.rows / runs_.wall) for runs_ in runs if runs_.format == "csv"}
    return Figure("roster.flat", more, {"from": small.rows, "to": largest.rows, "rows_per_second": speed})


@dataclass
class Runs:
    """Imports and plain COPYs of one roster, in turns."""

    format: str
    rows: int
    details: dict[str, object]
    imports: list[Run] = field(default_factory=list)
    copies: list[Run] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return statistics.median(run.wall for run in self.imports)

    def grown(self) -> dict[str, float]:
        """The most of any run, in MB, by process."""
        names = self.imports[0].grown
        return {name: round(max(run.grown.get(name, 0) for run in self.imports) / 1e6, 1) for name in names}

    def figure(self, key: str) -> Figure:
        ratios = [copy.wall / import_.wall for copy, import_ in zip(self.copies, self.imports, strict=True)]
        details = {
            "rows": self.rows,
            "wall": {"import": [round(run.wall, 2) for run in self.imports],
                     "copy": [round(run.wall, 2) for run in self.copies]},
            "cpu": {"import": _median_cpu(self.imports), "copy": _median_cpu(self.copies)},
            **self.details,
        }  # fmt: skip
        return Figure(key, statistics.median(ratios), details)


def _median_cpu(runs: list[Run]) -> dict[str, float]:
    return {name: round(statistics.median(run.cpu[name] for run in runs), 2) for name in runs[0].cpu}


@dataclass(frozen=True)
class Bench:
    """A folder for the files, and the practice that imports them."""

    folder: Path
    practice: str

    def ratios(self, format_: str, rows: int, rounds: int = ROUNDS, **details: object) -> Runs:
        """Imports and copies of a roster of this format and size."""
        roster, cleaned = self.folder / f"roster.{format_}", self.folder / "cleaned"
        roster_files.WRITERS[format_](roster, rows)
        runs = Runs(format_, rows, details)
        for _round in range(rounds):
            _renew()
            runs.imports.append(self._import(roster))
            if not runs.copies:
                _keep(cleaned)
            _renew()
            runs.copies.append(_timed(lambda: _plain_copy(cleaned)))
        _renew()
        roster.unlink()
        cleaned.unlink()
        return runs

    def _import(self, roster: Path) -> Run:
        command = ["manage.py", "import_roster", str(roster), "--practice", self.practice]
        grown: dict[str, int] = {}
        start = roster_memory.starts()

        def run() -> None:
            with subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL) as process:
                grown.update(roster_memory.watch(process, start))
            if process.returncode:
                raise RuntimeError(f"the import ended with {process.returncode}")

        timed = _timed(run)
        return Run(timed.wall, timed.cpu, grown)

    def peer(self) -> float:
        """COPY of some rows ÷ bulk_create of the same, in batches of a thousand and without any cleaning."""
        from practices.models import PatientRecord

        roster, cleaned = self.folder / "peer.csv", self.folder / "peer"
        roster_files.write_csv(roster, PEER)
        _renew()
        self._import(roster)
        _keep(cleaned)
        values = list(PatientRecord.objects.values(*(name.strip() for name in _COLUMNS.split(","))))
        _renew()
        slow = _timed(lambda: _create(values))
        _renew()
        quick = _timed(lambda: _plain_copy(cleaned))
        return round(quick.wall / slow.wall, 3)


def _create(values: list[dict[str, object]]) -> None:
    from practices.models import PatientRecord

    rows = iter(values)
    with transaction.atomic():
        while some := [PatientRecord(**row) for row in islice(rows, 1000)]:
            PatientRecord.objects.bulk_create(some)


def _timed(act: Callable[[], None]) -> Run:
    processes = running.Portal(0, {"database": running.postmaster(), "import": os.getpid()}, Path())
    before, begun = processes.cpu(), time.perf_counter()
    act()
    wall = time.perf_counter() - begun
    return Run(wall, running.spent(before, processes.cpu()))


def _renew() -> None:
    """The state that every run begins in."""
    with connection.cursor() as cursor:
        for statement in _STATE:
            cursor.execute(statement)


def _keep(cleaned: Path) -> None:
    """The rows as the import made them, in COPY's text format."""
    out = f"COPY (SELECT {_COLUMNS} FROM practices_patientrecord ORDER BY id) TO STDOUT"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(out) as copy, cleaned.open("wb") as file:
        for some in copy:
            file.write(some)


def _plain_copy(cleaned: Path) -> None:
    into = f"COPY practices_patientrecord ({_COLUMNS}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(into) as copy, cleaned.open("rb") as file:
        while some := file.read(_READ):
            copy.write(some)
