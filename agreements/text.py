"""Texts of a practice as HTML: headings ("# "), lists ("- ") and paragraphs, nothing else, everything escaped."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

HEADING = "# "
ITEM = "- "
LOWEST_HEADING = 6


@lru_cache(maxsize=64)  # texts: they never change, and stand on the first page of every enrollment
def as_html(body: str, *, heading: int = 2) -> SafeString:
    """Render a text; its headings get the level `heading` (2 under a page's h1)."""
    level = min(heading, LOWEST_HEADING)
    lines = [line.strip() for line in body.splitlines()]
    blocks = groupby(lines, key=_kind)
    return mark_safe("\n".join(_block(kind, list(group), level) for kind, group in blocks if kind))  # noqa: S308 (each block is escaped)


def _kind(line: str) -> str:
    if line.startswith(HEADING):
        return "heading"
    if line.startswith(ITEM):
        return "list"
    return "paragraph" if line else ""


def _block(kind: str, lines: list[str], level: int) -> SafeString:
    if kind == "heading":
        return format_html_join("\n", f"<h{level}>{{}}</h{level}>", ((line.removeprefix(HEADING),) for line in lines))
    if kind == "list":
        items = format_html_join("", "<li>{}</li>", ((line.removeprefix(ITEM),) for line in lines))
        return format_html('<ul class="usa-list">{}</ul>', items)
    return format_html("<p>{}</p>", " ".join(lines))
