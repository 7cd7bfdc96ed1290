"""**Portal settings**, the terms and the readiness check (docs/flows.md H)."""

from __future__ import annotations

from django.urls import reverse

from practices.models import Practice
from staff.setup.sections import SECTIONS
from tests.journeys.scenes.stage import Stage, shows
from tests.staff.kit import a_manager, at_work


@shows("staff:settings", "staff:settings_section", "staff:readiness", "staff:terms", "staff:terms_write")
def decides(practice: Practice) -> Stage:
    manager, _key = at_work(a_manager(practice), practice)
    brand = {"name": "Elm Family Practice", "colour": "#7a1f3d"}
    assert manager.post(reverse("staff:settings_section", args=["brand"]), brand).status_code == 302
    return Stage(
        manager,
        {
            "staff:settings_section": reverse("staff:settings_section", args=[next(iter(SECTIONS))]),
            "staff:terms_write": reverse("staff:terms_write", args=["terms"]),
        },
    )
