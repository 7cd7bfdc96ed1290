from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.phones import _ask_phonenumbers, mask, usable_e164


@pytest.mark.parametrize(
    ("given_as", "e164"),
    [
        ("212-555-0123", "+12125550123"),
        ("(212) 555-0123", "+12125550123"),
        ("(212)555-0123", "+12125550123"),
        ("212.555.0123", "+12125550123"),
        ("2125550123", "+12125550123"),
        ("1 212 555 0123", "+12125550123"),
        ("+1-212-555-0123", "+12125550123"),
        (" 212 555 0123 ", "+12125550123"),
        ("tel:+1-212-555-0123", "+12125550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("416-555-0123", "+14165550123"),
        ("\uff12\uff11\uff12-555-0123", "+12125550123"),
    ],
)
def test_a_number_that_carriers_accept_is_usable(given_as: str, e164: str) -> None:
    assert usable_e164(given_as) == e164


@pytest.mark.parametrize(
    "given_as",
    [
        "555-907-9875",
        "555-0123",
        "212-155-0123",
        "none",
        "",
        "   ",
        "617-555-0161 x204",
        "0000000000",
        "+999 123",
        "2" * 10_000,
        "212-555-0123 or 212-555-0124",
    ],
)
def test_a_number_that_no_carrier_accepts_is_not_usable(given_as: str) -> None:
    assert usable_e164(given_as) == ""


def test_another_region_reads_its_own_numbers() -> None:
    assert usable_e164("020 7946 0958", region="GB") == "+442079460958"


plain_forms = st.sampled_from([
    "{}{}{}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "+1{}{}{}", "1-{}-{}-{}", "{} {} {}", "({} {}-{}", "{}) {}-{}",
    "+1 ({}) {} {}", "1({}){}{}", "+1({}.{} {}",
])  # fmt: skip


@given(
    form=plain_forms,
    area=st.integers(200, 999),
    exchange=st.integers(0, 999),
    line=st.integers(0, 9999),
)
def test_the_quick_way_says_what_phonenumbers_says(form: str, area: int, exchange: int, line: int) -> None:
    number = form.format(area, f"{exchange:03d}", f"{line:04d}")
    assert usable_e164(number) == _ask_phonenumbers(number, "US")


@pytest.mark.parametrize("form", ["{}-{:04}", "{}{:04}", "1 {} {:04}", "+1{}.{:04}"])
def test_the_quick_way_says_the_same_without_an_area(form: str) -> None:
    choose = random.Random(2)
    numbers = [form.format(exchange, choose.randint(0, 9999)) for exchange in range(200, 1000)]
    assert [usable_e164(number) for number in numbers] == [_ask_phonenumbers(number, "US") for number in numbers]


def test_the_quick_way_says_the_same_in_every_area() -> None:
    choose = random.Random(1)
    numbers = [f"{area}{choose.randint(200, 999)}{choose.randint(0, 9999):04d}" for area in range(200, 1000)]
    assert [usable_e164(number) for number in numbers] == [_ask_phonenumbers(number, "US") for number in numbers]


@given(st.text(alphabet="0123456789+-(). x", max_size=20))
def test_any_text_of_digits_is_judged_as_phonenumbers_does(text: str) -> None:
    assert usable_e164(text) == _ask_phonenumbers(text.strip(), "US")


def test_the_numbers_of_the_demo_are_set_aside_for_fiction() -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse("212-555-0142", "US"))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+12125550123", "•••-•••-0123"), ("(212) 555-0123", "•••-•••-0123"), ("", ""), ("1234", "•••"), ("none", "")],
)
def test_a_masked_phone_shows_its_last_four_digits(phone: str, shown: str) -> None:
    assert mask(phone) == shown
