"""**Date of birth**: one line, read as people type it, said back in words (docs/flows.md, rule 5)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from pages.fields import BirthDateField
from pages.limits import EARLIEST

FIELD = BirthDateField()
MARCH_4 = date(1950, 3, 4)


@pytest.mark.parametrize(
    "typed",
    [
        "03/04/1950", "3/4/1950", "03-04-1950", "3-4-1950", "03041950", "1950-03-04", "1950/3/4", "03.04.1950",
        "3 4 1950", "  03/04/1950 ", "03\u201304\u20131950", "03\u201104\u20111950", "\u200e03/04/1950\u200f",
        "\uff10\uff13/\uff10\uff14/\uff11\uff19\uff15\uff10", "03/04/1950\x00", "03/04/1950\n",
    ],
)  # fmt: skip
def test_is_read_as_people_type_it(typed: str) -> None:
    assert FIELD.clean(typed) == MARCH_4


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("3/4/50", "year"), ("03-04-50", "year"), ("030450", "year"), ("3/4/195", "year"), ("3/4/19500", "year"),
        ("3/4/" + "9" * 10_000, "year"),
        ("02/30/1950", "no_such_day"), ("13/04/1950", "no_such_day"), ("02/29/1900", "no_such_day"),
        ("00/00/0000", "no_such_day"), ("1950-30-02", "no_such_day"),
        ("12/31/1874", "past"), ("1/1/0001", "past"),
        ("March 4, 1950", "invalid"), ("1950", "invalid"), ("x" * 10_000, "invalid"),
        ("", "required"), ("   ", "required"), ("\u200b", "required"), ("\x00", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_for_its_own_reason(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        FIELD.clean(typed)
    assert refused.value.error_list[0].code == code


def test_today_is_a_birthday_and_tomorrow_is_not() -> None:
    today = timezone.localdate()
    assert FIELD.clean(f"{today:%m/%d/%Y}") == today
    with pytest.raises(ValidationError, match="future"):
        FIELD.clean(f"{today + timedelta(days=1):%m/%d/%Y}")


def test_two_digit_year_is_told_what_to_type() -> None:
    with pytest.raises(ValidationError, match="four digits"):
        FIELD.clean("3/4/50")


@given(st.dates(min_value=EARLIEST, max_value=date(2020, 1, 1)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    month_first = f"{day.month}/{day.day}/{day.year}"
    forms = {month_first, month_first.replace("/", "-"), f"{day:%m%d%Y}", f"{day:%m/%d/%Y}", day.isoformat()}
    assert {FIELD.clean(form) for form in forms} == {day}
    assert FIELD.clean(FIELD.prepare_value(day)) == day


@given(st.text())
def test_any_text_is_a_date_or_a_refusal(typed: str) -> None:
    with suppress(ValidationError):
        assert isinstance(FIELD.clean(typed), date)


@pytest.mark.parametrize(("language", "says"), [("en", "March 4, 1950"), ("es", "4 de marzo de 1950")])
def test_is_said_back_in_words(language: str, says: str) -> None:
    with override("en"):
        assert says in FIELD.echo(MARCH_4, language)


def test_empty_one_may_be_left_empty() -> None:
    assert BirthDateField(required=False).clean("") is None
