"""Letters as Chromium prints them: a US Letter page each, 16 pt at least, the address in a #10 envelope's window."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests import people
from tests.journeys.scenes.letters import HOME, makes_many_letters

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Opens

LONG = {
    "lines": ["12345 Northwest Martin Luther King Boulevard", "Building 12, Apartment 1203"],
    "city": "Albany", "state": "NY", "postal_code": "12207-1234",
}  # fmt: skip
POINT = 96 / 72  # CSS pixels
LAID_OUT = """() => [...document.querySelectorAll(".letter")].map((letter) => {
  const top = letter.getBoundingClientRect().top, left = letter.getBoundingClientRect().left;
  const place = (part) => {
    const box = letter.querySelector(part).getBoundingClientRect();
    return [box.top - top, box.bottom - top, box.left - left, box.right - left].map((px) => px / 96);
  };
  const parts = [...letter.querySelectorAll("*")].filter((one) => one.getClientRects().length);
  const texts = parts.filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return {
    smallest: Math.min(...texts.map((one) => parseFloat(getComputedStyle(one).fontSize))),
    from: place(".letter__from"), to: place(".letter__to"), qr: place(".letter__qr"), body: place(".letter__body"),
  };
})"""


def test_each_letter_is_one_page_in_large_print_with_its_address_in_the_window(
    opens: Opens, new_page: Callable[..., Page]
) -> None:
    practice = opens("letters")
    long_name = people.someone_like(
        people.MARIA, given="Maximiliana Guadalupe", family="Hernandez de la Cruz", email=""
    )
    people.a_chart(practice, long_name, addresses=[LONG], language="es")
    stage = makes_many_letters(practice)
    page = new_page(locale="en-US")
    stage.bring(page)
    page.goto(practice.address(stage.path("staff:letters_pages", "en")))
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 3
    assert {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)} == {
        (0, 0, 612, 792)
    }
    page.emulate_media(media="print")
    letters: list[dict[str, Any]] = page.evaluate(LAID_OUT)
    assert len(letters) == 3
    for letter in letters:
        top, bottom, left, right = letter["to"]
        assert letter["smallest"] >= 16 * POINT - 0.01
        assert bottom <= 3.17, "in the window of a letter that rests on the envelope's long edge"
        assert top >= letter["from"][1]
        assert (left >= 0.875, right <= 4.4) == (True, True), "in the window, wherever the letter slides to"
        assert letter["from"][1] <= 2.04 - 0.1, "nothing but the address in the window"
        assert letter["qr"][2] > 5.4
        assert letter["body"][0] > 3.63
        assert letter["body"][1] <= 10.5, "nothing is cut off"
    whole = [letter for letter in letters if letter["to"][0] >= 2.04]
    assert (len(whole), len(HOME[0]["lines"])) == (2, 2), "four lines are in the window; what wraps grows upwards"
