from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.roster.fhir import read_resource
from practices.roster.row import Reason, Refusal, RosterRow
from tests.practices.conftest import patient

TODAY = dt.date(2026, 11, 22)
OVER = {"end": "2019-05-01"}


def row(**changes: Any) -> RosterRow:
    read = read_resource(1, patient(**changes), TODAY)
    assert isinstance(read, RosterRow), read
    return read


def reason(**changes: Any) -> Reason:
    read = read_resource(1, patient(**changes), TODAY)
    assert isinstance(read, Refusal), read
    return read.reason


def identifier(value: str, code: str = "MR", system: str | None = None, **more: Any) -> dict[str, Any]:
    coding = {"code": code} | ({"system": system} if system else {})
    return {"type": {"coding": [coding]}, "value": value, **more}


@pytest.mark.parametrize(
    ("identifiers", "mrn"),
    [
        ([identifier("S1", "SS"), identifier("M1")], "M1"),
        ([identifier("M1", system="http://hl7.org/fhir/v2/0203")], "M1"),
        ([identifier("M0", use="old"), identifier("M1")], "M1"),
        ([identifier("M0", period=OVER), identifier("M1")], "M1"),
        ([identifier("M1"), identifier("M2")], "M1"),
        ([identifier("  M1 ")], "M1"),
    ],
)
def test_the_mrn_is_the_current_identifier_of_type_mr(identifiers: list[Any], mrn: str) -> None:
    assert row(identifier=identifiers).mrn == mrn


@pytest.mark.parametrize(
    "identifiers",
    [None, [], [{"value": "1"}], [identifier("", "MR")], [identifier("1", "DL")], [identifier("1", system="urn:x")]],
)
def test_without_an_mrn_a_patient_is_refused(identifiers: list[Any] | None) -> None:
    assert reason(identifier=identifiers) == Reason.NO_MRN


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"family": "Santos", "given": ["Maria", "Elena"]}], ("Maria Elena", "Santos", [])),
        ([{"use": "usual", "family": "A"}, {"use": "official", "family": "B"}], ("", "B", [])),
        ([{"use": "nickname", "given": ["Mia"]}, {"use": "usual", "family": "B"}], ("", "B", [])),
        ([{"use": "maiden", "family": "Old"}, {"use": "official", "family": "New"}], ("", "New", ["Old"])),
        ([{"use": "official", "family": "New"}, {"use": "old", "family": "Old"}], ("", "New", ["Old"])),
        ([{"use": "official", "family": "Was", "period": OVER}, {"family": "Is"}], ("", "Is", ["Was"])),
        ([{"family": "Is"}, {"use": "old", "family": "Is"}, {"use": "old", "given": ["X"]}], ("", "Is", [])),
        ([{"use": "maiden", "family": "Only"}], ("", "Only", [])),
        ([{"text": "Sukarni"}], ("Sukarni", "", [])),
        ([{"given": ["Sukarni"], "text": "Other"}], ("Sukarni", "", [])),
        ([{"given": ["Sukarni"], "family": "-"}], ("Sukarni", "", [])),
        ([{"text": "李小龍"}], ("李小龍", "", [])),
        ([{"family": "O'Brien-Nu\u0301n\u0303ez", "given": ["  Sio\tbhán "]}], ("Sio bhán", "O'Brien-Núñez", [])),
        ([{"family": "van der Berg", "given": ["P."]}], ("P.", "van der Berg", [])),
    ],
)
def test_names_are_the_current_ones_and_the_former_ones(names: list[Any], expected: tuple[Any, ...]) -> None:
    read = row(name=names)
    assert (read.given_names, read.family_name, read.former_family_names) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, Reason.NO_NAME),
        ({"name": []}, Reason.NO_NAME),
        ({"name": [{"family": " ", "given": ["."]}]}, Reason.NO_NAME),
        ({"name": [{"family": "x" * 10_000}]}, Reason.NAME_TOO_LONG),
        ({"name": [{"family": "A\0B"}]}, Reason.NULL_BYTE),
        ({"name": [{"family": "A"}, *({"use": "old", "family": f"B{n}"} for n in range(51))]}, Reason.TOO_MANY_VALUES),
        ({"birthDate": None}, Reason.NO_BIRTH_DATE),
        ({"birthDate": ""}, Reason.NO_BIRTH_DATE),
        ({"birthDate": "1984"}, Reason.PARTIAL_BIRTH_DATE),
        ({"birthDate": "1984-03"}, Reason.PARTIAL_BIRTH_DATE),
        ({"birthDate": "1984-02-30"}, Reason.NO_SUCH_DATE),
        ({"birthDate": "yesterday"}, Reason.NO_SUCH_DATE),
        ({"birthDate": "2026-11-23"}, Reason.FUTURE_BIRTH_DATE),
        ({"birthDate": "1874-12-31"}, Reason.EARLY_BIRTH_DATE),
        ({"mrn": "x" * 65}, Reason.MRN_TOO_LONG),
        ({"telecom": [{"system": "phone", "value": "1" * 41}]}, Reason.PHONE_TOO_LONG),
        ({"name": {"family": "A"}}, Reason.WRONG_SHAPE),
        ({"name": [{"family": ["A"]}]}, Reason.WRONG_SHAPE),
        ({"name": [{"given": [1]}]}, Reason.WRONG_SHAPE),
        ({"telecom": "212-555-0123"}, Reason.WRONG_SHAPE),
        ({"birthDate": 1984}, Reason.WRONG_SHAPE),
        ({"deceasedBoolean": "no"}, Reason.WRONG_SHAPE),
        ({"active": 1}, Reason.WRONG_SHAPE),
    ],
)
def test_a_patient_that_cannot_be_taken_is_refused_with_the_reason(changes: dict[str, Any], expected: Reason) -> None:
    assert reason(**changes) == expected


