"""The web server as it runs for patients: slow senders hold up nobody, and a stop lets those inside finish."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from portal.children import free_port
from portal.places import PLACES
from tests.processes import started, wait_until, wait_until_it_answers

ROOT = Path(__file__).resolve().parent.parent.parent
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow: "
HALF_A_BODY = b"POST /nowhere/ HTTP/1.1\r\nHost: example.org\r\nContent-Length: 100\r\n\r\nname="


class Web:
    """A web server of the test's own, running."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def status(self, path: str = "/healthz", host: str = "example.org", patience: float = 20) -> int:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        asking.request("GET", path, headers={"Host": host})
        answer = asking.getresponse()
        answer.read()
        asking.close()
        return answer.status

    def worker(self) -> int:
        """The pid of the process that serves."""
        command = ["ps", "-o", "pid=", "--ppid", str(self.process.pid)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    @contextmanager
    def senders(self, words: bytes, count: int) -> Iterator[list[socket.socket]]:
        """Connections of clients that have sent so much and send no more."""
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", self.port))) for _ in range(count)]
            for sender in sockets:
                sender.sendall(words)
            yield sockets


@contextmanager
def serving(environment: dict[str, str], log: Path) -> Iterator[Web]:
    port = free_port()
    command = ["-m", "gunicorn", "--config", "python:portal.web", "--bind", f"127.0.0.1:{port}", "portal.wsgi"]
    with started([sys.executable, *command], env=environment, cwd=ROOT, log=log) as process:
        wait_until_it_answers(process, port, log)
        yield Web(process, port, log)


@pytest.fixture(scope="module")
def web(worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with serving(worker_environment, tmp_path_factory.mktemp("web") / "log") as web:
        yield web


@pytest.mark.parametrize("words", [b"", HALF_A_HEADER, HALF_A_BODY], ids=["nothing", "half a header", "half a body"])
def test_clients_that_send_slowly_hold_up_nobody(web: Web, words: bytes) -> None:
    with web.senders(words, 12 * PLACES):
        assert web.status() == 200


def test_a_stop_lets_those_inside_finish(worker_environment: dict[str, str], tmp_path: Path) -> None:
    with serving(worker_environment, tmp_path / "web.log") as web, web.senders(HALF_A_BODY, 3) as inside:
        assert web.status() == 200  # who came later was served: those three are inside
        web.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in web.log.read_text())
        for sender in inside:
            sender.sendall(b"a" * (100 - len(b"name=")))
        assert [sender.recv(12) for sender in inside] == [b"HTTP/1.1 404"] * 3
        assert web.process.wait(20) == 0


def test_a_worker_that_is_killed_is_started_again(web: Web) -> None:
    before = web.worker()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: f"(pid:{before}) was sent SIGKILL" in web.log.read_text())
    assert web.status() == 200
    assert web.worker() != before


def test_a_header_with_underscores_is_no_word_of_the_proxy(web: Web) -> None:
    """Proxies pass on X_Forwarded_For, and WSGI knows it by the same name as X-Forwarded-For (ASVS 5.0 4.1.3)."""
    told = ask(web, "X-Forwarded-Proto: https", "X_Forwarded_Proto: http")
    assert told == ask(web, "X-Forwarded-Proto: https")


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 6", "Transfer-Encoding: chunked"),
        ("Content-Length: 0", "Content-Length: 6"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding : chunked",),
        ("Host: example.com",),
    ],
    ids=" and ".join,
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(web: Web, lines: tuple[str, ...]) -> None:
    assert ask(web, *lines).startswith("HTTP/1.1 400 ")


def ask(web: Web, *lines: str) -> str:
    """The first line of what is answered to a request with these headers, and how many answers there are."""
    headers = "\r\n".join(["GET /healthz HTTP/1.1", "Host: example.org", "Connection: close", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as client:
        client.sendall(headers.encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b"")).decode()
    return f"{answer.partition(chr(13))[0]} ({answer.count('HTTP/1.1')})"
