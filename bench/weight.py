"""What a browser fetches: for the first page it sees, and for another page once it has the style and scripts of all.

Asked of Chromium, which says how many bytes came over the wire, headers and compression included. The pages travel as
the portal sends them. tests/contracts/test_page_weight.py counts the same, for every page, without a browser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from bench import running
from bench.figures import Figure

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

KB = 1000
PAGES = ("/", "/enroll/", "/terms/", "/privacy/")
LOADS = re.compile(r'<(?:link|script|img|use|source)\b[^>]*?\s(?:href|src)="([^"]+)"')
NAMES = re.compile(r'url\(\s*["\']?([^"\')]+)|(?:from|import)\s*["\'](\.[^"\']+)')


def named_by_page(html: str) -> set[str]:
    """The paths that a page has its browser load: style, scripts, pictures."""
    return {urlsplit(address).path for address in LOADS.findall(html)}


def named_by_file(address: str, text: str) -> set[str]:
    """The paths that a style sheet or a script names in turn: fonts, pictures, modules."""
    found = {one or other for one, other in NAMES.findall(text)}
    return {urlsplit(urljoin(address, name)).path for name in found if not name.startswith("data:")}


def measure() -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    from bench.walks import prepare

    prepare()
    chromiums = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
    with running.portal() as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(Path.exists, chromiums), None), args=["--no-sandbox"]
        )
        first: dict[str, Counter[str]] = {}
        second: dict[str, Counter[str]] = {}
        for number, path in enumerate(PAGES):
            # The proxy would say that the browser came by HTTPS; localhost is as good to Chromium.
            context = browser.new_context(extra_http_headers={"X-Forwarded-Proto": "https"})
            first[path] = fetched(context, portal.port, path)
            following = PAGES[number - 1]
            second[following] = fetched(context, portal.port, following)
            context.close()
        browser.close()
    yield Figure("first_view", heaviest(first), {"bytes": first})
    yield Figure("second_view", heaviest(second), {"bytes": second})


def fetched(context: BrowserContext, port: int, path: str) -> Counter[str]:
    """Bytes over the wire by kind of file; what came from the browser's cache is none."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    came: Counter[str] = Counter()

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def finished(event: dict[str, Any]) -> None:
        came[kinds[event["requestId"]]] += int(event["encodedDataLength"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    page.goto(f"http://localhost:{port}{path}", wait_until="networkidle")
    assert came["Document"], f"{path} did not come"
    return came


def heaviest(pages: dict[str, Counter[str]]) -> float:
    """Of the heaviest page: KB."""
    return max(sum(kinds.values()) for kinds in pages.values()) / KB