def test_a_birth_today_is_no_future_one() -> None:
    assert row(birthDate="2026-11-22").birth_date == "2026-11-22"


def phone(value: str, **more: Any) -> dict[str, Any]:
    return {"system": "phone", "value": value, **more}


@pytest.mark.parametrize(
    ("telecom", "expected"),
    [
        ([phone("1", use="home"), phone("2", use="work"), phone("3", use="mobile")], ("1", "2", "3")),
        ([phone("1")], ("1", "", "")),
        ([phone("1"), phone("2", use="home")], ("2", "", "")),
        ([phone("1", use="old"), phone("2", use="temp")], ("", "", "")),
        ([phone("1", use="home", period=OVER), phone("2", use="home")], ("2", "", "")),
        ([phone("1", use="home"), phone("2", use="home", rank=1)], ("2", "", "")),
        ([phone("1", use="home", rank=2), phone("2", use="home", rank=1)], ("2", "", "")),
        ([{"system": "sms", "value": "3"}], ("", "", "3")),
        ([{"system": "fax", "value": "9", "use": "home"}], ("", "", "")),
    ],
)
def test_phones_go_by_their_use_and_rank(telecom: list[Any], expected: tuple[str, str, str]) -> None:
    read = row(telecom=telecom)
    assert (read.home_phone, read.work_phone, read.mobile_phone) == expected


def test_a_phone_no_carrier_accepts_is_kept_as_given() -> None:
    read = row(telecom=[phone("555-907-9875", use="home"), phone("(212) 555-0123", use="mobile")])
    assert (read.home_phone, read.home_e164) == ("555-907-9875", "")
    assert (read.mobile_phone, read.mobile_e164) == ("(212) 555-0123", "+12125550123")


def test_emails_keep_their_order_by_rank_and_what_is_none_is_left_out() -> None:
    emails = ["b+c@bücher.example", "none", "a@example.com", "a@example.com"]
    telecom = [{"system": "email", "value": email} for email in emails]
    read = row(telecom=telecom)
    assert (read.emails, read.left_out) == (["b+c@bücher.example", "a@example.com"], 1)
    assert row(telecom=[telecom[0], {**telecom[2], "rank": 1}]).emails[0] == "a@example.com"


def test_other_facts() -> None:
    read = row(
        gender="female",
        deceasedDateTime="1951-02-20T08:15:54-05:00",
        active=False,
        address=[
            {"use": "old", "line": ["gone"]},
            {"line": ["14 Elm Street", "Apt 2"], "city": "New York", "state": "NY", "postalCode": "10025"},
            {"text": "somewhere"},
        ],
        communication=[
            {"language": {"coding": [{"code": "en-US"}]}},
            {"language": {"coding": [{"code": "es"}]}, "preferred": True},
        ],
    )
    assert (read.sex, read.deceased, read.active, read.language) == ("female", True, False, "es")
    assert [address["lines"] for address in read.addresses] == [["14 Elm Street", "Apt 2"], ["somewhere"]]


def test_facts_that_are_not_there() -> None:
    read = row()
    assert (read.sex, read.deceased, read.active, read.language) == ("unknown", False, True, "")
    assert (read.addresses, read.emails, read.home_phone) == ([], [], "")


@pytest.mark.parametrize("resource", [None, 1, "x", [], {}, {"id": "1"}])
def test_what_is_no_resource_is_refused(resource: object) -> None:
    read = read_resource(1, resource, TODAY)
    assert isinstance(read, Refusal)
    assert read.reason == Reason.NOT_A_RESOURCE


def test_another_resource_is_passed_over() -> None:
    assert read_resource(1, {"resourceType": "Observation"}, TODAY) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
elements = st.sampled_from(
    ["identifier", "name", "telecom", "birthDate", "address", "communication", "gender", "active", "deceasedDateTime"]
)


@given(st.dictionaries(elements, anything, max_size=4))
def test_no_shape_of_json_breaks_the_import(changes: dict[str, Any]) -> None:
    read = read_resource(1, {**patient(), **changes}, TODAY)
    assert isinstance(read, RosterRow | Refusal)
