"""**Email me a link**: the owner's way in with a new browser while a stranger guesses at the name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sign_in_links
from accounts.models import Account, SignInState
from guard import limits
from guard.models import Tally
from guard.secrets import new_secret
from notifications.models import Message
from tests.people import ANNA, BEN, MARIA, Browser, a_practice, an_account, h1, mail, path_of, trail, words
from verification.models import Challenge

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
SENT = "/password/link/sent/"
NOWHERE = "This link does not work"


def under_attack(name: str = MARIA.email) -> None:
    """A stranger has spent what strangers may try for the name."""
    for _ in range(limits.SIGN_IN_BY_NAME.count):
        limits.spend((limits.SIGN_IN_BY_NAME, name))


def refused(practice: Practice, name: str = MARIA.email, **options: Any) -> Browser:
    """A new browser, at the page that refused the password."""
    under_attack(name)
    browser = Browser(practice, **options)
    assert browser.sign_in(name).status_code == 429
    return browser


def links(practice: Practice) -> list[str]:
    """The paths of all links that were sent."""
    return [path_of(one["link"]) for one in mail("sign_in_link", practice=practice)]


def with_link(practice: Practice) -> tuple[Browser, str]:
    """Maria's new browser after **Email me a link**, and the path of the link in her mail."""
    an_account(practice)
    browser = refused(practice)
    assert browser.post("/password/link/").url == SENT
    return browser, links(practice)[-1]


def test_refusal_offers_a_link_and_the_link_with_the_password_opens(practice: Practice) -> None:
    an_account(practice)
    browser = refused(practice)
    page = browser.get("/password/")
    assert "Email me a link" in words(page)
    assert h1(browser.get(browser.post("/password/link/").url)) == "Check your email"
    assert [one["to"] for one in mail("sign_in_link", practice=practice)] == [MARIA.email]
    assert browser.get(links(practice)[0]).url == "/this-browser/"
    assert h1(browser.get("/this-browser/")) == "Sign in with this browser"
    assert browser.post("/this-browser/").url == "/password/"
    assert f"You sign in as {MARIA.email}" in words(browser.get("/password/"))
    assert browser.post("/password/", {"password": "Kite-flying-77"}).url == "/home/"


def test_refusal_says_all_three_ways(practice: Practice) -> None:
    under_attack()
    said = words(Browser(practice).sign_in(MARIA.email))
    for way in ("Wait a while and try again", "use a browser that you signed in with before", "Email me a link"):
        assert way in said


def test_link_works_in_a_browser_that_never_asked_for_it(practice: Practice) -> None:
    _browser, link = with_link(practice)
    phone = Browser(practice, address="192.0.2.44")
    phone.get(link)
    assert phone.post("/this-browser/").url == "/password/"
    assert phone.sign_in(MARIA.email).url == "/home/"


def test_link_alone_opens_nothing(practice: Practice) -> None:
    browser, link = with_link(practice)
    browser.get(link)
    browser.post("/this-browser/")
    assert not browser.is_signed_in
    assert browser.sign_in(MARIA.email, "Wrong-pass-1").status_code == 200
    assert not browser.is_signed_in


def test_opening_a_link_uses_nothing_up(practice: Practice) -> None:
    browser, link = with_link(practice)
    for _ in range(3):
        Browser(practice, address="192.0.2.1").get(link, follow=True)
        Browser(practice, address="192.0.2.1").head(link)
    browser.get(link, follow=True)
    assert Challenge.objects.get(purpose="browser").consumed_at is None
    assert "browser" not in browser.cookies
    assert browser.post("/this-browser/").url == "/password/"


