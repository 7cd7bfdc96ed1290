"""One colour per practice, always readable (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import brand
from pages.brand import Rgb
from tests.layout.sample import SampleForm, a_practice, a_request, page

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#1f6f5c", "#1f6f5c", 1)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert brand.contrast(brand.parse(one), brand.parse(other)) == pytest.approx(ratio, abs=0.01)


@given(COLOURS)
def test_whatever_the_colour_everything_reads(colour: Rgb) -> None:
    strong = brand.readable(colour)
    for ground in (brand.WHITE, brand.PAGE, brand.tint(colour)):
        assert brand.contrast(strong, ground) >= brand.READABLE
    assert brand.contrast(brand.text_on(colour), colour) >= brand.READABLE


def test_readable_colour_is_left_alone() -> None:
    assert brand.readable(brand.parse("#1f6f5c")) == (0x1F, 0x6F, 0x5C)


@pytest.mark.parametrize("wrong", ["", "red", "#12345", "#1234567", "#gggggg", "#000000;} body{display:none"])
def test_what_is_no_colour_is_the_default(wrong: str) -> None:
    assert brand.stylesheet(wrong) == brand.stylesheet(brand.DEFAULT_COLOUR)


@given(COLOURS)
def test_style_sheet_holds_colours_alone(colour: Rgb) -> None:
    css = brand.stylesheet("#{:02x}{:02x}{:02x}".format(*colour))
    assert re.fullmatch(r":root\{(--[a-z-]+:#[0-9a-f]{6};?)+\}", css)


def test_present_address_is_kept_for_ever_and_an_old_one_is_not() -> None:
    green, blue = a_practice(colour="#1f6f5c"), a_practice(colour="#123a6b")
    address = brand.fingerprint(green.colour)
    kept = brand.brand(a_request(practice=green), address)
    stale = brand.brand(a_request(practice=blue), address)
    assert kept["Cache-Control"] == brand.FOREVER
    assert stale["Cache-Control"] == "no-cache"
    assert kept["Content-Type"] == "text/css; charset=utf-8"
    assert kept.content != stale.content


def test_page_names_its_colours_by_their_content() -> None:
    green, blue = (page(SampleForm(), practice=a_practice(colour=colour)) for colour in ("#1f6f5c", "#123a6b"))
    addresses = {re.search(r"/brand-[0-9a-f]{12}\.css", html)[0] for html in (green, blue)}  # type: ignore[index]
    assert len(addresses) == 2
