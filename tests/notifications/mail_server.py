"""A real SMTP server whose answers a test chooses."""

import asyncio
import logging
import socket
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)
FINE = "250 OK"
STALL = "stall"  # takes the message and never answers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class MailServer:
    """Keeps what it accepted. `recipient_answers` and `answers` (to the message itself) are used up first."""

    def __init__(self, port: int = 0) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.recipient_answers: deque[str] = deque()
        self.answers: deque[str] = deque()
        self.sessions: set[int] = set()
        self.stalled = 0
        self.delay = 0.0  # seconds before each answer to a message
        self.port = port or free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)

    def start(self) -> "MailServer":
        self._controller.start()
        return self

    def stop(self) -> None:
        """Closes the port; a second time it does nothing."""
        if not self._controller.loop.is_closed():
            self._controller.stop(no_assert=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=no"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        answer = self.recipient_answers.popleft() if self.recipient_answers else FINE
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the same
        answer = self.answers.popleft() if self.answers else FINE
        await asyncio.sleep(self.delay)
        if answer == STALL:
            self.stalled += 1
            await asyncio.sleep(600)
        if answer.startswith("2"):
            self.envelopes.append(envelope)
            self.mails.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default))
        return answer
