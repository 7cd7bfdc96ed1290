from __future__ import annotations

import re

from audit.events import Event
from audit.models import AuditEvent


def test_every_event_has_one_line_of_meaning() -> None:
    assert all(event.meaning.endswith(".") and "\n" not in event.meaning for event in Event)


def test_values_are_stable_words_that_fit_the_column() -> None:
    longest = AuditEvent._meta.get_field("event").max_length or 0
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", event.value) and len(event.value) <= longest for event in Event)
    assert len({event.value for event in Event}) == len(Event)


def test_an_event_is_its_value() -> None:
    assert Event["CODE_ISSUED"] is Event.CODE_ISSUED
    assert f"{Event.CODE_ISSUED}" == "code.issued"
