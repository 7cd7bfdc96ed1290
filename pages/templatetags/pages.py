"""Template tags of the layout: {% load pages %}."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BaseForm
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import normalize_newlines

from pages import brand, parts

register = template.Library()


class CaptureNode(template.Node):
    """Keeps what it renders in a variable, so that a block's text can stand in two places."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        # Safe already: everything in it came out of the autoescaping template.
        context[self.name] = SafeString(" ".join(normalize_newlines(self.nodelist.render(context)).split()))
        return SafeString("")


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """{% capture NAME %}…{% endcapture %}: the text inside, on one line, as the variable NAME."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str) -> SafeString:
    """A part of the layout, kept from page to page (pages/parts.py)."""
    return parts.render(name, context)


@register.filter
def fingerprint(colour: str) -> str:
    """The part of the address of a practice's colours that changes with them."""
    return brand.fingerprint(colour)


@register.simple_tag
def static_or_nothing(path: str) -> str:
    """Address of a static file; "" where there is none of that name: a wrong logo must not take every page down."""
    try:
        return staticfiles_storage.url(path) if path else ""
    except ValueError:
        return ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of the icons of static/uswds/img/icons.svg, for the eye only: the words stand beside it."""
    href = static_or_nothing("uswds/img/icons.svg")
    return format_html(
        '<svg class="portal-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', href, name
    )


@register.filter
def dial(phone: str) -> str:
    """The number behind a phone as shown, for a tel: link (RFC 3966): a number without + is North American."""
    digits = "".join(c for c in re.split(r"[a-z;,#]", phone.lower())[0] if c.isascii() and c.isdigit())
    return f"+{digits}" if phone.strip().startswith("+") else f"+1{digits.removeprefix('1')}"


@register.simple_tag
def problems(form: BaseForm | None) -> list[dict[str, Any]]:
    """The lines of the error summary, in the order of the page: words, and the id of the field each leads to."""
    if form is None or not getattr(form, "errors", None):
        return []
    fields = [field for field in form if not field.is_hidden]
    first = getattr(fields[0], "focus_id", "") if fields else ""
    lines = [{"words": words, "target": first} for words in form.non_field_errors()]
    for field in form:
        target = first if field.is_hidden else getattr(field, "focus_id", field.id_for_label)
        lines += [{"words": words, "target": target} for words in field.errors]
    return lines
