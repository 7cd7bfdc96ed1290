"""Logs: JSON lines on standard error, with the request's id and nothing personal.

Only the fields named here get out, messages of Django that hold a path are put in other words, and of an exception
only its kind and its frames are told: what it says may quote what somebody typed.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from django_guid import get_guid
from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
FIELDS = frozenset({
    "time", "level", "logger", "message", "request_id", "exc_info",
    "route", "method", "status", "ms", "practice",
    "message_id", "notice", "channel", "lane", "state", "tries", "failure",
    "task", "task_id", "outcome", "seconds", "count", "seal", "head",
})  # fmt: skip
# What these say comes from our own code or from Python, never from a person.
HARMLESS = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, TypeError)


class JsonLines(JsonFormatter):
    """One JSON object a line, of FIELDS only."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in log_data.items() if key in FIELDS}

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's
        return "".join(_told(ei[1])) if ei[1] else ""

    def formatStack(self, stack_info: str) -> str:  # noqa: N802, ARG002 - the name is logging's
        return ""


def _told(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause:
        yield from _told(cause)
        yield "\nand then:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}: {_harmless(error)}\n"


def _harmless(error: BaseException) -> str:
    """What may be told: of a database's error its SQLSTATE and the constraint, of most others nothing."""
    if isinstance(error, HARMLESS):
        return str(error)
    diag = getattr(error, "diag", None)
    return f"{diag.sqlstate} {diag.constraint_name or ''}".strip() if diag else ""


class RequestId(logging.Filter):
    """The id of the request (or task) at work, from django-guid."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = get_guid()
        return True


class WithoutPath(logging.Filter):
    """For django.request, django.security.* and their like, which name the path: it may hold a secret.

    A database that is away is told in one line: every request meets it, and where it does says nothing.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        from pages.errors import database_away  # not before the settings are read, of which LOGGING is one

        if record.exc_info and (away := database_away(record.exc_info[1])):
            record.exc_info, record.failure = None, away
        request = record.__dict__.pop("request", None)
        record.status = record.__dict__.pop("status_code", None)
        record.route = route_of(request) if request is not None else None
        record.msg, record.args = record.name.removeprefix("django."), ()
        return True


class WithoutArguments(logging.Filter):
    """For Celery's lines about tasks: which task and what became of it, not what it was given or returned."""

    def filter(self, record: logging.LogRecord) -> bool:
        facts = record.__dict__.pop("data", None) or record.args
        if isinstance(facts, dict) and "name" in facts:
            record.task, record.task_id = facts["name"], facts.get("id")
            record.outcome = facts.get("description") or ("done" if "runtime" in facts else "received")
            record.seconds = facts.get("runtime")
            record.msg, record.args = "task", ()
        return True


class RequestLogMiddleware:
    """A line a request: its route's name (never its path or query), how it ended, how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.logger = logging.getLogger("portal.requests")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        if route_of(request) or response.status_code >= 400 or request.method not in {"GET", "HEAD"}:  # noqa: PLR2004
            self.logger.info("request", extra=_facts(request, response, time.perf_counter() - begun))
        return response


def _facts(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    practice = getattr(request, "practice", None)
    return {
        "route": route_of(request) or "none",
        "method": request.method if request.method in METHODS else "other",
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "practice": practice.slug if practice else None,
    }


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(request: HttpRequest) -> str:
    """The name of the route, or "": static files and addresses that lead nowhere have none."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else ""


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": RequestId},
        "without_path": {"()": WithoutPath},
        "without_arguments": {"()": WithoutArguments},
    },
    "formatters": {
        "json": {
            "()": JsonLines,
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "lines": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "json",
            "filters": ["request_id"],
        },
        "lines_without_path": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "json",
            "filters": ["request_id", "without_path"],
        },
        "lines_without_arguments": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "json",
            "filters": ["request_id", "without_arguments"],
        },
    },
    "root": {"handlers": ["lines"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"handlers": ["lines_without_path"], "propagate": False},
        "django.security": {"handlers": ["lines_without_path"], "propagate": False},
        "django.server": {"handlers": [], "propagate": False},
        "django_guid": {"level": "WARNING"},
        "celery": {"level": "INFO"},
        "twilio": {"level": "WARNING"},  # at INFO it tells every address it asks, phone numbers among them
        "celery.app.trace": {"handlers": ["lines_without_arguments"], "propagate": False},
        "celery.worker.strategy": {"handlers": ["lines_without_arguments"], "level": "WARNING", "propagate": False},
    },
}
