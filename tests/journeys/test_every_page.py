"""Every page of the portal in a real browser, with axe, at two widths, and in Spanish on a phone: none is left out."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.contracts.routes import every_route
from tests.journeys import checks
from tests.journeys.conftest import Opens
from tests.journeys.scenes import NO_PAGE, SCENES

LANGUAGES = {"en": "en-US", "es": "es-US"}


@pytest.mark.parametrize("name", SCENES)
def test_pages(name: str, opens: Opens, new_page: Callable[..., Page]) -> None:
    scene = SCENES[name]
    practice = opens("scene", **scene.settings)
    stage = scene.played(practice)
    for language, locale in LANGUAGES.items():
        page = new_page(locale=locale)
        stage.bring(page)
        for route in scene.routes:
            page.goto(practice.address(stage.path(route, language)))
            assert resolve(urlsplit(page.url).path).view_name == route, f"{name}: {route} led to {page.url}"
            expect(page.locator("html")).to_have_attribute("lang", language)
            if language == "en":
                checks.everything(page, f"{name}: {route} in English")
                checks.by_keyboard(page, f"{name}: {route}")
            else:  # longer words are no other page: they matter where there is little room
                checks.everything(page, f"{name}: {route} in Spanish", [checks.PHONE])


def test_every_route_is_in_a_scene_or_said_to_be_no_page() -> None:
    shown = {route for scene in SCENES.values() for route in scene.routes}
    none = {name for names in NO_PAGE.values() for name in names.split()}
    routes = {route.name for route in every_route()}
    assert routes - shown - none == set(), "pages that no scene shows (tests/journeys/scenes/)"
    assert (shown | none) - routes == set(), "not there any more"
    assert shown & none == set()
