"""What was read of a file as text in a staging table, and back; numbers keep their digits."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from results.fhir import Facts, FoundObservation, FoundPatient, FoundReport, Subject
from results.values import FoundValue

NUMBERS = tuple(FoundValue._fields.index(name) for name in ("number", "low", "high"))
MOMENTS = tuple(Facts._fields.index(name) for name in ("collected_at", "issued_at"))


def pack(found: FoundPatient | FoundObservation | FoundReport) -> str:
    return json.dumps(found, default=str)


def report(body: str) -> FoundReport:
    line, identifier, subject, facts, results, contained = json.loads(body)
    return FoundReport(
        line, identifier, Subject(*subject), facts and _facts(facts), results, [_observation(one) for one in contained]
    )


def observation(body: str) -> FoundObservation:
    return _observation(json.loads(body))


def _observation(row: list[Any]) -> FoundObservation:
    keys, subject, values, members, patient_only = row
    return FoundObservation(keys, Subject(*subject), [_value(one) for one in values], members, patient_only)


def _value(row: list[Any]) -> FoundValue:
    return FoundValue._make(Decimal(one) if one and at in NUMBERS else one for at, one in enumerate(row))


def _facts(row: list[Any]) -> Facts:
    return Facts._make(datetime.fromisoformat(one) if one and at in MOMENTS else one for at, one in enumerate(row))
