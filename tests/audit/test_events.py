from __future__ import annotations

import re

from django.conf import settings

from audit.events import Event
from audit.models import AuditEvent


def test_every_event_has_one_line_of_meaning() -> None:
    assert all(event.meaning.endswith(".") and "\n" not in event.meaning for event in Event)


def test_values_are_stable_words_that_fit_the_column() -> None:
    longest = AuditEvent._meta.get_field("event").max_length or 0
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", event.value) and len(event.value) <= longest for event in Event)


def test_every_event_is_recorded_somewhere() -> None:
    """A name that nothing writes would promise a trail that is not there."""
    apps = [settings.BASE_DIR / app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app).is_dir()]
    code = "\n".join(file.read_text(encoding="utf-8") for app in apps for file in app.rglob("*.py"))
    assert [event.name for event in Event if not re.search(rf"\bEvent\.{event.name}\b", code)] == []
