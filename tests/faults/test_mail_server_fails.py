"""The mail server refuses, stalls or hangs up, at every stage of RFC 5321: the message waits, and arrives later."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pytest_django import Settings

from notifications import delivery
from notifications.channels import email
from notifications.channels.email import message_id
from notifications.models import Lane, Message, State
from practices.models import Practice
from tests.faults.smtp import RESET, STALL, TAKEN_THEN_RESET, MailServer
from tests.notifications.conftest import make_practice, queue_hello

LATER = {421: "421 4.3.2 closing", 451: "451 4.3.0 local error", 454: "454 4.7.0 not now"}
OURS_TO_MEND = ("connect", "MAIL")  # a refusal for good there says nothing of the message


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = MailServer()
    settings.EMAIL_URL = server.url
    monkeypatch.setattr(email, "TIMEOUT", 0.3)
    yield server
    server.stop()


@pytest.fixture
def practice(db: None, settings: Settings) -> Practice:
    templates = Path(__file__).parent.parent / "notifications" / "templates"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], templates]}]
    return make_practice()


def send(message: Message) -> tuple[str, str, int]:
    """One try, whose wait is over; gives the row's state, failure and tries."""
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    return message.state, message.failure, message.tries


def check_that_it_waits_and_arrives(message: Message, server: MailServer, failure: str, times: int = 1) -> None:
    assert send(message) == (State.QUEUED, failure, 1)
    assert message.context_sealed
    assert send(message) == (State.SENT, "", 2)
    assert server.accepted == {message_id(message): times}


@pytest.mark.parametrize("stage", ["connect", "MAIL", "RCPT", "DATA", "content"])
@pytest.mark.parametrize("code", LATER)
def test_not_now(practice: Practice, server: MailServer, stage: str, code: int) -> None:
    server.script[stage].append(LATER[code])
    check_that_it_waits_and_arrives(queue_hello(practice), server, f"smtp_{code}")


@pytest.mark.parametrize("stage", OURS_TO_MEND)
def test_refused_for_a_reason_of_ours_it_waits_for_us_to_mend_it(
    practice: Practice, server: MailServer, stage: str
) -> None:
    server.script[stage].append("550 5.7.1 we do not take anything from you")
    check_that_it_waits_and_arrives(queue_hello(practice), server, "smtp_550")


def test_not_greeted_at_all(practice: Practice, server: MailServer) -> None:
    server.script["EHLO"].extend(["502 what?", "554 5.3.2 go away"])  # to EHLO, and to HELO after it
    check_that_it_waits_and_arrives(queue_hello(practice), server, "smtp_554")


def test_not_greeted_in_the_new_way(practice: Practice, server: MailServer) -> None:
    server.script["EHLO"].append("451 4.3.0 local error")
    assert send(queue_hello(practice)) == (State.SENT, "", 1)


@pytest.mark.parametrize("act", [STALL, RESET])
@pytest.mark.parametrize("stage", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "content"])
def test_no_answer(practice: Practice, server: MailServer, stage: str, act: str) -> None:
    server.script[stage].append(act)
    failure = "unreachable" if stage == "connect" else "no_answer"
    check_that_it_waits_and_arrives(queue_hello(practice), server, failure)


def test_hung_up_on_with_the_message_taken_it_comes_twice_with_one_id(practice: Practice, server: MailServer) -> None:
    server.script["content"].append(TAKEN_THEN_RESET)
    check_that_it_waits_and_arrives(queue_hello(practice), server, "no_answer", times=2)


@pytest.mark.parametrize("stage", ["connect", "MAIL", "content"])
def test_the_next_messages_lose_no_try_over_it(practice: Practice, server: MailServer, stage: str) -> None:
    first, second = queue_hello(practice), queue_hello(practice)
    server.script[stage].append(LATER[421])
    assert send(first)[0] == State.QUEUED
    second.refresh_from_db()
    assert (second.state, second.tries) == (State.QUEUED, 0)


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "content"])
def test_the_next_messages_leave_where_only_this_one_is_not_wanted_now(
    practice: Practice, server: MailServer, stage: str
) -> None:
    first, second = queue_hello(practice), queue_hello(practice)
    server.script[stage].append(LATER[451])
    assert send(first)[0] == State.QUEUED
    second.refresh_from_db()
    assert (second.state, second.tries) == (State.SENT, 1)


@pytest.mark.parametrize(
    "refusal", ["454 4.7.0 TLS not available", "220 here is a certificate that nobody vouches for"]
)
def test_without_tls_nothing_is_told(
    practice: Practice, server: MailServer, settings: Settings, tmp_path: Path, refusal: str
) -> None:
    server.tls = tls_of_nobody(tmp_path)
    settings.EMAIL_URL = server.url
    server.script["STARTTLS"].append(refusal)
    assert send(queue_hello(practice))[0] == State.QUEUED
    assert set(server.in_clear) <= {"EHLO", "STARTTLS", "QUIT"}
    assert not server.accepted


def test_where_no_tls_is_offered_nothing_is_told(practice: Practice, server: MailServer, settings: Settings) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
    assert send(queue_hello(practice)) == (State.QUEUED, "unreachable", 1)
    assert set(server.in_clear) <= {"EHLO", "QUIT"}


def tls_of_nobody(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = timezone.now()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(today - timedelta(days=1))
    signed = made.not_valid_after(today + timedelta(days=1)).sign(key, hashes.SHA256())
    plain = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (folder / "pem").write_bytes(key.private_bytes(*plain) + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pem")
    return context
