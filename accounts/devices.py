"""What a browser calls itself, in the words of who owns it: "Safari on iPhone"."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first whose mark is found counts: most browsers call themselves by the names of older ones too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def brief(user_agent: str) -> tuple[str, str]:
    """The browser and the system of a User-Agent header, "" where it is none that we know."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)


def words(browser: str, system: str) -> str:
    """Both in words, as far as they are known."""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser that we do not know")


def _first(marks: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in marks if mark in user_agent), "")
