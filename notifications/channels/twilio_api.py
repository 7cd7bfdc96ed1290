"""Twilio, through its own client: one pool of connections a process, and what an answer or its absence means."""

import os
import threading
import time
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

from django.conf import settings
from requests import exceptions
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from notifications import failures
from notifications.channels import MayHaveLeft, NotSent

TIMEOUT = 10.0  # seconds for the connection, and for the answer
IDLE = 20.0  # seconds after which a kept connection may have been closed at the other end: a new one is made
TOO_MANY, UNAVAILABLE, SERVER_ERROR = 429, 503, 500
NOT_LET_IN = frozenset({401, 403})
NO_CONNECTION = (exceptions.ConnectTimeout, exceptions.SSLError, exceptions.ProxyError)
NOT_MADE = (NewConnectionError, ConnectTimeoutError, NameResolutionError)

T = TypeVar("T")


class Twilio:
    """What the providers of texts and calls share: nothing is opened for a batch."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """The connections stay for the next batch."""


def ask(request: Callable[[Client], T], *, timeout: float | None = None) -> T:
    """Ask Twilio for something; raises NotSent where nothing came of it, MayHaveLeft where nobody knows."""
    try:
        return request(client(timeout or _patience()))
    except TwilioRestException as refusal:
        raise _meaning(refusal) from refusal
    except NO_CONNECTION as error:
        raise NotSent(failures.UNREACHABLE, again=True, nobody=True) from error
    except exceptions.ConnectionError as error:
        if _was_never_made(error):
            raise NotSent(failures.UNREACHABLE, again=True, nobody=True) from error
        raise MayHaveLeft(failures.NO_ANSWER) from error
    except (exceptions.RequestException, TwilioException, ValueError) as error:  # no answer in time, or no JSON
        raise MayHaveLeft(failures.NO_ANSWER) from error


def load() -> None:
    """Make the client and the parts of it that are used, which it imports only then."""
    made = client(_patience())
    _parts = made.messages, made.calls


def _patience() -> float:
    seconds: float = getattr(settings, "TWILIO_TIMEOUT", TIMEOUT)
    return seconds


def client(timeout: float) -> Client:
    """This process's client, for the account that is configured."""
    account = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    made = _client(*account, settings.TWILIO_API_BASE, timeout, os.getpid())
    made.http_client.forget_idle()
    return made


@cache
def _client(sid: str, token: str, base: str, timeout: float, _pid: int) -> Client:
    made = Client(sid, token, http_client=Pool(timeout=timeout, max_retries=0))
    if base:
        made.api.base_url = made.lookups.base_url = base
    return made


class Pool(TwilioHttpClient):  # type: ignore[misc] # the package says no types of it
    """Keeps connections while they are in use, and no longer: a request must not be lost to one that is gone."""

    def __init__(self, **options: float | None) -> None:
        super().__init__(**options)
        self._used_at = time.monotonic()
        self._lock = threading.Lock()

    def forget_idle(self) -> None:
        """Close what nobody used for a while."""
        with self._lock:
            idle, self._used_at = time.monotonic() - self._used_at, time.monotonic()
            if idle > IDLE:
                self.session.close()


def _meaning(refusal: TwilioRestException) -> NotSent | MayHaveLeft:
    """Twilio said no: for now, for good, or because of a failure of its own in the middle of it."""
    code = f"twilio_{refusal.code or refusal.status}"
    if refusal.status in {TOO_MANY, UNAVAILABLE} or refusal.status in NOT_LET_IN:
        return NotSent(code, again=True, nobody=True)
    if refusal.status >= SERVER_ERROR:
        return MayHaveLeft(code)
    again = failures.PHONE_REASONS.get(code, failures.OTHER_PHONE).again
    return NotSent(code, again=again is failures.Again.BY_ITSELF)


def _was_never_made(error: exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause.reason if isinstance(cause, MaxRetryError) else cause, NOT_MADE)
