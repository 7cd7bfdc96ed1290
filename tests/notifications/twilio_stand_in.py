"""A stand-in for Twilio's HTTP API whose answers a test chooses: real sockets, for the official client.

Each request is checked against Twilio's own description of its API, where that is at hand. As a program
(`python -m tests.notifications.twilio_stand_in PORT LOG`) it takes everything and writes a line for each.
"""

import base64
import http.client
import json
import secrets
import socket
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.notifications import twilio_description
from tests.notifications.mail_server import free_port

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for the tests only"
CODES, BULK, VOICE = f"MG{'0' * 31}1", f"MG{'0' * 31}2", "+12125550100"
STALL = "stall"  # takes the request and never answers
HANG_UP = "hang up"  # takes it and closes the connection
GARBAGE = "garbage"  # an answer of something on the way that is not Twilio
Answer = str | tuple[int, int]  # one of those, or an HTTP status and Twilio's error code


@dataclass(frozen=True)
class Asked:
    """One request that was taken: `fields` as they came, a list for each name."""

    path: str
    fields: dict[str, list[str]]
    sid: str
    at: float = field(default_factory=time.time)

    def __getitem__(self, name: str) -> str:
        return self.fields[name][0]

    @property
    def kind(self) -> str:
        """What was asked for: "Messages" or "Calls"."""
        return self.path.rpartition("/")[2].removesuffix(".json")


class TwilioStandIn:
    """`asked` is what it took; `answers` are used up first; `lines` is what Lookup knows; `faults` are to stay none."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.asked: list[Asked] = []
        self.answers: deque[Answer] = deque()
        self.lines: dict[str, str] = {}
        self.looked_up: list[str] = []
        self.faults: list[str] = []
        self.connections = 0
        self.log: IO[str] | None = None
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.stand_in = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process is told that is to ask it."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_CODES_SERVICE_SID": CODES,
            "TWILIO_BULK_SERVICE_SID": BULK,
            "TWILIO_VOICE_FROM": VOICE,
            "TWILIO_API_BASE": self.url,
        }

    def start(self) -> "TwilioStandIn":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Closes the port, and lets go of those who wait."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def report(self, asked: Asked, status: str, code: int | None = None) -> int:
        """Tell the portal what became of a text, over HTTP and signed; gives the status of its answer."""
        fields = {"MessageSid": asked.sid, "MessageStatus": status, **({"ErrorCode": str(code)} if code else {})}
        address = urlsplit(asked["StatusCallback"])
        portal = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30)
        headers = {
            "Host": address.netloc,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(address.geturl(), fields),
        }
        portal.request("POST", address.path, urlencode(fields), headers)
        answer = portal.getresponse()
        portal.close()
        return answer.status

    def take(self, asked: Asked) -> None:
        self.asked.append(asked)
        if self.log:
            sender = asked.fields.get("MessagingServiceSid", asked.fields.get("From", [""]))[0]
            self.log.write(f"{asked.at:.6f} {sender} {asked['To']}\n")
            self.log.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    stand_in: TwilioStandIn

    def get_request(self) -> tuple[socket.socket, Any]:
        self.stand_in.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Lookup."""
        number = urlsplit(self.path).path.rpartition("/")[2].replace("%2B", "+")
        stand_in = self.server.stand_in
        stand_in.looked_up.append(number)
        if stand_in.answers:
            self._fail(stand_in.answers.popleft())
            return
        line = stand_in.lines.get(number)
        known = {"type": line, "error_code": None} if line else None
        self._answer(200, {"phone_number": number, "valid": True, "line_type_intelligence": known})

    def do_POST(self) -> None:
        """A text or a call."""
        stand_in = self.server.stand_in
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        asked = Asked(urlsplit(self.path).path, parse_qs(body, keep_blank_values=True), _sid(self.path))
        if wrong := [*self._strangers(), *twilio_description.faults(asked.path, asked.fields)]:
            stand_in.faults += wrong
            self._answer(400, {"code": 20001, "message": wrong[0], "status": 400})
            return
        if stand_in.answers:
            self._fail(stand_in.answers.popleft(), asked)
            return
        stand_in.take(asked)
        self._answer(201, _made(asked))

    def _strangers(self) -> list[str]:
        known = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        return [] if self.headers.get("Authorization") == known else ["not signed in as the account"]

    def _fail(self, answer: Answer, asked: Asked | None = None) -> None:
        if isinstance(answer, tuple):
            status, code = answer
            words = {"code": code, "message": f"The 'To' number {self.path}", "status": status, "more_info": "…"}
            self._answer(status, words)
            return
        if asked:
            self.server.stand_in.take(asked)  # what it does with it nobody hears
        if answer == GARBAGE:
            self._send(200, b"<html>Bad gateway</html>", "text/html")
            return
        if answer == STALL:
            self.server.stand_in.released.wait(60)
        self.close_connection = True
        self.connection.close()

    def _answer(self, status: int, words: dict[str, Any]) -> None:
        self._send(status, json.dumps(words).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""


def _sid(path: str) -> str:
    return ("CA" if path.endswith("/Calls.json") else "SM") + secrets.token_hex(16)


def _made(asked: Asked) -> dict[str, Any]:
    """What Twilio answers, with all that its description names; nothing is known yet but that it was taken."""
    kind = "call" if asked.kind == "Calls" else "message"
    status = "queued" if kind == "call" else "accepted"
    return dict.fromkeys(_names(kind)) | {"sid": asked.sid, "status": status, "to": asked["To"]}


@cache
def _names(kind: str) -> tuple[str, ...]:
    return twilio_description.properties(f"api.v2010.account.{kind}")


if __name__ == "__main__":
    alone = TwilioStandIn(int(sys.argv[1]))
    with Path(sys.argv[2]).open("w", encoding="utf-8") as alone.log:
        alone._server.serve_forever()
