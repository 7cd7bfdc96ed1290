"""Somebody who walks the pages over one kept-alive connection, as a browser behind the installation's proxy does."""

from __future__ import annotations

import http.client
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FORM = re.compile(r'<form class="portal-form".*?</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def leads_to(self) -> str:
        """The path a redirect names, "" where it is none."""
        return urlsplit(self.headers.get("location", "")).path


@dataclass
class Visitor:
    """Speaks to the practice at `host`; `address` is the client's, as the proxy tells it."""

    port: int
    host: str = "localhost"
    address: str = "203.0.113.9"
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, **fields: str | Sequence[int]) -> Answer:
        """Sends the main form of the page seen last, with its hidden fields."""
        form = FORM.search(self.page)
        hidden: dict[str, str | Sequence[int]] = dict(HIDDEN.findall(form[0])) if form else {}
        if found := CSRF.search(self.page):
            hidden["csrfmiddlewaretoken"] = found[1]
        body = urlencode({**hidden, **fields}, doseq=True)
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        told = {
            "Host": self.host,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": self.address,
            "Origin": f"https://{self.host}",
        }
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, {**told, **headers})
        response = self.connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        is_page = answer.body and answer.headers.get("content-type", "").startswith("text/html")
        if is_page and "content-encoding" not in answer.headers:
            self.page = answer.body.decode()
        return answer
