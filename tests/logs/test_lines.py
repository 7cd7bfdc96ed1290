"""Log lines: JSON, with the request's id, and nothing personal."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django_guid import clear_guid, set_guid

from portal import logs

CANARY = "canary-Xq7"


def fails(request: HttpRequest, secret: str) -> HttpResponse:
    name = CANARY  # a local variable
    raise ValueError(f"{name} {secret} {request.path}")


def missing(request: HttpRequest, secret: str) -> HttpResponse:
    raise Http404(secret)


urlpatterns = [
    path("fails/<secret>/", fails, name="fails"),
    path("missing/<secret>/", missing, name="missing"),
]


class Lines:
    """What the logging configuration would print, line by line."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.text.splitlines())

    def of(self, logger: str) -> dict[str, Any]:
        [line] = [line for line in self if line["logger"] == logger]
        return line


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    written = Lines()
    for name in ("", *logs.LOGGING["loggers"]):
        for handler in logging.getLogger(name).handlers:
            if isinstance(getattr(handler, "formatter", None), logs.JsonLines):
                monkeypatch.setattr(handler, "stream", written.stream)
    return written


@pytest.fixture
def client(db: None) -> Iterator[Client]:
    with override_settings(
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[
            "django_guid.middleware.guid_middleware",
            "portal.logs.RequestLogMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
    ):
        yield Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_a_request_is_one_line_with_its_route_and_no_path(client: Client, lines: Lines) -> None:
    client.get(f"/missing/{CANARY}/?token={CANARY}")
    line = lines.of("portal.requests")
    assert (line["route"], line["method"], line["status"]) == ("missing", "GET", 404)
    assert line["ms"] >= 0
    assert len(line["request_id"]) == 32
    assert CANARY not in lines.text


@pytest.mark.parametrize("address", [f"/{CANARY}/?q={CANARY}", f"/missing/{CANARY}/"])
def test_not_found_does_not_say_what(client: Client, lines: Lines, address: str) -> None:
    client.get(address)
    assert lines.of("django.request")["status"] == 404
    assert CANARY not in lines.text


def test_a_refused_post_does_not_say_where(client: Client, lines: Lines) -> None:
    client.post(f"/missing/{CANARY}/", {"name": CANARY})
    assert lines.of("django.security.csrf")["status"] == 403
    assert CANARY not in lines.text


def test_a_strange_method_is_not_repeated(client: Client, lines: Lines) -> None:
    client.generic(CANARY.upper(), "/")
    assert lines.of("portal.requests")["method"] == "other"
    assert CANARY.upper() not in lines.text


def test_an_error_shows_where_it_happened_but_not_what_was_typed(client: Client, lines: Lines) -> None:
    client.get(f"/fails/{CANARY}/")
    line = lines.of("django.request")
    assert (line["level"], line["status"], line["route"]) == ("ERROR", 500, "fails")
    assert "in fails" in line["exc_info"]
    assert line["exc_info"].rstrip().endswith("builtins.ValueError:")
    assert line["request_id"] == lines.of("portal.requests")["request_id"]
    assert CANARY not in lines.text.replace("name = CANARY", "")


def test_a_database_error_names_the_constraint_and_no_value(db: None, lines: Lines) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE t (name text CONSTRAINT one_name UNIQUE) ON COMMIT DROP")
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            cursor.execute("INSERT INTO t VALUES (%s), (%s)", [CANARY, CANARY])
    logging.getLogger("anything").error("it failed", exc_info=raised.value)
    [line] = lines
    assert "UniqueViolation: 23505 one_name" in line["exc_info"]
    assert CANARY not in lines.text


def test_only_known_fields_get_out(lines: Lines) -> None:
    logging.getLogger("anything").warning("hello", extra={"email": CANARY, "notice": "welcome"}, stack_info=True)
    [line] = lines
    assert CANARY not in lines.text
    assert (line["notice"], line["level"], line["message"], line["logger"]) == (
        "welcome", "WARNING", "hello", "anything"
    )  # fmt: skip


def test_celery_names_the_task_and_not_its_arguments(lines: Lines) -> None:
    set_guid("b" * 32)
    context = {"id": "1", "name": "a.task", "args": CANARY, "kwargs": CANARY, "exc": CANARY, "description": "raised"}
    error = KeyError(CANARY)
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s %(exc)s", context, exc_info=error, extra={"data": context}
    )
    clear_guid()
    [line] = lines
    assert (line["task"], line["outcome"], line["request_id"]) == ("a.task", "raised", "b" * 32)
    assert CANARY not in lines.text
