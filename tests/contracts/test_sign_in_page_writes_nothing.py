"""An anonymous look at the pages that everybody may see costs the database nothing, and leaves no session."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guard.models import Session
from tests import people
from tests.people import Browser


@pytest.fixture
def anybody(db: None) -> Browser:
    return Browser(people.a_practice())


def test_sign_in_page_asks_the_database_nothing(anybody: Browser) -> None:
    anybody.get("/")  # the process learns of the practice
    with CaptureQueriesContext(connection) as queries:
        answer = anybody.get("/")
    assert answer.status_code == 200
    assert [query["sql"] for query in queries] == []
    assert settings.SESSION_COOKIE_NAME not in anybody.cookies


@pytest.mark.parametrize(
    "path", ["/", "/enroll/", "/terms/", "/privacy/", "/signed-out/", "/enroll/no-code/", "/nowhere/"]
)
def test_looking_leaves_no_session(path: str, anybody: Browser) -> None:
    before = Session.objects.count()
    anybody.get(path)
    assert settings.SESSION_COOKIE_NAME not in anybody.cookies
    assert Session.objects.count() == before
