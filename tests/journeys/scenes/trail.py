"""**Audit trail** and **Funnel** (docs/flows.md H)."""

from __future__ import annotations

from enrollment import funnel
from practices.models import Practice
from tests import people
from tests.journeys.scenes.stage import Stage, shows
from tests.staff.kit import a_manager, at_work


@shows("staff:audit", "staff:audit_export", "staff:funnel")
def looks_back(practice: Practice) -> Stage:
    people.an_account(practice, people.someone_like(people.MARIA, email="looked.at@example.com"))
    people.a_token_for(practice, people.someone_like(people.HER_FATHER, email=""))
    funnel.count(practice)
    manager, _key = at_work(a_manager(practice), practice)
    return Stage(manager)
