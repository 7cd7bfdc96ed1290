"""Who may ask for a route. Each view says it, and a contract test finds the views that do not."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

View = TypeVar("View", bound="Callable[..., object]")


class Audience(StrEnum):
    """The kinds of people at a door."""

    PUBLIC = "public"
    JOURNEY = "journey"  # whoever has got so far in an enrollment; the view sends everybody else to its start
    SIGNED_IN = "signed in"
    STAFF = "staff"  # of this practice, who proved a security option
    PROVIDER = "provider"  # another company's machine, which signs what it sends
    DEMO = "demo"  # does not exist outside the demo


_AUDIENCES: dict[Callable[..., object], Audience] = {}


def open_to(audience: Audience, view: View) -> View:
    """Note for whom a view is; the view itself is returned unchanged."""
    _AUDIENCES[view] = audience
    return view


def public(view: View) -> View:
    """Anybody may ask for it."""
    return open_to(Audience.PUBLIC, view)


def journey(view: View) -> View:
    """For whoever has got so far in an enrollment; the view itself sends everybody else to where they belong."""
    return open_to(Audience.JOURNEY, view)


def provider_only(view: View) -> View:
    """For a provider's machine; the view itself checks its signature."""
    return open_to(Audience.PROVIDER, view)


def demo_only(view: View) -> View:
    """It does not exist outside the demo."""
    return open_to(Audience.DEMO, view)


def audience_of(view: Callable[..., object]) -> Audience | None:
    """Return for whom a view is, also where decorators that use functools.wraps lie around it; None: nobody said."""
    while view not in _AUDIENCES and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return _AUDIENCES.get(view)
