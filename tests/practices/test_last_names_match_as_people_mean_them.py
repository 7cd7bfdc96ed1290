from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.matching import fold_name, same_family_name
from practices.models import PatientRecord


def named(family: str, *former: str, given_names: str = "Ana") -> PatientRecord:
    return PatientRecord(given_names=given_names, family_name=family, former_family_names=list(former))


@pytest.mark.parametrize(
    ("on_record", "typed"),
    [
        ("O'Brien-Núñez", "obrien nunez"),
        ("O'Brien-Núñez", "O\u2019BRIEN\u2013NU\u0301N\u0303EZ"),
        ("OBrien", "O`Brien"),
        ("OBrien", "O\u00b4Brien"),
        ("van der Berg", "VanDerBerg"),
        ("van der Berg", "  van   der berg "),
        ("de la Cruz", "De La Cruz"),
        ("Hernández de la Cruz", "hernandez delacruz"),
        ("李", "李"),
        ("李小龍", "李 小龍"),
        ("Straße", "STRASSE"),
        ("Łukasiewicz", "lukasiewicz"),
        ("Sørensen", "sorensen"),
        ("Đorđević", "Dordevic"),
        ("Guðmundsdóttir", "gudmundsdottir"),
        ("Þór", "Thor"),
        ("Y\u0131ld\u0131z", "YILDIZ"),
        ("İnönü", "inonu"),
        ("Nguyễn", "nguyen"),
        ("Жуков", "ЖУКОВ"),
        ("Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
        ("כֹּהֵן", "כהן"),
        ("Smith Jr.", "smith, jr"),
        ("St. John", "St John"),
        ("\u02bbAkana", "Akana"),
        ("Yundt842", "yundt842"),
        ("Smith", "S\u200bmith\x00"),
        ("\uff33\uff2d\uff29\uff34\uff28", "smith"),
    ],
)
def test_the_same_name_typed_another_way_matches(on_record: str, typed: str) -> None:
    assert same_family_name(named(on_record), typed)


@pytest.mark.parametrize(
    ("on_record", "typed"),
    [
        ("Smith Jr", "Smith"),
        ("Smith", "Smith Jr"),
        ("de la Cruz", "Cruz"),
        ("O'Brien-Núñez", "O'Brien"),
        ("Santos", "Santo"),
        ("Santos", ""),
        ("Santos", "-"),
        ("が", "か"),
        ("Иванов", "Иваноб"),
        ("-", "-"),
    ],
)
def test_another_name_does_not_match(on_record: str, typed: str) -> None:
    assert not same_family_name(named(on_record), typed)


def test_former_names_match() -> None:
    record = named("Okafor", "Mensah", "Boateng")
    assert same_family_name(record, "mensah")
    assert same_family_name(record, "BOATENG")
    assert not same_family_name(record, "Oliveira")


def test_a_single_name_is_typed_as_last_name() -> None:
    assert same_family_name(named("", given_names="Sukarni"), "sukarni")


def test_a_given_name_is_no_last_name() -> None:
    assert not same_family_name(named("Santos", given_names="Maria"), "Maria")


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    once = fold_name(name)
    assert fold_name(once) == once


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_name_matches_itself_in_capitals(name: str) -> None:
    if fold_name(name):
        assert same_family_name(named(name), name)
