"""What every page is held to, wherever a journey comes by."""

from __future__ import annotations

from collections.abc import Iterable

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
WCAG_22_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PHONE = 360  # CSS px
WIDTHS = (1280, PHONE)
NARROWEST = 320  # CSS px; WCAG 2.2, 1.4.10: what 1280 px are at 400 %
SCROLLS_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return document.documentElement.scrollWidth > width ? wide.map((one) => one.outerHTML.slice(0, 120)) : null;
}"""


# What Tab has to reach: of a group of radio buttons the chosen one or the first, in a modal dialog only what is in it.
REACHABLE = """() => {
  const modal = document.querySelector("dialog:modal");
  const all = [...(modal ?? document).querySelectorAll("a[href], button, input, select, textarea, summary")];
  const groups = new Map();
  const found = all.filter((one) => {
    if (one.disabled || one.type === "hidden" || one.closest("[inert]")) return false;
    if (!one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    const group = [one.form, one.name].join();
    if (!groups.has(group) || one.checked) groups.set(group, one);
    return true;
  });
  const kept = found.filter((one) => one.type !== "radio" || groups.get([one.form, one.name].join()) === one);
  kept.forEach((one, index) => { one.dataset.tab = index; });
  return kept.map((one) => one.outerHTML.slice(0, 120));
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one), label = one.labels?.[0];
  const marks = [style, getComputedStyle(one, "::before")];
  if (label) marks.push(getComputedStyle(label), getComputedStyle(label, "::before"));
  const seen = marks.some((mark) => mark.outlineStyle !== "none" || mark.boxShadow !== "none");
  return one.dataset?.tab === undefined ? null : [Number(one.dataset.tab), seen];
}"""


def by_keyboard(page: Page, name: str) -> None:
    """Tab reaches everything that can be pressed or typed into, shows where it is, and leaves again."""
    wanted = page.evaluate(REACHABLE)
    page.evaluate("() => document.activeElement?.blur()")
    reached: dict[int, bool] = {}
    for _ in range(len(wanted) + 2):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at:
            reached.setdefault(at[0], at[1])
    missed = [wanted[index] for index in range(len(wanted)) if index not in reached]
    assert not missed, f"{name}: not by keyboard: {missed}"
    unseen = [wanted[index] for index, is_seen in reached.items() if not is_seen]
    assert not unseen, f"{name}: nothing shows that the focus is on {unseen}"


def clean(page: Page, name: str) -> None:
    """No violation of WCAG 2.2 AA that axe finds, at the page's width."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.axe_script)
    found = AxeResults(page.evaluate("(options) => axe.run(options)", WCAG_22_AA))
    assert found.violations_count == 0, f"{name} at {page.viewport_size}: {found.generate_report()}"


def no_sideways_scrolling(page: Page, name: str) -> None:
    sideways = page.evaluate(SCROLLS_SIDEWAYS)
    assert sideways is None, f"{name} scrolls sideways at {page.viewport_size}: {sideways}"


def everything(page: Page, name: str, widths: Iterable[int] = WIDTHS) -> None:
    """Holds the page to axe at these widths, and nothing to scroll sideways on the narrowest screen."""
    before = page.viewport_size
    assert before is not None
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        clean(page, name)
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    no_sideways_scrolling(page, name)
    page.set_viewport_size(before)
