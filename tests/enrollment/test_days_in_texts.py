"""Days in texts are in words: "05/12/2026" is another day to who reads English than to who reads Spanish."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Account, AccountChange, ChangeKind
from notifications.models import Message
from notifications.words import render
from tests.accounts.getting_back import RESET, WAIT
from tests.accounts.options_kit import an_app
from tests.enrollment.account_reset_kit import Locked, an_owner
from tests.people import a_practice

pytestmark = pytest.mark.django_db
MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
]
MONTHS += ["diciembre"]
BY_NUMBERS = re.compile(r"\d/\d")


def texts(notice: str) -> list[str]:
    found = Message.objects.filter(notice=notice, channel="sms")
    return [re.sub(r"http\S+", "", render(message).text) for message in found]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("notice", "kind", "path"),
    [("password_reset_waits", ChangeKind.WAIT, WAIT), ("account_reset_asked", ChangeKind.CLOSING, RESET)],
)
def test_day_is_in_words(language: str, notice: str, kind: ChangeKind, path: str) -> None:
    practice = a_practice()
    maria, hers = an_owner(practice), Locked(practice)
    an_app(maria)
    Account.objects.filter(pk=maria.pk).update(language=language)
    hers.choose_for(maria)
    hers.post(path)
    due_at = AccountChange.objects.get(account=maria, kind=kind).due_at
    assert due_at
    due_at = due_at.astimezone(ZoneInfo(practice.time_zone))
    day = f"{due_at.day} de {MONTHS[due_at.month - 1]} de {due_at.year}"
    found = texts(notice)
    assert found
    for text in found:
        assert (day if language == "es" else f" {due_at.day}, {due_at.year}") in text
        assert not BY_NUMBERS.search(text)
