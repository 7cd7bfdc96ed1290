"""Every route says whom it is for, refuses the others, and answers anybody with a page and all security headers."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Account
from guard.audience import Audience
from practices.models import Practice
from tests import people
from tests.contracts.routes import SAY_NOTHING, Route, every_route, routes_for
from tests.pages import HEADERS, POLICY
from tests.people import Browser

ROUTES = every_route()
METHODS = ("get", "post")
BEGINNINGS = ("enroll_terms", "sign_in", "enroll_invitation_email", "enroll_no_code")


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def anybody(practice: Practice) -> Browser:
    return Browser(practice)


def named(route: Route) -> str:
    return route.name


def check_headers(answer: HttpResponseBase) -> None:
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"]


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_route_says_whom_it_is_for(route: Route) -> None:
    assert route.audience, f"{route.name}: guard.audience does not know whom it is for"


def test_exceptions_are_routes() -> None:
    assert set(SAY_NOTHING) <= {route.name for route in ROUTES}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_anybody_gets_an_answer_with_all_headers(route: Route, method: str, anybody: Browser) -> None:
    answer = getattr(anybody, method)(route.path)
    assert answer.status_code < 500
    check_headers(answer)
    if answer.content and answer.headers["Content-Type"].startswith("text/html"):
        assert b"<h1" in answer.content
    if route.name != "brand":
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/no-such-page/", "/enroll/no-such-page/", "/static/no-such-file.css"])
def test_missing_page_has_all_headers(path: str, anybody: Browser) -> None:
    answer = anybody.get(path)
    assert answer.status_code == 404
    check_headers(answer)


def test_unknown_host_has_all_headers(db: None) -> None:
    answer = Client(HTTP_HOST="nobody.example.org").get("/")
    assert answer.status_code == 404
    check_headers(answer)


def test_forged_form_has_all_headers(practice: Practice) -> None:
    answer = Browser(practice, enforce_csrf_checks=True).post("/", {"name": "x"})
    assert answer.status_code == 403
    check_headers(answer)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", routes_for(Audience.SIGNED_IN) + routes_for(Audience.STAFF), ids=named)
def test_signed_in_routes_ask_to_sign_in(route: Route, method: str, anybody: Browser) -> None:
    answer = getattr(anybody, method)(route.path)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('sign_in')}?next={route.path}"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", routes_for(Audience.JOURNEY), ids=named)
def test_journey_routes_lead_to_the_beginning(route: Route, method: str, anybody: Browser) -> None:
    answer = getattr(anybody, method)(route.path)
    if answer.status_code == 405:
        assert method == "get"
        return
    assert answer.status_code == 302
    assert answer.headers["Location"] in [reverse(name) for name in BEGINNINGS]


@pytest.mark.parametrize("route", routes_for(Audience.PROVIDER), ids=named)
def test_a_providers_routes_refuse_what_is_not_signed(route: Route, anybody: Browser) -> None:
    assert anybody.get(route.path).status_code == 405
    assert anybody.post(route.path, {"MessageSid": "SM1"}).status_code == 403


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", routes_for(Audience.STAFF), ids=named)
def test_staff_routes_are_not_there_for_patients_and_other_practices(
    route: Route, method: str, practice: Practice
) -> None:
    elsewhere = people.a_practice("oak")
    for account in (people.an_account(practice), people.front_desk(elsewhere)):
        browser = Browser(practice)
        browser.sign_in(account.sign_in_name)
        assert getattr(browser, method)(route.path).status_code == 404


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", routes_for(Audience.STAFF), ids=named)
def test_staff_routes_ask_for_a_security_option(route: Route, method: str, practice: Practice) -> None:
    browser = Browser(practice)
    browser.sign_in(people.front_desk(practice).sign_in_name)
    assert getattr(browser, method)(route.path).url == reverse("protect")


def test_session_of_one_practice_opens_nothing_at_another(practice: Practice) -> None:
    account = people.an_account(practice)
    elsewhere = people.a_practice("oak")
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    assert browser.get("/home/").status_code == 200
    browser.defaults["HTTP_HOST"] = elsewhere.host
    for route in routes_for(Audience.SIGNED_IN):
        assert browser.get(route.path).status_code == 302, route.name


def test_demo_routes_do_not_exist_outside_the_demo(practice: Practice) -> None:
    demo = routes_for(Audience.DEMO)
    assert [route.path for route in demo] == ["/inbox/", "/inbox/answer/1/"]
    with override_settings(DEMO=False):
        urls = ModuleType("urls_without_demo")
        vars(urls).update(runpy.run_path(str(Path(settings.BASE_DIR) / "portal" / "urls.py")))
    with override_settings(ROOT_URLCONF=urls):
        for route in demo:
            assert Browser(practice).get(route.path).status_code == 404


def test_inactive_account_is_signed_out(practice: Practice) -> None:
    account = people.an_account(practice)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert browser.get("/home/").status_code == 302
