"""**Patients**: the list, each with the paw, and the page that the paw asks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tests import people
from tests.journeys.scenes.stage import Stage, shows, somebody
from tests.staff.kit import at_work

if TYPE_CHECKING:
    from practices.models import Practice


@shows("staff:patients", "staff:paw")
def presses_the_paw(practice: Practice) -> Stage:
    token = people.a_token(people.a_chart(practice, somebody()), mailed=True)
    people.a_chart(practice, somebody(), emails=[])
    desk, _key = at_work(people.front_desk(practice, "paws"), practice)
    return Stage(desk, {"staff:paw": reverse("staff:paw", args=[token.chart.pk])})
