"""Template tags of the pages for staff: {% load staff %}."""

from __future__ import annotations

from typing import Any

from django import template

from staff.gates import is_manager

register = template.Library()


@register.simple_tag(takes_context=True)
def manager(context: template.Context) -> bool:
    """Whether who looks at the page is a manager: {% manager as is_manager %}."""
    request: Any = context["request"]
    return is_manager(request)
