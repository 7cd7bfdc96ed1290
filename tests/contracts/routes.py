"""Every route of the portal, with an address to ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guard.audience import Audience, audience_of

EXAMPLES = {
    "option": "verification.codeoption/1",
    "secret": "made-up",
    "digest": "0123456789ab",
    "account": 1,
    "message": 1,
    "enrollment": 1,
    "ask": "1-0",
    "answer": 1,
    "acceptance": 1,
    "form": 1,
    "number": 1,
    "question": 1,
    "language": "en",
    "record": 1,
    "access": 1,
    "proxy": 1,
    "report": 1,
    "run": 1,
    "upload": 1,
    "conflict": 1,
    "merge": 1,
    "section": "brand",
    "event": 1,
    "digits": "1f6f5c",
    "kind": "terms",
    "code": "4548",  # of a test; or the id of an enrollment code
    "which": "mobile",
    "change": 1,
    "member": 1,
    "invitation": 1,
}
# Django's own view, and the practice's colours, which stand on the floor below `guard`'s users. Anybody may have them.
SAY_NOTHING = {"set_language": Audience.PUBLIC, "brand": Audience.PUBLIC}


@dataclass(frozen=True)
class Route:
    name: str
    view: Callable[..., Any]
    path: str
    arguments: Mapping[str, Any]

    @property
    def audience(self) -> Audience | None:
        return audience_of(self.view) or SAY_NOTHING.get(self.name)


def _patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern, with the namespaces that it stands in ("staff:")."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield space, one


def _route(space: str, one: URLPattern) -> Route:
    assert one.name, f"{one.callback} has no name"
    kwargs: dict[str, Any] = {name: EXAMPLES[name] for name in one.pattern.regex.groupindex}
    return Route(f"{space}{one.name}", one.callback, reverse(f"{space}{one.name}", kwargs=kwargs), kwargs)


def every_route() -> list[Route]:
    return [_route(space, one) for space, one in _patterns(get_resolver())]


def routes_for(audience: Audience) -> list[Route]:
    return [route for route in every_route() if route.audience == audience]
