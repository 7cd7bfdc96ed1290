from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from practices import current
from practices.models import Practice


def answer(host: str, path: str = "/") -> HttpResponse:
    """What the middleware answers; the name of the practice where it lets the request pass."""
    middleware = current.PracticeMiddleware(lambda request: HttpResponse(practice_of(request).name))
    return middleware(RequestFactory().get(path, headers={"host": host}))


def practice_of(request: HttpRequest) -> Practice:
    practice: Practice = request.practice  # type: ignore[attr-defined]
    return practice


@pytest.mark.parametrize("written", ["{}", "{}:8000", "{}.", "{}.:80"])
def test_a_host_leads_to_its_practice(practice: Practice, written: str) -> None:
    assert answer(written.format(practice.host)).content == b"Elm Street"
    assert answer(written.format(practice.host.upper())).content == b"Elm Street"


@pytest.mark.parametrize(
    "host",
    [
        "unknown.example",
        "[::1]",
        "[::1]:8000",
        "127.0.0.1",
        "",
        "elm.example@evil.example",
        "evil.example/elm.example",
        "elm.example\0",
        "a" * 5_000,
        "xn--\udcff",
        "elm.example:port",
    ],
)
def test_any_other_host_gets_a_page_that_says_so(practice: Practice, host: str) -> None:
    response = answer(host)
    assert response.status_code == 404
    assert b"evil" not in response.content


def test_a_warm_page_costs_no_query(practice: Practice, django_assert_num_queries: Any) -> None:
    answer(practice.host)
    with django_assert_num_queries(0):
        answer(practice.host)
        assert current.by_host(practice.host).settings.idle_minutes == 15  # type: ignore[union-attr]


def test_a_known_host_stays_known_while_the_database_is_away(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError

    answer(practice.host)
    monkeypatch.setattr(current._table, "_read_at", time.monotonic() - 3600)
    monkeypatch.setattr(current._table, "_read", away)
    assert answer(practice.host).content == b"Elm Street"
    with pytest.raises(OperationalError):
        answer("unknown.example")


def test_made_up_hosts_wait_once_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []

    def away() -> None:
        waits.append(1)  # as long as a connection is waited for
        raise OperationalError

    monkeypatch.setattr(current, "UNKNOWN_HOST_SECONDS", 60.0)
    monkeypatch.setattr(current, "_table", current._Table())
    monkeypatch.setattr(current._table, "_read", away)
    for number in range(20):
        with pytest.raises(OperationalError):
            answer(f"made-up-{number}.example")
    assert len(waits) == 1


def test_a_known_host_does_not_wait_while_another_request_reads(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(practice.host)
    monkeypatch.setattr(current._table, "_read_at", time.monotonic() - 3600)
    with current._table._lock:
        assert answer(practice.host).content == b"Elm Street"


def test_made_up_hosts_cost_one_query_together(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(current, "UNKNOWN_HOST_SECONDS", 60.0)
    with django_assert_max_num_queries(1):
        for number in range(200):
            answer(f"made-up-{number}.example")


def test_a_change_shows_after_a_while(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(practice.host).content == b"Elm Street"
    Practice.objects.filter(pk=practice.pk).update(name="Riverbank")
    assert answer(practice.host).content == b"Elm Street"
    monkeypatch.setattr(current, "REMEMBERED_SECONDS", 0.0)
    assert answer(practice.host).content == b"Riverbank"


def test_a_request_cannot_change_the_practice_of_the_next(practice: Practice) -> None:
    mine = current.by_host(practice.host)
    assert mine is not None
    mine.name = "Somebody else's"
    mine.settings.idle_minutes = 2
    theirs = current.by_host(practice.host)
    assert theirs is not None
    assert (theirs.name, theirs.settings.idle_minutes) == ("Elm Street", 15)


def test_health_is_answered_for_any_host_without_a_query(practice: Practice, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert answer("10.0.0.7:8000", "/healthz").content == b"ok"


def test_addresses_of_a_practice_name_its_host(practice: Practice, settings: Any) -> None:
    settings.PORTAL_SCHEME, settings.PORTAL_PORT_SUFFIX = "https", ""
    assert practice.address("/enroll/") == f"https://{practice.host}/enroll/"
