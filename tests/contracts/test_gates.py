"""Where a security option is required, nothing opens before it is set up: no home, no record, no page to come."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import PatientAccess
from guard.audience import Audience
from practices.models import Practice
from tests import people
from tests.contracts.routes import Route, routes_for
from tests.people import Browser

SIGNED_IN = routes_for(Audience.SIGNED_IN) + routes_for(Audience.STAFF)
# Pages that set the first option up, that prove one, or that a gate leads to. None shows anything of a record.
OPEN_AT_THE_GATE = {
    "protect",
    "protect_text",
    "protect_by_call",
    "protect_email",
    "protect_code",
    "protect_again",
    "protect_call",
    "protect_state",
    "authenticator",
    "passkey_set_up",
    "step_up",
    "step_up_stronger",
    "step_up_wait",
    "passkey_step_up",
    "choose_sign_in_name",
    "help",
    "close_welcome",
    "verify_email",
    "verify_email_again",
}
ROOT = Path(settings.BASE_DIR)


def named(route: Route) -> str:
    return route.name


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice(option_required=True)


def at_the_gate(practice: Practice) -> Browser:
    """Of a patient whose record is open already: the token was handed over at the desk."""
    account = people.an_account(practice)
    assert PatientAccess.objects.get(account=account).state == "active"
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", [one for one in SIGNED_IN if one.name not in OPEN_AT_THE_GATE], ids=named)
def test_gate_stands_before_it(route: Route, method: str, practice: Practice) -> None:
    answer = getattr(at_the_gate(practice), method)(route.path)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/protect/")


def test_who_enrolled_with_a_handed_token_stands_before_it_too(practice: Practice) -> None:
    browser = Browser(practice)
    assert browser.enroll(people.a_token_for(practice)).url == "/protect/"
    for path in ("/home/", "/enroll/done/", "/settings/"):
        assert browser.get(path).url == "/protect/"


def test_exceptions_are_routes() -> None:
    assert {route.name for route in SIGNED_IN} >= OPEN_AT_THE_GATE


def logs_in(path: Path) -> bool:
    """Whether a module takes Django's `login`, which knows of no gate."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return any(node.module == "django.contrib.auth" and "login" in {one.name for one in node.names} for node in found)


def test_there_is_one_way_to_begin_a_session() -> None:
    """`accounts.sign_in.complete`, which puts the gate up."""
    apps = [path.name for path in ROOT.iterdir() if (path / "__init__.py").exists() and path.name != "tests"]
    modules = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in modules if logs_in(path)] == ["accounts/sign_in.py"]
