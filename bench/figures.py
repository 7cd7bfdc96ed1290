"""Figures: what a question measured, as a JSON line and as a row of the table in README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.goals import GOALS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.jsonl"
README = ROOT / "README.md"
BETWEEN = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A value for the goal of this key, in the goal's unit; `details` go along in the JSON line."""

    key: str
    value: float
    details: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        goal = GOALS[self.key]
        facts = {"figure": self.key, "value": round(self.value, 4), "unit": goal.unit.strip(), "goal": goal.words}
        return json.dumps({**facts, "holds": goal.holds(self.value), **self.details}, ensure_ascii=False)


def keep(lines: Iterable[str]) -> None:
    """Put the new lines in the place of the older ones of the same figures, in the order of the goals."""
    old = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    latest = {json.loads(line)["figure"]: line for line in [*old, *lines]}
    RESULTS.write_text("".join(f"{latest[key]}\n" for key in GOALS if key in latest), encoding="utf-8")


def write_table() -> None:
    """Write the rows of the kept figures into README.md."""
    rows = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    table = "".join(["| | goal | reached | peers |\n|---|---|---|---|\n", *map(_row, rows)])
    text = README.read_text(encoding="utf-8")
    README.write_text(BETWEEN.sub(lambda found: f"{found[1]}{table}{found[2]}", text), encoding="utf-8")


def _row(fact: Mapping[str, object]) -> str:
    goal = GOALS[str(fact["figure"])]
    reached = f"{fact['value']:.3g}{goal.unit}"
    if not fact["holds"]:
        reached += f": {goal.falls_short or 'falls short'}"
    rows = fact.get("rows")
    what = f"{goal.what} ({rows:,})" if isinstance(rows, int) else goal.what
    return f"| {what} | {goal.words} | {reached} | {goal.peers} |\n"
