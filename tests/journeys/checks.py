"""What every page is held to, wherever a journey comes by."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
WCAG_22_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
WIDTHS = (1280, 360)
NARROWEST = 320  # CSS px; WCAG 2.2, 1.4.10: what 1280 px are at 400 %
SCROLLS_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return document.documentElement.scrollWidth > width ? wide.map((one) => one.outerHTML.slice(0, 120)) : null;
}"""


def clean(page: Page, name: str) -> None:
    """No violation of WCAG 2.2 AA that axe finds, at the page's width."""
    found = AXE.run(page, options=WCAG_22_AA)
    assert found.violations_count == 0, f"{name} at {page.viewport_size}: {found.generate_report()}"


def no_sideways_scrolling(page: Page, name: str) -> None:
    sideways = page.evaluate(SCROLLS_SIDEWAYS)
    assert sideways is None, f"{name} scrolls sideways at {page.viewport_size}: {sideways}"


def everything(page: Page, name: str) -> None:
    """Holds the page to axe at both widths, and nothing to scroll sideways on the narrowest screen."""
    before = page.viewport_size
    assert before is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        clean(page, name)
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    no_sideways_scrolling(page, name)
    page.set_viewport_size(before)
