"""The texts to read and print, for anybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agreements.models import Kind, TermsVersion
from agreements.terms import current
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@public
@require_safe
@gzip_page
def terms(request: PracticeRequest) -> HttpResponse:
    """Show the practice's terms and conditions."""
    return _page(request, Kind.TERMS, current(request.practice, get_language() or "").terms)


@public
@require_safe
@gzip_page
def privacy(request: PracticeRequest) -> HttpResponse:
    """Show the practice's privacy policy."""
    return _page(request, Kind.PRIVACY, current(request.practice, get_language() or "").privacy)


def _page(request: PracticeRequest, kind: Kind, text: TermsVersion | None) -> HttpResponse:
    """Give the text; where the practice has none yet, a page that says so and whom to ask."""
    status = HTTPStatus.OK if text else HTTPStatus.NOT_FOUND
    return render(request, "agreements/text_page.html", {"title": kind.label, "text": text}, status=status)
