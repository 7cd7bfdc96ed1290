"""The texting consent governs reminders and notices, and never a code that was asked for."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import Account
from notifications import delivery, optout, outbox, senders, texting
from notifications.models import CapturedMessage, Channel, Lane, Message, State
from notifications.texting import MATTERS, Matter
from practices.models import Practice
from tests import people
from tests.alone import alone
from tests.contracts.test_notices import NOTICES

__all__ = ["alone"]
pytestmark = pytest.mark.django_db
PHONE = "+12125550142"
CONTEXT: dict[str, str | int | bool] = {
    "code": "123456",
    "due_at": "2026-11-23T08:00:00+00:00",
    "minutes": 10,
    "not_me": "https://x.example/",
    "option": "a phone",
}


@pytest.fixture
def practice() -> Practice:
    return people.a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    account = people.an_account(practice)
    Message.objects.all().delete()
    return account


def sent(notice: str, practice: Practice, lane: Lane = Lane.URGENT) -> tuple[str, str]:
    """What became of a text: its state, and why it failed."""
    with transaction.atomic():
        outbox.queue(notice, practice=practice, to=PHONE, channel=Channel.SMS, lane=lane, context=CONTEXT)
    message = Message.objects.latest("pk")
    delivery.drain(lane)
    message.refresh_from_db()
    return message.state, message.failure


def test_every_text_has_its_matter() -> None:
    """Whoever adds a text decides whether it needs a consent; one that is forgotten needs it."""
    texts = {folder.name for folder in NOTICES.iterdir() if (folder / "sms.txt").exists()}
    assert texts == set(MATTERS)
    assert [notice for notice, matter in MATTERS.items() if matter is Matter.CODE] == [
        "activation_code", "code",
    ]  # fmt: skip


@pytest.mark.parametrize("answer", ["nothing", "yes", "no"])
@pytest.mark.parametrize("notice", sorted(MATTERS))
def test_what_is_sent_to_whom(practice: Practice, account: Account, notice: str, answer: str) -> None:
    if answer == "yes":
        texting.allow(practice=practice, account=account, record=None, numbers=[PHONE])
    elif answer == "no":
        texting.refuse(practice=practice, account=account, record=None, numbers=[PHONE])
    is_sent = MATTERS[notice] is not Matter.NOTICE or answer == "yes"
    assert sent(notice, practice) == ((State.DELIVERED, "") if is_sent else (State.FAILED, "no_consent"))
    assert CapturedMessage.objects.filter(to=PHONE).exists() is is_sent


def test_consent_withdrawn_while_a_text_waits_holds_it_back(practice: Practice, account: Account) -> None:
    texting.allow(practice=practice, account=account, record=None, numbers=[PHONE])
    with transaction.atomic():
        outbox.queue("texting_on", practice=practice, to=PHONE, channel=Channel.SMS, lane=Lane.BULK, context={})
    texting.refuse(practice=practice, account=account, record=None, numbers=[])
    delivery.drain(Lane.BULK)
    assert Message.objects.latest("pk").failure == "no_consent"


def test_stop_ends_codes_and_warnings_too(practice: Practice, account: Account) -> None:
    texting.allow(practice=practice, account=account, record=None, numbers=[PHONE])
    optout.stop(PHONE, senders.of_codes(practice))
    for notice in ("code", "option_added", "texting_on"):
        assert sent(notice, practice) == (State.FAILED, "stopped")


def test_text_that_nobody_named_needs_a_consent(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(MATTERS, "option_added")
    assert sent("option_added", practice) == (State.FAILED, "no_consent")
