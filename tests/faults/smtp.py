"""An SMTP server (RFC 5321) that keeps count of what it took, and fails at the stages it is told to."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import Counter, defaultdict, deque
from contextlib import suppress
from email import message_from_bytes, policy

STAGES = ("connect", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "content")
FINE = {
    "connect": "220 mail.example.org ESMTP",
    "STARTTLS": "220 go ahead",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go ahead",
    "content": "250 taken",
}
# In place of an answer: never answer, or break the connection off; where it says so, with the message taken.
STALL, RESET, TAKEN_THEN_RESET = "stall", "reset", "taken, then reset"
LINGER_NOT = struct.pack("ii", 1, 0)  # close() sends RST


class Over(Exception):
    """This connection is over."""


class MailServer:
    """`script` says what is answered at a stage instead, once for each entry ("" as usual).

    `accepted` counts Message-IDs.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.script: dict[str, deque[str]] = defaultdict(deque)
        self.accepted: Counter[str] = Counter()
        self.last_at: dict[str, float] = {}  # by recipient, on the monotonic clock
        self.in_clear: list[str] = []  # verbs that came without TLS
        self.in_flight = 0  # contents that were received and not answered yet
        self.delay = 0.0  # seconds before the answer to a content
        self.tls = tls
        self._begin(0)

    def _begin(self, port: int) -> None:
        self._server = _Listener(("127.0.0.1", port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}{'' if self.tls else '?tls=no'}"

    def stop(self) -> None:
        self._server.ending.set()
        self._server.shutdown()
        self._server.server_close()

    def start_again(self) -> None:
        self._begin(self.port)

    def take(self, content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        self.last_at[str(mail["To"])] = time.monotonic()
        self.accepted[str(mail["Message-ID"])] += 1


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], mail: MailServer) -> None:
        self.mail = mail
        self.ending = threading.Event()
        super().__init__(address, _Session)


class _Session(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        with suppress(Over, OSError):
            self.answer("connect")
            while line := self.rfile.readline():
                self.obey(line.decode().strip())

    def obey(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        if not isinstance(self.connection, ssl.SSLSocket):
            self.server.mail.in_clear.append(verb)
        if verb in {"EHLO", "HELO"}:
            offers = ["mail.example.org", *(["STARTTLS"] if self.server.mail.tls else []), "8BITMIME"]
            last = len(offers) - 1
            self.answer("EHLO", "\r\n".join(f"250{' ' if n == last else '-'}{what}" for n, what in enumerate(offers)))
        elif verb == "DATA":
            if self.answer("DATA"):
                self.receive()
        elif verb == "STARTTLS":
            if self.answer("STARTTLS"):
                self.begin_tls()
        elif verb in {"MAIL", "RCPT"}:
            self.answer(verb)
        else:
            self.say({"QUIT": "221 bye", "RSET": "250 fine"}.get(verb, "502 not here"))

    def receive(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if line:
            self.answer("content", content=b"".join(lines))

    def answer(self, stage: str, fine: str = "", content: bytes = b"") -> bool:
        """What the script has for this stage, else what is right; tells whether it was right."""
        mail = self.server.mail
        act = (mail.script[stage].popleft() if mail.script[stage] else "") or fine or FINE[stage]
        if content:
            self.consider(act, content)
        if act == STALL:
            self.server.ending.wait(600)
            raise Over
        if act in {RESET, TAKEN_THEN_RESET}:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            self.connection.close()
            raise Over
        self.say(act)
        if act.startswith("421"):
            raise Over
        return act[0] in "23"

    def consider(self, act: str, content: bytes) -> None:
        mail = self.server.mail
        mail.in_flight += 1
        self.server.ending.wait(mail.delay)
        if act.startswith("2") or act == TAKEN_THEN_RESET:
            mail.take(content)
        mail.in_flight -= 1

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def begin_tls(self) -> None:
        if self.server.mail.tls:
            self.request = self.server.mail.tls.wrap_socket(self.connection, server_side=True)
            self.setup()
