"""A client that checks every page it gets, so that each test of a page is a test of its HTML and headers too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import html5lib
from django.test import Client

if TYPE_CHECKING:
    from practices.models import Practice

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
LEADS_TO = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "data-hides")
CSRF_TOKEN = re.compile(r"(?<=name=\"csrfmiddlewaretoken\" value=\")[^\"]+")
UNTYPED = {"hidden", "submit", "button", "image", "reset"}

Check = Callable[[Element], Iterator[str]]
Answer = Any  # what Django's test client gives back: a response with more (url, context, …) put on at run time


class PageClient(Client):
    """Django's test client; an HTML answer that breaks a rule of the house fails the test that asked for it."""

    if TYPE_CHECKING:

        def get(self, *args: Any, **kwargs: Any) -> Answer: ...
        def post(self, *args: Any, **kwargs: Any) -> Answer: ...

    def request(self, **request: Any) -> Answer:
        """Ask, check, and give back the answer."""
        response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html") and response.content:
            found = [*header_faults(response.headers), *page_faults(response.content.decode())]
            assert not found, f"{request.get('REQUEST_METHOD')} {request.get('PATH_INFO')}: {found}"
        return response


def client_for(practice: Practice, **options: Any) -> PageClient:
    """Somebody's browser at the practice's host."""
    return PageClient(HTTP_HOST=practice.host, **options)


def header_faults(headers: Mapping[str, str]) -> Iterator[str]:
    """Headers that are missing or wrong (ASVS 5.0, V3.4)."""
    for name, value in HEADERS.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)!r}"
    policy = headers.get("Content-Security-Policy", "")
    if missing := POLICY - {part.strip() for part in policy.split(";")}:
        yield f"the security policy lacks {sorted(missing)}"
    if "unsafe-" in policy:
        yield "the security policy has an exception"
    if "Permissions-Policy" not in headers:
        yield "no Permissions-Policy"
    if "no-store" not in headers.get("Cache-Control", ""):
        yield "the page may be kept by the browser"


def page_faults(html: str) -> list[str]:
    """Everything that the rules for pages do not allow in this one."""
    return _faults(CSRF_TOKEN.sub("a token", html))


@lru_cache(maxsize=1024)
def _faults(html: str) -> list[str]:
    """Many tests come by the same pages: the sign-in, home."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    invalid = [f"invalid HTML at {where}: {code} {about}" for where, code, about in parser.errors]
    return [*invalid, *(fault for check in CHECKS for fault in check(root))]


def words(element: Element | None) -> str:
    """What an element says, on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def every(root: Element, *tags: str) -> list[Element]:
    """All elements of these kinds, in the order of the page."""
    return [element for element in root.iter() if element.tag in tags]


def one_heading_and_its_title(root: Element) -> Iterator[str]:
    headings, title = root.findall(".//h1"), words(root.find(".//title"))
    if len(headings) != 1:
        yield f"{len(headings)} h1"
    elif not words(headings[0]) or not title.removeprefix("Error: ").startswith(words(headings[0])):
        yield f"the title {title!r} does not start with the heading {words(headings[0])!r}"
    if root.find(".//*[@data-error-summary]") is not None and not title.startswith("Error: "):
        yield "errors, and the title does not say so"
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
    summary = root.find(".//h2[@id='error-summary']") is not None  # stands above the h1
    for higher, lower in zip(levels[summary:], levels[summary + 1 :], strict=False):
        if lower > higher + 1:
            yield f"h{lower} after h{higher}"


def language(root: Element) -> Iterator[str]:
    if not root.get("lang"):
        yield "no lang"


def ids_lead_somewhere(root: Element) -> Iterator[str]:
    ids = Counter(element.get("id") for element in root.iter() if element.get("id") is not None)
    yield from (f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1)
    for element in root.iter():
        for name in LEADS_TO:
            for target in (element.get(name) or "").split():
                if target not in ids:
                    yield f"{name} leads to {target!r}, which is not there"
        href = element.get("href") or ""
        if href.startswith("#") and href[1:] not in ids:
            yield f"a link leads to {href!r}, which is not there"


def fields_are_labelled(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label") if words(label)}
    for element in every(root, "input", "select", "textarea"):
        if element.get("type") in UNTYPED or element.get("hidden") is not None:
            continue
        if element.get("id") not in labelled:
            yield f"the field {element.get('name')!r} has no label"
        if element.get("type") == "password" and element.get("value"):
            yield "a password is shown again"


def controls_say_what_they_do(root: Element) -> Iterator[str]:
    for element in every(root, "a", "button"):
        if not words(element) and not element.get("aria-label"):
            yield f"a {element.tag} without words"
        if element.tag == "button" and not element.get("type"):
            yield f"the button {words(element)!r} has no type"
    yield from (f"the image {image.get('src')!r} has no alt" for image in root.iter("img") if image.get("alt") is None)


def forms_are_protected(root: Element) -> Iterator[str]:
    for form in root.iter("form"):
        is_post = (form.get("method") or "get").lower() == "post"
        if is_post != (form.find(".//input[@name='csrfmiddlewaretoken']") is not None):
            yield f"the {form.get('method') or 'get'} form {form.get('action')!r} and its token do not go together"


def nothing_inline(root: Element) -> Iterator[str]:
    for element in root.iter():
        for name in element.keys():  # noqa: SIM118 - an Element is not a dict
            if name == "style" or str(name).startswith("on"):
                yield f"a {element.tag} with {name}="
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"an inline {element.tag}"
        if (element.get("href") or "").lower().startswith("javascript:"):
            yield "a javascript: link"


CHECKS: tuple[Check, ...] = (
    one_heading_and_its_title,
    language,
    ids_lead_somewhere,
    fields_are_labelled,
    controls_say_what_they_do,
    forms_are_protected,
    nothing_inline,
)
