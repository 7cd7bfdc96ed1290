"""The attacker: opens made-up links and addresses, so that each leaves a row in the database or a page that lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from accounts.models import Objection
from accounts.views.sign_in import LONGEST_NEXT
from guard.models import Session
from guard.secrets import SECRET_LENGTH, new_secret
from tests.accounts.test_verify_your_email_address import GARBAGE
from tests.people import MARIA, Browser, a_practice, a_token_for, an_account, h1, mail, path_of

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
NEARLY = ["a" * (SECRET_LENGTH - 1), "a" * (SECRET_LENGTH + 1), "a" * 64]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def leaves_nothing(browser: Browser) -> bool:
    return not Session.objects.exists() and settings.SESSION_COOKIE_NAME not in browser.cookies


@pytest.mark.parametrize("garbage", [*GARBAGE, *NEARLY])
@pytest.mark.parametrize("page", ["not-me", "verify-email"])
def test_made_up_link_leaves_no_session(practice: Practice, page: str, garbage: str) -> None:
    browser = Browser(practice)
    assert browser.get(f"/{page}/{garbage}/").status_code in {302, 404}
    assert leaves_nothing(browser)
    browser.get(f"/{page}/")
    assert leaves_nothing(browser)


def test_objection_of_the_right_length_that_is_none_leaves_no_session(practice: Practice) -> None:
    browser = Browser(practice)
    assert browser.get(f"/not-me/{new_secret()}/").url == "/not-me/"
    assert leaves_nothing(browser)
    assert h1(browser.get("/not-me/")) == "This link does not work"


def test_objection_that_is_over_leaves_no_session(practice: Practice) -> None:
    Browser(practice).enroll(a_token_for(practice), username="somebody", email="")
    link = path_of(mail("record_enrolled", practice=practice)[0]["not_me"])
    Session.objects.all().delete()
    Objection.objects.update(expires_at="2020-01-01T00:00Z")
    browser = Browser(practice)
    browser.get(link)
    assert leaves_nothing(browser)


def test_made_up_link_takes_nothing_from_who_waits_with_a_real_one(practice: Practice) -> None:
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    browser.get(path_of(mail("enrollment_complete", practice=practice)[0]["link"]))
    for garbage in NEARLY:
        browser.get(f"/verify-email/{garbage}/")
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def test_objection_of_a_real_link_is_kept_through_garbage(practice: Practice) -> None:
    Browser(practice).enroll(a_token_for(practice), username="somebody", email="")
    patient = Browser(practice)
    patient.get(path_of(mail("record_enrolled", practice=practice)[0]["not_me"]))
    patient.get(f"/not-me/{new_secret()}/")
    assert h1(patient.get("/not-me/")) == "This wasn't me"


@pytest.mark.parametrize(("length", "is_kept"), [(LONGEST_NEXT, True), (LONGEST_NEXT + 1, False), (60_000, False)])
def test_way_back_that_is_too_long_is_dropped(practice: Practice, length: int, *, is_kept: bool) -> None:
    an_account(practice)
    path = "/home/?".ljust(length, "x")
    browser = Browser(practice)
    if length < 10_000:  # what fits in an address
        assert (f'name="next" value="{path}"' in browser.get("/", {"next": path}).content.decode()) is is_kept
    browser.post("/", {"name": MARIA.email, "next": path})
    assert browser.session["signing_in"]["next"] == (path if is_kept else "")
    assert browser.sign_in(MARIA.email).url == "/home/"
