"""Template tags of the texts: {% load agreements %}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import get_language, get_language_info

from agreements.terms import is_in_language
from agreements.text import as_html

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from agreements.models import TermsVersion

register = template.Library()


@register.filter
def prose(text: TermsVersion | None, heading: int | str) -> SafeString:
    """Render a text as HTML, its headings at the level given (3 where a page shows two texts)."""
    return as_html(text.body if text else "", heading=int(heading))


@register.filter
def only_language(text: TermsVersion | None) -> str:
    """Name the text's language where it is not the page's, in words of the page; else ""."""
    if text is None or is_in_language(text, get_language() or ""):
        return ""
    try:
        return str(get_language_info(text.language)["name_translated"])
    except KeyError:
        return text.language
