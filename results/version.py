"""What a report that is here says, in the form of what a file says: to see whether it is the same."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from results.fhir import Facts
from results.values import FoundValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from results.models import Report, Value


def of(report: Report, values: Iterable[Value]) -> str:
    """A digest of whose the report is and all that it says; `values` in their order."""
    return sha256(repr((facts(report), [value(one) for one in values])).encode()).hexdigest()


def facts(report: Report) -> tuple[int, Facts]:
    """The record's id, and the report without its values."""
    return report.record_id, Facts(*(getattr(report, name) for name in Facts._fields))


def value(one: Value) -> FoundValue:
    """A value of a report."""
    return FoundValue(*(getattr(one, name) for name in FoundValue._fields))
