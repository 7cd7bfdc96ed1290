"""Patients who enroll by plain HTTP, as browsers without scripts do, and send a page again that failed."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from queue import Empty, Queue
from urllib.parse import urlencode, urlsplit

from tests.people import PASSWORD, Token

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
LAST_BUTTON = "/enroll/credentials/new/"
AGAIN_AFTER = 0.25  # seconds until a page that failed is sent again
PATIENCE = 120.0  # seconds until a patient gives up
MANY = 60  # pages, more than any patient sees who is getting anywhere
ENDS = ("/enroll/done/", "/home/")  # the latter after signing in
USED_ALREADY = 409  # the account was made, and the answer to that got lost
GO_ON = 403  # signed in by it, and the same: the form in hand is from before
OWN_PAGES = {200, 302, 503, USED_ALREADY, GO_ON}  # what anybody may meet while PostgreSQL is restarted
LEADS_ON = {301, 302, 303}


@dataclass(frozen=True)
class Page:
    """One request as its patient saw it; `at` on the monotonic clock; status 0 where no answer came."""

    method: str
    path: str
    status: int
    at: float
    seconds: float
    retry_after: str = ""

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


@dataclass
class Patient:
    """A token in hand, and a browser: `pages` is all it saw."""

    token: Token
    host: str
    port: int
    address: str
    language: str = "en"
    pages: list[Page] = field(default_factory=list)
    pressed: threading.Event = field(default_factory=threading.Event)  # the last button, just now
    is_done: bool = False
    ended_at: str = ""  # the heading of a page that led no further

    def __post_init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.body = ""
        self._web: http.client.HTTPConnection | None = None

    def enroll(self) -> None:
        """All of flow A; what fails is sent again, until PATIENCE is over."""
        self.enroll_from(self.open("/enroll/"))

    def enroll_from(self, path: str) -> None:
        """On from the page at hand."""
        self.is_done = self.walk(path, until=ENDS) in ENDS
        self.ended_at = self.heading()
        self.hang_up()

    def walk(self, path: str = "", *, until: Collection[str]) -> str:
        """Fills in page after page, to one of `until` or one that leads no further; gives its path."""
        path = path or self.open("/enroll/")
        typed = self._typed()
        while path not in until and sum(not page.failed for page in self.pages) < MANY:
            if self.pages[-1].status == USED_ALREADY:
                path = self.open("/")
            elif self.pages[-1].status == GO_ON:
                path = self.open(path)
            elif path == "/enroll/start/":
                path = self.open("/enroll/token/")
            elif path in typed:
                path = self.send(path, typed[path])
            else:
                break
        return path

    def sign_in(self) -> bool:
        """In a browser that was never here."""
        self.cookies.clear()
        self.open("/")
        self.send("/", {"name": self.token.email})
        self.send("/password/", {"password": PASSWORD})
        self.hang_up()
        return self.pages[-1].status == 200 and self.pages[-1].path == "/home/"

    def _typed(self) -> dict[str, dict[str, str]]:
        password = {"password": PASSWORD, "confirm_password": PASSWORD}
        return {
            "/enroll/": {},
            "/enroll/token/": self.token.typed(),
            "/enroll/account/": {"whose": "self", "account": "new"},
            LAST_BUTTON: password,
            "/": {"name": self.token.email},
            "/password/": {"password": PASSWORD},
        }

    def open(self, path: str) -> str:
        return self._until_it_answers("GET", path, None)

    def send(self, path: str, typed: dict[str, str]) -> str:
        """Sends the form of the page at hand, and gives the path of the page that it leads to."""
        return self._until_it_answers("POST", path, self.form(typed))

    def form(self, typed: dict[str, str]) -> str:
        """What was typed, with the hidden fields of the page at hand."""
        hidden = [(name, unescape(value)) for name, value in HIDDEN.findall(self.body)]
        return urlencode([*hidden, *typed.items()])

    def _until_it_answers(self, method: str, path: str, form: str | None) -> str:
        give_up_at = time.monotonic() + PATIENCE
        while True:
            page, leads_to = self._ask(method, path, form)
            self.pages.append(page)
            if page.failed:
                assert time.monotonic() < give_up_at, f"{method} {path}: {page}"
                time.sleep(AGAIN_AFTER)
            elif page.status in LEADS_ON:
                method, path, form = "GET", leads_to, None
            else:
                return urlsplit(path).path

    def _ask(self, method: str, path: str, form: str | None) -> tuple[Page, str]:
        headers = {"Host": self.host, "X-Forwarded-For": self.address, "Accept-Language": self.language}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        at = time.monotonic()
        if method == "POST" and path == LAST_BUTTON:
            self.pressed.set()
        try:
            self._web = self._web or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._web.request(method, path, form, headers)
            answer = self._web.getresponse()
            body = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return Page(method, path, 0, at, time.monotonic() - at), ""
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or ())
        took = time.monotonic() - at
        page = Page(method, urlsplit(path).path, answer.status, at, took, answer.headers.get("Retry-After", ""))
        if not page.failed:
            self.body = body
        return page, answer.headers.get("Location", "")

    def _keep_cookies(self, lines: Iterable[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)

    def hang_up(self) -> None:
        if self._web:
            self._web.close()
            self._web = None

    def heading(self) -> str:
        found = HEADING.search(self.body)
        return unescape(found[1]).strip() if found else ""


@dataclass
class Crowd:
    """Patients at work in several threads."""

    patients: list[Patient]
    threads: list[threading.Thread]
    waiting: Queue[Patient]
    done: list[Patient] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    pressed: threading.Event = field(default_factory=threading.Event)

    def wait_for_the_last_button(self) -> None:
        self.pressed.clear()
        assert self.pressed.wait(60)

    def hold_back(self) -> None:
        """Whoever has not begun stays at home."""
        while True:
            try:
                left = self.waiting.get_nowait()
            except Empty:
                return
            self.patients.remove(left)

    def join(self) -> None:
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    @property
    def pages(self) -> list[Page]:
        return [page for patient in self.patients for page in patient.pages]


@contextmanager
def enrolling(patients: Iterable[Patient], *, at_once: int) -> Iterator[Crowd]:
    """So many at once enroll while the `with` lasts; it ends when all of them are through."""
    everybody = list(patients)
    waiting: Queue[Patient] = Queue()
    for patient in everybody:
        waiting.put(patient)
    crowd = Crowd(everybody, [], waiting)

    def work() -> None:
        while True:
            try:
                patient = waiting.get_nowait()
            except Empty:
                return
            patient.pressed = crowd.pressed
            try:
                patient.enroll()
            except BaseException as error:  # noqa: BLE001 - it is raised again by join()
                crowd.errors.append(error)
            crowd.done.append(patient)

    crowd.threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    for thread in crowd.threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.join()
