"""The parts of the layout that are the same on page after page: rendered once, then kept in the process.

A part knows nothing but what it is kept for: the practice's `Look`, the language, and two facts about the page. What is
another on every page, the form token and the address, is put into the kept text. (Measured: decision 16.)
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django.template import Context

KEPT = 2048  # parts; a practice has some ten in each of its languages, of 2 KB
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
    return get_template(template).render(
        {
            "practice": practice,
            "has_form": has_form,
            "is_signed_in": is_signed_in,
            "csrf_token": TOKEN,
            "same_page": ADDRESS,
            "LANGUAGE_CODE": language,
        }
    )


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
    )
