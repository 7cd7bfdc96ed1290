"""Templates compile, lead to routes that there are, and hold nothing that the content security policy forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Template
from django.template.base import FilterExpression, Node
from django.template.defaulttags import URLNode
from django.template.loader import get_template

from tests.contracts.routes import every_route

FOLDER = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in {".html", ".txt"})
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script without src": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}


def nodes(of: Template | Node) -> Iterator[Node]:
    for name in ("nodelist", *getattr(of, "child_nodelists", ())):
        for node in getattr(of, name, None) or ():
            yield node
            yield from nodes(node)


def test_there_are_templates() -> None:
    assert len(PAGES) > 50


@pytest.mark.parametrize("name", PAGES)
def test_template_compiles_and_its_routes_exist(name: str) -> None:
    known = {route.name for route in every_route()}
    template = get_template(name).template  # type: ignore[attr-defined]
    for node in nodes(template):
        if isinstance(node, URLNode):
            assert isinstance(node.view_name, FilterExpression)
            assert node.view_name.var in known, f"{name} names the route {node.view_name}"


@pytest.mark.parametrize("name", [page for page in PAGES if not page.startswith("notices/")])
def test_template_holds_nothing_inline(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert not found, f"{name} holds {found}"
