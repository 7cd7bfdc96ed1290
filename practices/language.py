"""Which language a page is in: the person's choice, then the browser's, of those that the practice speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from practices.current import PracticeRequest


def remember(response: HttpResponseBase, language: str) -> None:
    """Keep the person's choice in this browser, as Django's own switch does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


class LanguageMiddleware:
    """Activates the language; a practice that does not offer it answers in its first."""

    def __init__(self, get_response: Callable[[PracticeRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PracticeRequest) -> HttpResponseBase:
        wanted = translation.get_language_from_request(request)
        offered = request.practice.languages
        language = wanted if wanted in offered else request.practice.language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
