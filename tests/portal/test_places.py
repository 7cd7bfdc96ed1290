"""Places at work: so many and no more, and nobody in one who is still sending or reading."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

from portal.places import LARGEST, PLACES, OnceWhole

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


def echo(environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
    return [environ["wsgi.input"].read()]


def start(*_args: Any) -> Any:
    """WSGI's start_response, which nobody here calls."""


def in_a_place() -> bool:
    return threading.current_thread().name.startswith("place")


def test_a_body_is_here_before_there_is_a_place() -> None:
    class Sender(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"in a place already" if in_a_place() else super().read(size)

    request = {"CONTENT_LENGTH": "5", "wsgi.input": Sender(b"hello and more")}
    assert OnceWhole(echo)(request, start) == [b"hello"]


def test_a_body_larger_than_any_form_is_cut_off() -> None:
    request = {"CONTENT_LENGTH": str(10 * LARGEST), "wsgi.input": BytesIO(b"a" * 10 * LARGEST)}
    assert OnceWhole(echo)(request, start) == [b"a" * LARGEST]


def refused(application: OnceWhole, request: WSGIEnvironment) -> str:
    """The status of an answer that no place gave."""
    said: list[str] = []
    assert application(request, lambda status, _headers: said.append(status)) == []  # type: ignore[arg-type]
    return said[0]


def test_half_a_body_is_no_form() -> None:
    request = {"CONTENT_LENGTH": "9", "wsgi.input": BytesIO(b"half")}
    assert refused(OnceWhole(echo), request) == "400 Bad Request"


def test_who_comes_while_the_process_ends_is_told_so() -> None:
    application = OnceWhole(echo)
    application.places.shutdown()
    assert refused(application, {}) == "503 Service Unavailable"


def test_a_place_is_free_again_when_the_answer_is_made() -> None:
    class Answer:
        ended_in_a_place = False

        def __iter__(self) -> Any:
            yield str(in_a_place()).encode()

        def close(self) -> None:
            self.ended_in_a_place = in_a_place()

    answer = Answer()
    assert OnceWhole(lambda *_: answer)({}, start) == [b"True"]
    assert answer.ended_in_a_place


def test_no_more_are_at_work_than_there_are_places() -> None:
    came, may_go, one_too_many = threading.Semaphore(0), threading.Event(), threading.Event()

    def work(environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        if environ["number"] == PLACES:
            one_too_many.set()
        came.release()
        may_go.wait(20)
        return []

    application = OnceWhole(work)
    with ThreadPoolExecutor(PLACES + 1) as pool:
        inside = [pool.submit(application, {"number": number}, start) for number in range(PLACES)]
        assert all(came.acquire(timeout=20) for _ in inside)
        last = pool.submit(application, {"number": PLACES}, start)
        assert not one_too_many.wait(0.2)
        may_go.set()
        last.result(20)
    assert one_too_many.is_set()
