"""Which language a page is in: the person's choice, then the browser's, of those that the practice speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from practices.current import PracticeRequest


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
