"""The practice's colour on its pages, as a style sheet of its own: the security policy allows none inside a page.

A practice names one colour. What is read on it or in it gets a shade with a contrast of at least 4.5 : 1
(WCAG 2.2, 1.4.3), whatever colour that was.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

Rgb = tuple[int, int, int]

DEFAULT_COLOUR = "#005ea2"
READABLE = 4.5  # WCAG 2.2, 1.4.3
BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
PAGE: Rgb = (244, 246, 248)  # --page in portal.css, the darkest ground that links stand on, but for the tint
FOREVER = "public, max-age=31536000, immutable"


def parse(colour: str) -> Rgb:
    """Read "#rrggbb"; anything else is read as the default colour."""
    digits = (colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else DEFAULT_COLOUR)[1:]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of the same name)."""
    red, green, blue = ((c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2, definition of the same name)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Take `share` (0 to 1) of the first colour and the rest of the other."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: Rgb) -> Rgb:
    """Darken the colour until it reads on white, on the page and on its own tint."""
    grounds = (WHITE, PAGE, tint(colour))
    while min(contrast(colour, ground) for ground in grounds) < READABLE:
        colour = mix(colour, BLACK, 0.95)
    return colour


def tint(colour: Rgb) -> Rgb:
    """Give the faint shade for tiles under the pointer."""
    return mix(colour, WHITE, 0.08)


def text_on(colour: Rgb) -> Rgb:
    """Give white or black, whichever reads better on the colour: one of them always has 4.5 : 1."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


@lru_cache(maxsize=256)
def stylesheet(colour: str) -> str:
    """Give the custom properties that portal.css builds on."""
    chosen = parse(colour)
    strong = readable(chosen)
    shades = {
        "brand": chosen,
        "on-brand": text_on(chosen),
        "strong": strong,
        "deep": mix(strong, BLACK, 0.75),
        "tint": tint(chosen),
    }
    return ":root{" + ";".join(f"--{name}:#{r:02x}{g:02x}{b:02x}" for name, (r, g, b) in shades.items()) + "}"


@lru_cache(maxsize=256)
def fingerprint(colour: str) -> str:
    """Give the part of the address that changes with the style sheet: 12 hexadecimal digits."""
    return hashlib.sha256(stylesheet(colour).encode()).hexdigest()[:12]


def colour_of(request: HttpRequest) -> str:
    """The colour of the practice that the request is for."""
    return str(getattr(getattr(request, "practice", None), "colour", DEFAULT_COLOUR))


@require_safe
def brand(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the style sheet; an address from before a change of colour gets the present one, not to be kept."""
    colour = colour_of(request)
    response = HttpResponse(stylesheet(colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOREVER if digest == fingerprint(colour) else "no-cache"
    return response
