"""What a FHIR R4 Observation says becomes values: every digit of a number, its range, and how it compares."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from results.fhir import FoundObservation, FoundReport, Reader
from results.refusal import Reason, Refused
from results.values import FoundValue
from tests.results.fhir_kit import code, observation, quantity, report

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
READER = Reader(ZoneInfo("America/New_York"), NOW)
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def values(**facts: Any) -> list[FoundValue]:
    found = READER.read(1, observation(**facts))
    assert isinstance(found, FoundObservation)
    return found.values


def value(**facts: Any) -> FoundValue:
    [found] = values(**facts)
    return found


def facts(**changes: Any) -> Any:
    found = READER.read(1, report(**changes))
    assert isinstance(found, FoundReport)
    return found.facts


def why(resource: Any) -> str:
    with pytest.raises(Refused) as refused:
        READER.read(1, resource)
    return refused.value.reason.value


def interpreted(*codes: str) -> FoundValue:
    return value(interpretation=[{"coding": [{"system": V3, "code": one} for one in codes]}])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2345-7", "2345-7"),
        (" LP14635-4 ", "LP14635-4"),
        ("2345.7", ""),
        ("718 7", ""),
        ("é", ""),
        ("٣", ""),
        ("a/b", ""),
        ("1" * 21, ""),
        ("", ""),
    ],
)
def test_a_code_that_cannot_stand_in_an_address_is_none(said: str, expected: str) -> None:
    assert value(code=code("Glucose", said)).code == expected
    assert facts(code=code("Panel", said)).code == expected


def test_the_first_loinc_code_that_can_be_one_counts() -> None:
    odd = {"system": "http://loinc.org", "code": "2345.7"}
    assert value(code={"text": "Glucose", "coding": [odd, {**odd, "code": "2345-7"}]}).code == "2345-7"


@pytest.mark.parametrize("written", ["5.70", "0.010", "1200", "-3.5", "0"])
def test_a_number_keeps_every_digit(written: str) -> None:
    assert str(value(valueQuantity=quantity(Decimal(written))).number) == written


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"valueQuantity": quantity(Decimal("0.5"), "ng/mL", comparator="<")}, (Decimal("0.5"), "<", "ng/mL", "")),
        ({"valueQuantity": {"value": 5, "code": "mmol/L"}}, (5, "", "mmol/L", "")),
        ({"valueQuantity": quantity(Decimal("5e2"))}, (500, "", "mg/dL", "")),
        ({"valueInteger": 3}, (3, "", "", "")),
        ({"valueString": "  No growth\n\nafter 5 days "}, (None, "", "", "No growth\n\nafter 5 days")),
        ({"valueCodeableConcept": {"coding": [{"code": "260373001", "display": "Detected"}]}},
         (None, "", "", "Detected")),
        ({"valueCodeableConcept": {"text": "Not detected"}}, (None, "", "", "Not detected")),
        ({"valueBoolean": True}, (None, "", "", "Yes")),
        ({"valueBoolean": False}, (None, "", "", "No")),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, (None, "", "", "1:128")),
        ({"valueRange": {"low": quantity(2, "/hpf"), "high": quantity(5, "/hpf")}}, (None, "", "", "2 /hpf–5 /hpf")),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, (None, "", "", "Not performed")),
        ({"dataAbsentReason": {"text": "Sample clotted"}}, (None, "", "", "Sample clotted")),
    ],
)  # fmt: skip
def test_each_kind_of_value_is_read(said: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = value(**said)
    assert (found.number, found.comparator, found.unit, found.text) == expected


@pytest.mark.parametrize(
    ("code", "flag"),
    [("N", "N"), ("L", "L"), ("H", "H"), ("LL", "LL"), ("HH", "HH"), ("A", "A"), ("AA", "AA"), ("LU", "LL"),
     ("HU", "HH"), ("POS", ""), ("NEG", ""), ("S", ""), ("what", "")],
)  # fmt: skip
def test_interpretations_that_compare_with_the_range_become_flags(code: str, flag: str) -> None:
    assert interpreted(code).flag == flag


def test_off_the_scale_of_the_instrument_is_no_flag_but_a_sign() -> None:
    assert (interpreted("<").flag, interpreted("<").comparator) == ("", "<")
    assert (interpreted(">", "H").flag, interpreted(">", "H").comparator) == ("H", ">")


def ranged(*ranges: dict[str, Any]) -> tuple[Any, ...]:
    found = value(referenceRange=list(ranges))
    return found.low, found.high, found.range_text


def test_reference_ranges() -> None:
    low, high = quantity(70), quantity(99)
    assert ranged({"low": low, "high": high}) == (70, 99, "")
    assert ranged({"high": high, "text": "under 100"}) == (None, 99, "under 100")
    assert ranged({"text": "Negative"}) == (None, None, "Negative")
    assert ranged({"low": quantity(4, "mmol/L")}) == (None, None, "4 mmol/L"), "another unit than the value's"
    treatment = {"type": {"coding": [{"code": "treatment"}]}, "low": quantity(1)}
    assert ranged(treatment, {"low": low}) == (70, None, "")
    assert ranged({"low": low, "high": high}, {"high": high}) == (None, None, "70–99 mg/dL; ≤ 99 mg/dL")


def test_a_blood_pressure_is_two_values() -> None:
    parts = [
        {"code": code("Systolic", "8480-6"), "valueQuantity": quantity(128, "mmHg")},
        {"code": code("Diastolic", "8462-4"), "valueQuantity": quantity(82, "mmHg"), "interpretation": [
            {"coding": [{"code": "H"}]}]},
    ]  # fmt: skip
    found = values(text="Blood pressure", component=parts)
    assert [(one.name, one.code, one.number, one.flag) for one in found] == [
        ("Systolic", "8480-6", Decimal(128), ""),
        ("Diastolic", "8462-4", Decimal(82), "H"),
    ]


def test_notes_stay_with_their_value_and_hide_nothing_in_them() -> None:
    assert value(note=[{"text": "Hemolyzed"}, {"text": "Repeat\x00\x07"}]).note == "Hemolyzed\nRepeat"


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_value_entered_in_error_is_none(status: str) -> None:
    assert values(status=status) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"valueQuantity": quantity("90")}, "wrong_shape"),
        ({"valueQuantity": quantity(True)}, "wrong_shape"),
        ({"valueQuantity": {"unit": "mg"}}, "wrong_shape"),
        ({"valueQuantity": quantity(1, comparator="~")}, "wrong_number"),
        ({"valueQuantity": quantity(10**18)}, "wrong_number"),
        ({"valueQuantity": quantity(Decimal("1e400"))}, "wrong_number"),
        ({"valueInteger": 1.5}, "wrong_shape"),
        ({"valueSampledData": {"data": "1 2"}}, "unknown_value"),
        ({"valueString": "x" * 20_001}, "too_long"),
        ({"valueCodeableConcept": {"text": "x" * 256}}, "too_long"),
        ({"code": {}}, "no_name"),
        ({"component": "none"}, "wrong_shape"),
    ],
)
def test_what_cannot_be_shown_as_it_was_is_refused(said: dict[str, Any], reason: str) -> None:
    assert why(observation(**said)) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identifier": [], "id": ""}, "no_identifier"),
        ({"code": {}}, "no_name"),
        ({"effectiveDateTime": "2026-03"}, "wrong_date"),
        ({"effectiveDateTime": "2026-02-30"}, "wrong_date"),
        ({"effectiveDateTime": "2026-03-02T09:30:00"}, "wrong_date"),
        ({"effectiveDateTime": "2027-03-02"}, "wrong_date"),
        ({"effectiveDateTime": "0001-01-01T00:00:00+14:00"}, "wrong_date"),
        ({"effectiveDateTime": None, "issued": None}, "no_date"),
        ({"subject": ["Patient/p1"]}, "wrong_shape"),
        ({"identifier": [{"value": "x" * 300}]}, "too_long"),
    ],
)
def test_a_report_that_cannot_be_taken_says_why(changes: dict[str, Any], reason: str) -> None:
    assert why(report(**changes)) == reason


def test_dates() -> None:
    day = facts(effectiveDateTime="2026-03-02").collected_at
    assert day == dt.datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("America/New_York")), "noon where the practice is"
    period = {"start": "2026-03-02T09:30:00Z", "end": "2026-03-02T09:40:00Z"}
    assert facts(effectiveDateTime=None, effectivePeriod=period).collected_at.minute == 30
    assert facts(effectiveDateTime=None).collected_at == facts().issued_at


def test_what_else_a_report_says() -> None:
    organization = {"resourceType": "Organization", "id": "lab", "name": "Elm Laboratory"}
    found = facts(
        conclusion="All fine.\n\nSee you.",
        performer=[{"reference": "#lab"}],
        contained=[organization],
        meta={"security": [{"code": "R"}]},
    )
    assert (found.name, found.code, found.laboratory) == ("Basic metabolic panel", "24323-8", "Elm Laboratory")
    assert (found.conclusion, found.patient_only) == ("All fine.\n\nSee you.", True)
    assert not facts().patient_only


@pytest.mark.parametrize("status", ["registered", "partial", "preliminary", "unknown", None])
def test_what_is_not_final_is_not_taken(status: str | None) -> None:
    assert READER.read(1, report(status=status)) is None


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_report_has_no_facts(status: str) -> None:
    assert facts(status=status, code={}) is None


@pytest.mark.parametrize("resource", [None, 5, [], {}, "text"])
def test_what_is_no_resource_is_refused(resource: Any) -> None:
    assert why(resource) == "not_a_resource"


def test_reasons_are_told_apart() -> None:
    assert len({reason.value for reason in Reason}) == len(Reason)
