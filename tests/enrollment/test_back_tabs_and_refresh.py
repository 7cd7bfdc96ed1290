"""The back button, two tabs, deep links, refresh and double clicks."""

from __future__ import annotations

import pytest

from accounts.models import Account
from enrollment.models import Enrollment
from tests.people import MARIA, Browser, a_practice, a_token_for, h1, opens, words

pytestmark = pytest.mark.django_db
PAGES = ["start", "token", "account", "account/email", "credentials", "credentials/new", "credentials/username"]


@pytest.mark.parametrize("page", [*PAGES, "credentials/sign-in"])
def test_deep_link_without_a_journey_goes_to_the_terms(page: str) -> None:
    answer = Browser(a_practice()).get(f"/enroll/{page}/")
    assert answer.url == "/enroll/"


@pytest.mark.parametrize("page", [*PAGES[2:], "credentials/sign-in"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_page_ahead_of_the_journey_goes_to_where_it_stands(page: str, method: str) -> None:
    browser = Browser(a_practice())
    browser.accept_terms()
    browser.get("/enroll/token/")
    assert getattr(browser, method)(f"/enroll/{page}/").url == "/enroll/token/"


def test_done_wants_a_sign_in_and_then_says_where_things_stand() -> None:
    assert Browser(a_practice()).get("/enroll/done/").url == "/?next=/enroll/done/"


def test_back_button_before_the_account_is_made_shows_the_pages_again() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.walk_to_credentials(token)
    for page in ["", "start/", "token/", "account/"]:
        assert browser.get(f"/enroll/{page}").status_code == 200
    assert 'value="maria@example.com"' in browser.get("/enroll/token/").content.decode()
    browser.post("/enroll/token/", token.typed(email="", no_email="on"))
    browser.choose()
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/username/"
    assert browser.create_account(username="maria.santos").url == "/enroll/done/"


@pytest.mark.parametrize("page", PAGES[2:])
def test_back_button_after_the_account_was_made_goes_to_done(page: str) -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    browser.get("/enroll/done/")
    assert browser.get(f"/enroll/{page}/").url == "/enroll/done/"


def test_refresh_of_done_and_of_home_shows_them_again() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert [h1(browser.get("/enroll/done/")) for _ in range(3)] == ["You're enrolled"] * 3
    assert [browser.get("/home/").status_code for _ in range(2)] == [200, 200]


def test_last_button_pressed_twice_makes_one_account_and_lands_on_done() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    first, second = browser.enroll(token), browser.create_account()
    assert (first.url, second.url) == ("/enroll/done/", "/enroll/done/")
    assert Account.objects.count() == 1
    assert h1(browser.get(second.url)) == "You're enrolled"


def test_two_tabs_with_the_same_journey_make_one_account() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.walk_to_credentials(token)
    other_tab = Browser(practice)
    other_tab.cookies.update(browser.cookies)
    assert browser.create_account().url == "/enroll/done/"
    late = other_tab.create_account()  # the session it knew is gone
    assert late.status_code == 302
    assert Account.objects.count() == 1
    assert opens(Account.objects.get(), token.chart)


def test_two_browsers_with_one_token_make_one_account() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    mine, other = Browser(practice), Browser(practice)
    mine.walk_to_credentials(token)
    other.walk_to_credentials(token)
    assert mine.create_account().url == "/enroll/done/"
    late = other.create_account(password="Another-pass-1")
    assert (late.status_code, h1(late)) == (409, "This code was already used")
    assert Account.objects.count() == 1


def test_two_browsers_with_one_token_and_the_same_words_do_not_share_a_session() -> None:
    """The same email and password from another browser is a sign-in with the right password, and only that."""
    practice = a_practice()
    token = a_token_for(practice)
    mine, other = Browser(practice), Browser(practice)
    mine.walk_to_credentials(token)
    other.walk_to_credentials(token)
    mine.create_account()
    assert other.create_account().status_code == 409  # a journey of its own: it never had this account
    assert Account.objects.count() == 1


def test_a_second_tab_with_another_token_takes_the_journey_over() -> None:
    practice = a_practice()
    mine, fathers = a_token_for(practice), a_token_for(practice, family_name="Rivera", given_names="Ana")
    browser = Browser(practice)
    browser.walk_to_credentials(mine)
    browser.post("/enroll/token/", fathers.typed())
    assert browser.get("/enroll/credentials/").url == "/enroll/account/"
    browser.choose()
    browser.create_account()
    assert opens(Account.objects.get(), fathers.chart)
    assert not opens(Account.objects.get(), mine.chart)


def test_posting_with_the_session_from_before_completion_opens_nothing() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    old = browser.cookies["session"].value
    browser.create_account()
    thief = Browser(practice)
    thief.cookies["session"] = old
    assert thief.create_account(password="Another-pass-1").status_code == 302
    assert not thief.is_signed_in
    assert Account.objects.count() == 1


def test_journey_of_one_practice_is_none_at_another() -> None:
    here, there = a_practice(), a_practice("oak")
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here))
    elsewhere = Browser(there)
    elsewhere.cookies.update(browser.cookies)
    assert elsewhere.get("/enroll/credentials/new/").url in {"/", "/enroll/"}


def test_session_key_changes_when_the_code_matches() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.accept_terms()
    before = browser.cookies["session"].value
    browser.post("/enroll/token/", a_token_for(practice).typed())
    assert browser.cookies["session"].value != before


def test_whole_form_sent_twice_begins_one_journey_that_counts() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.type_token(token)
    assert browser.post("/enroll/token/", token.typed()).url == "/enroll/account/"
    browser.choose()
    assert browser.create_account().url == "/enroll/done/"
    assert Enrollment.objects.filter(practice=practice, state="completed").count() == 1


def test_signed_in_patient_is_led_home_from_the_first_page() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert browser.get("/").url == "/home/"
    assert MARIA.given in words(browser.get("/home/"))