def test_password_page_offers_no_link_before_it_refused(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    assert "Email me a link" not in words(browser.sign_in(MARIA.email, "Wrong-pass-1"))
    assert browser.post("/password/link/").url == "/password/"
    assert Browser(practice).post("/password/link/").url == "/password/"
    assert links(practice) == []


def test_another_name_starts_anew(practice: Practice) -> None:
    an_account(practice, ANNA, name="anna-keller")
    browser = refused(practice)
    browser.post("/", {"name": "anna-keller"})
    assert browser.post("/password/link/").url == "/password/"
    assert links(practice) == []


def test_known_browser_that_tried_too_often_is_offered_no_link(practice: Practice) -> None:
    """The link would make it what it is."""
    an_account(practice)
    mine = Browser(practice)
    mine.sign_in(MARIA.email)
    mine.post("/sign-out/")
    tried = [mine.sign_in(MARIA.email, "Wrong-pass-1") for _ in range(limits.SIGN_IN_BY_KNOWN_BROWSER.count + 1)][-1]
    assert tried.status_code == 429
    assert "Email me a link" not in words(tried)


# --- Links that do not work -------------------------------------------------------------------------------------------


def fails(browser: Browser, link: str) -> bool:
    browser.get(link)
    answer = browser.post("/this-browser/")
    helpful = browser.practice.phone in words(answer) and "Sign in" in words(answer)
    return (answer.status_code, h1(answer), helpful) == (404, NOWHERE, True) and "browser" not in browser.cookies


def test_used_link(practice: Practice) -> None:
    browser, link = with_link(practice)
    browser.get(link)
    browser.post("/this-browser/")
    assert fails(Browser(practice), link)


def test_link_is_good_for_one_hour(practice: Practice) -> None:
    browser, link = with_link(practice)
    Challenge.objects.filter(purpose="browser").update(expires_at=F("expires_at") - timedelta(minutes=59))
    browser.get(link)
    Challenge.objects.filter(purpose="browser").update(expires_at=F("expires_at") - timedelta(minutes=1))
    assert fails(Browser(practice), link)
    assert Message.objects.get(notice="sign_in_link").expires_at is not None  # nor is it sent later


def test_newer_link_ends_the_one_before(practice: Practice) -> None:
    browser, old = with_link(practice)
    browser.post("/password/link/")
    assert fails(Browser(practice), old)
    browser.get(links(practice)[-1])
    assert browser.post("/this-browser/").url == "/password/"


def test_link_is_its_own_accounts(practice: Practice) -> None:
    _browser, link = with_link(practice)
    annas = an_account(practice, ANNA, name="anna-keller")
    secret = link.rstrip("/").rpartition("/")[2]
    assert fails(Browser(practice), f"/this-browser/{annas.pk}/{secret}/")


def test_link_of_an_email_that_is_the_accounts_no_more(practice: Practice) -> None:
    _browser, link = with_link(practice)
    Account.objects.update(email="new@example.com")
    assert fails(Browser(practice), link)


def test_link_of_a_closed_account(practice: Practice) -> None:
    _browser, link = with_link(practice)
    Account.objects.update(is_active=False)
    assert fails(Browser(practice), link)


def test_link_at_another_practices_host(practice: Practice) -> None:
    """Accounts are across practices: it makes the browser known where it is opened, and the password is asked there."""
    _browser, link = with_link(practice)
    elsewhere = Browser(a_practice("oak"))
    elsewhere.get(link)
    assert elsewhere.post("/this-browser/").url == "/password/"
    assert elsewhere.sign_in(MARIA.email).url == "/home/"


@pytest.mark.parametrize("account", ["0", "1", "9" * 30, "9" * 5000, "-1", "x", "%D9%A1"])
@pytest.mark.parametrize("secret", ["x", "%00", "a" * 43, "%00" * 43, "é" * 43, "a" * 3000])
def test_garbage_for_a_link(practice: Practice, account: str, secret: str) -> None:
    browser = Browser(practice)
    assert browser.get(f"/this-browser/{account}/{secret}/").status_code in {302, 404}
    for answer in (browser.post("/this-browser/"), browser.get("/this-browser/")):
        assert (answer.status_code, h1(answer)) == (404, NOWHERE)


def test_made_up_secret(practice: Practice) -> None:
    account = an_account(practice)
    assert fails(Browser(practice), f"/this-browser/{account.pk}/{new_secret()}/")


# --- Who gets one -----------------------------------------------------------------------------------------------------


def asked(practice: Practice, name: str) -> dict[str, Any]:
    """All that can be seen from outside of asking for a link, and what it cost."""
    browser = refused(practice, name)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post("/password/link/")
    page = browser.get(answer.url)
    shapes = [re.sub(r"'(?:[^']|'')*'| ?-?\b\d+\b|\bs\d+_x\d+\b", "?", one["sql"]) for one in queries]
    seen = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode()).replace(name, "")
    headers = {key: value for key, value in answer.items() if key != "Set-Cookie"}
    return {"answer": (answer.status_code, headers, set(answer.cookies), seen), "queries": shapes}


