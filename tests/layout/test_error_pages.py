"""Pages for what went wrong: friendly, without a query, never a dead end (docs/flows.md, rule 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils.translation import override

from pages import errors
from tests import people
from tests.layout.sample import a_request
from tests.pages import client_for, page_faults
from tests.people import h1


def database_away(request: HttpRequest) -> HttpResponse:
    """What Django does with an error of the database that nobody caught."""
    try:
        raise OperationalError  # noqa: TRY301 - it is about what is done while it is handled
    except OperationalError:
        return errors.server_error(request)


def deadlock(request: HttpRequest) -> HttpResponse:
    """An error of a database that is there."""
    try:
        raise OperationalError from psycopg.errors.DeadlockDetected()  # noqa: TRY301 - the same
    except OperationalError:
        return errors.server_error(request)


def session_not_kept(request: HttpRequest) -> HttpResponse:
    """What it makes of one while it saves a session."""
    try:
        raise SessionInterrupted from OperationalError()  # noqa: TRY301 - the same
    except SessionInterrupted as error:
        return errors.bad_request(request, error)


PAGES: dict[str, tuple[Callable[[HttpRequest], HttpResponse], int]] = {
    "400": (errors.bad_request, 400),
    "403": (errors.forbidden, 403),
    "404": (errors.not_found, 404),
    "405": (errors.wrong_method, 405),
    "500": (errors.server_error, 500),
    "503": (database_away, 503),
    "deadlock": (deadlock, 500),
    "not kept": (session_not_kept, 503),
    "forged": (errors.csrf_failure, 403),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_page_is_whole_and_leads_on_without_the_database(name: str, language: str) -> None:
    view, status = PAGES[name]
    with override(language):  # no `db` fixture: a query fails this test
        response = view(a_request("/somewhere/"))
    html = response.content.decode()
    assert response.status_code == status
    assert page_faults(html) == []
    assert 'href="/"' in html
    assert "(212) 555-0110" in html


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_where_no_practice_is_known(name: str) -> None:
    view, _status = PAGES[name]
    assert page_faults(view(RequestFactory().get("/somewhere/")).content.decode()) == []


def test_unknown_host_has_a_page_that_needs_no_request() -> None:
    assert page_faults(render_to_string("pages/unknown_practice.html")) == []


def test_failure_of_the_failure_page_still_says_where_to_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> HttpResponse:
        raise RuntimeError

    monkeypatch.setattr(errors, "render", broken)
    response = errors.server_error(a_request())
    assert response.status_code == 500
    assert b'href="/"' in response.content
    assert page_faults(response.content.decode()) == []


def test_where_the_database_is_away_the_same_page_is_a_link_away() -> None:
    response = database_away(a_request("/enroll/token/"))
    assert response["Retry-After"] == "5"
    assert 'href="/enroll/token/"' in response.content.decode()


def test_stale_form_goes_on_at_the_same_page_by_a_link() -> None:
    response = errors.csrf_failure(a_request("/enroll/token/?a=1&b=<x>"))
    assert 'href="/enroll/token/?a=1&amp;b=%3Cx%3E"' in response.content.decode()


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example/", "/\\evil.example/"])
def test_going_on_leads_to_no_other_site(path: str) -> None:
    request = a_request()
    request.path = request.path_info = path
    html = errors.csrf_failure(request).content.decode()
    assert 'href="//' not in html
    assert 'href="/\\' not in html


@pytest.mark.parametrize("path", ["/sign-out/", "/i18n/setlang/"])
def test_going_on_from_a_button_leads_to_the_start(path: str) -> None:
    request = a_request(path)
    request.resolver_match = resolve(path)
    assert f'href="{path}"' not in errors.csrf_failure(request).content.decode()


@pytest.mark.django_db
def test_address_of_a_button_opened_by_a_link_is_a_page() -> None:
    response = client_for(people.a_practice()).get("/sign-out/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert h1(response) == "This page opens with a button"


@pytest.mark.django_db
def test_failing_view_is_a_page_with_all_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> HttpResponse:
        raise SuspiciousOperation if kwargs.get("digest") == "0" * 12 else RuntimeError

    monkeypatch.setattr("pages.brand.colour_of", fails)
    browser = client_for(people.a_practice())
    browser.raise_request_exception = False
    response = browser.get("/brand-000000000000.css")
    assert response.status_code == 500
    assert h1(response) == "Something went wrong"


@pytest.mark.django_db
def test_too_much_at_once_is_a_page() -> None:
    browser = client_for(people.a_practice())
    response = browser.post("/", {f"field{number}": "" for number in range(2000)})
    assert response.status_code == 400
    assert h1(response) == "We could not read that"


class TestFormsUnderNoReferrer:
    """Browsers send `Origin: null` from pages that send no referrer."""

    @pytest.fixture
    def browser(self, db: None) -> Client:
        practice = people.a_practice()
        browser = client_for(practice, enforce_csrf_checks=True)
        browser.get("/")
        return browser

    def send(self, browser: Client, headers: dict[str, str], *, token: bool = True) -> int:
        data = {"name": "maria"}
        if token:
            data["csrfmiddlewaretoken"] = browser.cookies["csrf"].value
        return int(browser.post("/", data, headers=headers).status_code)

    @pytest.mark.parametrize(
        "headers",
        [{"origin": "null", "sec-fetch-site": "same-origin"}, {"origin": "null"}, {}],
    )
    def test_form_of_this_site_is_taken(self, browser: Client, headers: dict[str, str]) -> None:
        assert self.send(browser, headers) == 302

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "null", "sec-fetch-site": "cross-site"},
            {"origin": "null", "sec-fetch-site": "same-site"},
            {"origin": "null", "sec-fetch-site": "none"},
            {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        ],
    )
    def test_form_of_another_is_not(self, browser: Client, headers: dict[str, str]) -> None:
        assert self.send(browser, headers) == 403

    def test_token_is_asked_for_in_any_case(self, browser: Client) -> None:
        headers = {"origin": "null", "sec-fetch-site": "same-origin"}
        assert self.send(browser, headers, token=False) == 403


def test_words_of_the_stale_page_reassure() -> None:
    html = errors.csrf_failure(a_request()).content.decode()
    assert "Nothing was lost or changed" in html
