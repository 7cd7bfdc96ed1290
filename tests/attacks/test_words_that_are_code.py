"""Whoever may write words (a roster, a setting, a form, a name) writes HTML: it is shown as words wherever it comes by.

`PageClient` refuses any page with an inline script or handler, so it is enough to come by.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from guard.audience import Audience
from tests.contracts.first_practice import FirstPractice
from tests.contracts.routes import routes_for
from tests.contracts.test_other_practices_do_not_exist import undone

pytestmark = pytest.mark.django_db
CODE = "\"><script>bad()</script><b onclick='bad()'>"
WORDS = frozenset({
    "name", "title", "body", "label", "first_name", "last_name", "family_name", "given_names", "hours",
    "laboratory", "conclusion", "mrn",
})  # fmt: skip


def written_over(first: FirstPractice) -> set[str]:
    """Put code into every text that somebody writes; which of them there were."""
    found = set()
    for kind in apps.get_models():
        for field in kind._meta.fields:
            if field.name in WORDS and isinstance(field, (models.CharField, models.TextField)) and not field.choices:
                pk = kind._meta.pk
                assert pk is not None
                for one in kind._default_manager.order_by("pk"):
                    value = f"{one.pk}{CODE}"[: field.max_length]
                    with suppress(DatabaseError), transaction.atomic():  # what was published or noted stays as it is
                        kind._default_manager.filter(pk=one.pk).update(**{field.name: value})
                        found.add(f"{kind._meta.label}.{field.name}")
    return found


@pytest.fixture
def first(settings: Any) -> FirstPractice:
    settings.TWILIO_CODES_SERVICE_SID = "MGshared"
    return FirstPractice()


def test_everybodys_words_are_shown_as_words(first: FirstPractice) -> None:
    assert {"practices.Practice.name", "practices.PatientRecord.family_name"} < written_over(first)
    shown = 0
    for route in routes_for(Audience.STAFF):
        answer: Any = undone(first.browser.get, first.address(route))
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            html = answer.content.decode()
            assert not [one for one in ("<script>bad", "<b onclick") if one in html], route.name
            shown += "&lt;script&gt;bad()" in html
    assert shown > 50


@pytest.mark.parametrize("name", ["Quince\r\nBcc: everybody@example.com", "Quince\u2028Bcc", "Quince\x00"])
def test_name_of_a_practice_is_one_line(first: FirstPractice, name: str) -> None:
    """It stands in the From line of each message."""
    first.browser.post("/staff/settings/brand/", {"name": name, "colour": "#7a1f3d"})
    first.practice.refresh_from_db()
    assert first.practice.name.isprintable()