def test_known_and_unknown_names_get_the_same_answer(practice: Practice) -> None:
    an_account(practice)
    known, unknown = asked(practice, MARIA.email), asked(practice, "nobody@example.com")
    assert known["answer"] == unknown["answer"]
    assert len(links(practice)) == 1


@pytest.mark.parametrize("state", ["unverified", "without an email", "inactive"])
def test_name_that_gets_nothing_costs_what_an_unknown_one_does(practice: Practice, state: str) -> None:
    an_account(practice, name="maria.santos", verified=state != "unverified")
    if state == "without an email":
        Account.objects.update(email="", email_verified_at=None)
    if state == "inactive":
        Account.objects.update(is_active=False)
    assert asked(practice, "maria.santos") == asked(practice, "nobody.known")
    assert links(practice) == []
    assert trail(practice, "sign_in.link_sent") == []


def test_email_that_is_claimed_gets_nothing(practice: Practice) -> None:
    an_account(practice, verified=False)
    refused(practice).post("/password/link/")
    assert links(practice) == []


def test_who_holds_the_name_gets_the_link(practice: Practice) -> None:
    an_account(practice, ANNA, verified=False, password="Anna-kept-31")
    ben = an_account(practice, BEN)
    assert Account.objects.filter(sign_in_state=SignInState.LOST).update(email_verified_at=timezone.now()) == 1
    browser = refused(practice, BEN.email)
    browser.post("/password/link/")
    assert links(practice)[0].startswith(f"/this-browser/{ben.pk}/")


def test_username_gets_it_at_its_verified_email(practice: Practice) -> None:
    an_account(practice, name="maria.santos")
    browser = refused(practice, "maria.santos")
    browser.post("/password/link/")
    assert mail("sign_in_link", practice=practice)[0]["to"] == MARIA.email
    browser.get(links(practice)[0])
    browser.post("/this-browser/")
    assert browser.post("/password/", {"password": "Kite-flying-77"}).url == "/home/"


def test_three_an_hour_and_the_answer_stays_the_same(practice: Practice) -> None:
    browser, _link = with_link(practice)
    answers = [browser.post("/password/link/").url for _ in range(4)]
    assert answers == [SENT] * 4
    assert len(links(practice)) == 3
    Tally.objects.filter(limit="sign_in_links").update(resets_at=F("resets_at") - timedelta(hours=1))
    browser.post("/password/link/")
    assert len(links(practice)) == 4


def test_link_lives_until_another_can_be_asked_for() -> None:
    assert limits.SIGN_IN_LINKS.per <= sign_in_links.LINK_LIVES


# --- What is told, and kept -------------------------------------------------------------------------------------------


def test_both_are_in_the_trail(practice: Practice) -> None:
    browser, link = with_link(practice)
    browser.get(link)
    browser.post("/this-browser/")
    me = str(Account.objects.get().pk)
    assert (trail(practice, "sign_in.link_sent"), trail(practice, "sign_in.link_used")) == ([me], [me])


def test_first_sign_in_with_the_browser_is_told_like_any_other(practice: Practice) -> None:
    browser, link = with_link(practice)
    browser.get(link)
    browser.post("/this-browser/")
    for _ in range(2):
        browser.sign_in(MARIA.email)
        browser.post("/sign-out/")
    assert len(mail("new_sign_in", practice=practice)) == 1


def test_page_that_was_asked_for_is_shown_in_the_end(practice: Practice) -> None:
    an_account(practice)
    under_attack()
    browser = Browser(practice)
    browser.post("/", {"name": MARIA.email, "next": "/verify-email/"})
    browser.post("/password/", {"password": "Kite-flying-77"})
    browser.post("/password/link/")
    browser.get(links(practice)[0])
    browser.post("/this-browser/")
    assert browser.post("/password/", {"password": "Kite-flying-77"}).url == "/verify-email/"
