"""What is the same for everybody, parts of the layout and whole pages: rendered once, then kept in the process.

A part knows nothing but what it is kept for: the practice's `Look`, the language, and two facts about the page. What is
another on every page, the form token and the address, is put into the kept text. (Measured: decision 16.)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from django.http import HttpRequest
    from django.template import Context

KEPT = 2048  # parts; a practice has some ten in each of its languages, of 2 KB
PAGES_KEPT = 512  # of 6 KB, and of 40 KB where they hold whole texts
INDENT = re.compile(r"\n\s+")  # of templates, for who writes them: some 0.4 KB of every page
TOKEN, ADDRESS = "PUT-THE-FORM-TOKEN-HERE", "PUT-THE-ADDRESS-HERE"


class Look(NamedTuple):
    """What the parts show of a practice; they call it `practice`, as pages do."""

    name: str
    logo: str
    colour: str
    phone: str
    email: str
    hours: str
    languages: tuple[str, ...]
    idle_minutes: int | None
    person_word: str | None


def page(request: HttpRequest, template: str, context: Mapping[str, Any], *, of: Hashable = ()) -> HttpResponse:
    """A page that is the same for everybody who is not signed in; `of` is what its context is made of.

    For forms that nobody has filled in yet. Who is signed in, or is owed a message, gets it rendered as any other.
    """
    if request.user.is_authenticated or get_messages(request):
        return HttpResponse(get_template(template).render({**context}, request))
    key = (template, get_language(), _look(request), of)
    text = _pages.get(key)
    if text is None:
        text = get_template(template).render({**context, "csrf_token": TOKEN, "same_page": ADDRESS}, request)
        if len(_pages) >= PAGES_KEPT:
            _pages.clear()
        _pages[key] = text
    return HttpResponse(text.replace(TOKEN, get_token(request)).replace(ADDRESS, escape(request.get_full_path())))


_pages: dict[Hashable, str] = {}


def render(template: str, context: Context) -> SafeString:
    """One part, for the page that has this context."""
    request: Any = context.get("request")
    is_signed_in = not context.get("quiet") and context["user"].is_authenticated if "user" in context else False
    text = _kept(template, get_language(), bool(context.get("form")), is_signed_in, _look(request))
    if TOKEN in text:
        text = text.replace(TOKEN, str(context["csrf_token"]))
    if ADDRESS in text:
        text = text.replace(ADDRESS, escape(context.get("same_page") or request.get_full_path()))
    return SafeString(text)


@lru_cache(maxsize=KEPT)
def _kept(template: str, language: str | None, has_form: bool, is_signed_in: bool, practice: Look | None) -> str:  # noqa: FBT001 - the key
    text = get_template(template).render(
        {
            "practice": practice,
            "has_form": has_form,
            "is_signed_in": is_signed_in,
            "csrf_token": TOKEN,
            "same_page": ADDRESS,
            "LANGUAGE_CODE": language,
        }
    )
    return INDENT.sub("\n", text)


def _look(request: Any) -> Look | None:  # noqa: ANN401 - a request with a practice, which this floor does not know
    practice = getattr(request, "practice", None)
    if practice is None:
        return None
    return Look(
        practice.name,
        practice.logo,
        practice.colour,
        practice.phone,
        practice.email,
        practice.hours,
        tuple(practice.languages),
        getattr(getattr(practice, "settings", None), "idle_minutes", None),
        getattr(getattr(practice, "settings", None), "person_word", None),
    )
