"""**Forgot your password?**: who gets a link, and that nobody learns from it who has an account (docs/flows.md F.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import reset_links
from accounts.models import Account, SignInState
from guard import limits
from guard.models import Tally
from notifications.models import Message
from notifications.words import render
from practices.models import Practice
from tests.accounts.getting_back import FORGOT
from tests.accounts.reset_kit import SENT, ask, link, links
from tests.people import ANNA, BEN, MARIA, Browser, a_practice, an_account, h1, mail, trail, words

pytestmark = pytest.mark.django_db


def test_both_sign_in_pages_lead_here(practice: Practice) -> None:
    browser = Browser(practice)
    for page in (browser.get("/"), browser.post("/", {"name": MARIA.email}, follow=True)):
        assert f'href="{FORGOT}">Forgot your password?</a>' in page.content.decode()
    assert practice.phone in words(browser.get("/password/"))


def test_the_name_that_was_typed_at_sign_in_is_there(practice: Practice) -> None:
    browser = Browser(practice)
    assert 'value="maria.santos"' not in browser.get(FORGOT).content.decode()
    browser.post("/", {"name": "maria.santos"})
    assert 'value="maria.santos"' in browser.get(FORGOT).content.decode()


def test_an_email_gets_its_link(practice: Practice) -> None:
    account = an_account(practice)
    browser = ask(practice)
    [sent] = mail("password_reset_link", practice=practice)
    assert (sent["to"], sent["name"]) == (MARIA.email, MARIA.email)
    assert links(practice)[0].startswith(f"/reset-password/{account.pk}/")
    assert trail(practice, "password_reset.asked") == [str(account.pk)]
    page = browser.get(SENT)
    assert h1(page) == "Check your email"
    for told in ("30 minutes", "spam or junk folder", "verified", "a few minutes", practice.phone):
        assert told in words(page)
    for way in ("Forgot your username?", "I have a printed reset token"):
        assert way in words(page)


def test_a_username_gets_it_at_its_verified_email(practice: Practice) -> None:
    an_account(practice, name="maria.santos")
    ask(practice, " Maria.SANTOS ")
    [sent] = mail("password_reset_link", practice=practice)
    assert (sent["to"], sent["name"]) == (MARIA.email, "maria.santos")


def test_what_the_mail_says(practice: Practice) -> None:
    an_account(practice, name="maria.santos")
    ask(practice, "maria.santos")
    said = render(Message.objects.get(notice="password_reset_link"))
    for text in (said.text, said.html):
        assert "Reset Password" in text
        assert "30 minutes" in text
        assert "maria.santos" in text
        assert "your password stays as it is" in text
        assert "Elena" not in text
    assert "maria" not in said.subject


def test_an_address_that_is_not_typed_is_asked_for(practice: Practice) -> None:
    answer = Browser(practice).post(FORGOT, {"name": " "})
    assert "Enter email address." in words(answer)


# --- Who gets nothing, and cannot be told from the others -------------------------------------------------------------


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def seen(practice: Practice, name: str) -> dict[str, Any]:
    """All that can be seen from outside of asking for a link, and what it costs the database before a link is made."""
    browser = Browser(practice)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(FORGOT, {"name": name})
    page = browser.get(answer.url)
    shapes = [re.sub(r"'(?:[^']|'')*'| ?-?\b\d+\b|\bs\d+_x\d+\b", "?", one["sql"]) for one in queries]
    shown = without_token(page.content.decode()).replace(name, "")
    headers = {key: value for key, value in answer.items() if key != "Set-Cookie"}
    return {"answer": (answer.status_code, headers, set(answer.cookies), shown), "queries": shapes}


def test_known_and_unknown_get_the_same_answer(practice: Practice) -> None:
    an_account(practice)
    known, unknown = seen(practice, MARIA.email), seen(practice, "nobody@example.com")
    assert known["answer"] == unknown["answer"]
    assert len(links(practice)) == 1


@pytest.mark.parametrize("state", ["unverified", "without an email", "closed"])
def test_who_gets_nothing_costs_what_an_unknown_name_does(practice: Practice, state: str) -> None:
    account = an_account(practice, name="maria.santos", verified=state != "unverified")
    if state == "without an email":
        Account.objects.filter(pk=account.pk).update(email="", email_verified_at=None)
    if state == "closed":
        Account.objects.filter(pk=account.pk).update(is_active=False)
    assert seen(practice, "maria.santos") == seen(practice, "nobody.known")
    assert links(practice) == []
    assert trail(practice, "password_reset.asked") == []


def test_an_email_that_nobody_verified_gets_nothing(practice: Practice) -> None:
    an_account(practice, verified=False)
    assert seen(practice, MARIA.email) == seen(practice, "nobody@example.com")
    assert links(practice) == []


# --- Names that several share -----------------------------------------------------------------------------------------


def test_who_lost_the_name_gets_none_of_the_holders_links(practice: Practice) -> None:
    anna = an_account(practice, ANNA, verified=False, password="Anna-kept-31")
    ben = an_account(practice, BEN)
    anna.refresh_from_db()
    assert anna.sign_in_state == SignInState.LOST
    Account.objects.filter(pk=anna.pk).update(email_verified_at=timezone.now())
    ask(practice, BEN.email)
    [only] = links(practice)
    assert only.startswith(f"/reset-password/{ben.pk}/")


def test_a_family_that_shares_an_email_gets_one_link_for_each_username(practice: Practice) -> None:
    an_account(practice, ANNA, name="anna.keller")
    an_account(practice, BEN, name="ben.keller")
    ask(practice, ANNA.email)
    assert [(one["name"], one["to"]) for one in mail("password_reset_link", practice=practice)] == [
        ("anna.keller", ANNA.email),
        ("ben.keller", ANNA.email),
    ]


def test_a_username_gets_its_own_link_only(practice: Practice) -> None:
    an_account(practice, ANNA, name="anna.keller")
    an_account(practice, BEN, name="ben.keller")
    ask(practice, "ben.keller")
    assert [one["name"] for one in mail("password_reset_link", practice=practice)] == ["ben.keller"]


def test_one_address_is_not_flooded_by_the_accounts_that_share_it(practice: Practice) -> None:
    for number in range(reset_links.MOST_ACCOUNTS + 1):
        an_account(practice, ANNA, name=f"keller.number{number}")
    ask(practice, ANNA.email)
    assert len(links(practice)) == reset_links.MOST_ACCOUNTS


# --- How often --------------------------------------------------------------------------------------------------------


def test_three_an_hour_and_the_answer_stays_the_same(practice: Practice) -> None:
    an_account(practice)
    pages = [without_token(ask(practice).get(SENT).content.decode()) for _ in range(4)]
    assert len(set(pages)) == 1
    assert len(links(practice)) == 3
    Tally.objects.filter(limit="reset_links").update(resets_at=F("resets_at") - timedelta(hours=1))
    ask(practice)
    assert len(links(practice)) == 4


def test_a_stranger_who_asks_does_not_keep_the_owners_browser_from_it(practice: Practice) -> None:
    an_account(practice)
    mine = Browser(practice)
    mine.sign_in(MARIA.email)
    mine.post("/sign-out/")
    for _ in range(4):
        ask(practice, address="203.0.113.9")
    assert len(links(practice)) == 3
    assert mine.post(FORGOT, {"name": MARIA.email}).url == SENT
    assert len(links(practice)) == 4


def test_too_many_from_one_address_are_told_so_whatever_they_type(practice: Practice) -> None:
    an_account(practice)
    address = "203.0.113.77"
    for _ in range(limits.RESET_LINKS_BY_ADDRESS.count):
        limits.spend((limits.RESET_LINKS_BY_ADDRESS, address))
    for name in (MARIA.email, "nobody@example.com"):
        answer = Browser(practice, address=address).post(FORGOT, {"name": name})
        assert answer.status_code == 429
        assert "There were too many tries from here." in words(answer)
        assert practice.phone in words(answer)
    assert links(practice) == []


# --- Where the link leads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}])
def test_no_header_makes_the_link_lead_elsewhere(practice: Practice, headers: dict[str, str]) -> None:
    an_account(practice)
    Browser(practice).post(FORGOT, {"name": MARIA.email}, headers=headers)
    [sent] = mail("password_reset_link", practice=practice)
    assert sent["link"].startswith(practice.address("/reset-password/"))


def test_another_host_sends_nothing(practice: Practice) -> None:
    an_account(practice)
    answer = Browser(practice).post(FORGOT, {"name": MARIA.email}, HTTP_HOST="evil.example")
    assert answer.status_code in {400, 404}
    assert links(practice) == []


def test_the_link_is_of_the_practice_that_was_asked(practice: Practice) -> None:
    an_account(practice)
    other = a_practice("oak")
    ask(other)
    [sent] = mail("password_reset_link", practice=other)
    assert sent["link"].startswith(other.address("/reset-password/"))


def test_a_message_that_is_late_is_not_sent_any_more(practice: Practice) -> None:
    an_account(practice)
    link(practice)
    message = Message.objects.get(notice="password_reset_link")
    assert message.expires_at is not None
    assert message.expires_at - timezone.now() <= timedelta(minutes=30)
