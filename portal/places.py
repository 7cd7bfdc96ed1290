"""Places at work: how many requests are worked on at once, and that none waits for its client in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PLACES = 16  # each keeps a connection to the database, and may take 19 MiB to hash a password
LARGEST = 128 * 1024  # bytes of a body that are read; Django refuses fewer (DATA_UPLOAD_MAX_MEMORY_SIZE)


class OnceWhole:
    """Has a request worked on in one of a few threads, once all of it is here; gives back the whole answer.

    Who sends or reads slowly holds up a thread of the web server, of which there are plenty (portal/web.py), and nobody
    else (docs/decisions/0017-web-server.md).
    """

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.places = ThreadPoolExecutor(PLACES, thread_name_prefix="place")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if length := environ.get("CONTENT_LENGTH"):
            told = min(int(length), LARGEST)
            body = environ["wsgi.input"].read(told)
            if len(body) < told:  # its sender went away, or was cut off: half a form is none
                return _refuse(start_response, HTTPStatus.BAD_REQUEST)
            environ["wsgi.input"] = BytesIO(body)
        try:
            work = self.places.submit(self._work, environ, start_response)
        except RuntimeError:  # the process is ending; gunicorn would log the address, which may hold a secret
            return _refuse(start_response, HTTPStatus.SERVICE_UNAVAILABLE)
        return work.result()

    def _work(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        try:
            return list(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def _refuse(start_response: StartResponse, status: HTTPStatus) -> Iterable[bytes]:
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0"), ("Connection", "close")])
    return []
