"""**Forgot your username?**: sent to the verified email, and to nobody else (docs/flows.md F.6)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, SignInState
from guard import limits
from notifications.models import Message
from notifications.words import render
from practices.models import Practice
from tests.people import ANNA, BEN, MARIA, Browser, an_account, h1, mail, trail, words

pytestmark = pytest.mark.django_db
FORGOT, SENT = "/forgot-username/", "/forgot-username/sent/"


def ask(practice: Practice, email: str = MARIA.email) -> Browser:
    browser = Browser(practice)
    assert browser.post(FORGOT, {"email": email}).url == SENT
    return browser


def test_the_sign_in_page_leads_here(practice: Practice) -> None:
    html = Browser(practice).get("/").content.decode()
    assert f'href="{FORGOT}">Forgot your username?</a>' in html


def test_every_username_of_the_email_in_one_message(practice: Practice) -> None:
    anna, ben = an_account(practice, ANNA, name="anna.keller"), an_account(practice, BEN, name="ben.keller")
    browser = ask(practice, "Kellers@Example.com")
    [sent] = mail("usernames", practice=practice)
    assert (sent["to"], sent["names"]) == (ANNA.email, "anna.keller\nben.keller")
    assert trail(practice, "usernames.sent") == [str(anna.pk), str(ben.pk)]
    page = browser.get(SENT)
    assert h1(page) == "Check your email"
    for told in ("spam or junk folder", "a few minutes", practice.phone):
        assert told in words(page)


def test_what_the_mail_says(practice: Practice) -> None:
    an_account(practice, name="maria.santos")
    ask(practice)
    said = render(Message.objects.get(notice="usernames"))
    for text in (said.text, said.html):
        assert "maria.santos" in text
        assert practice.address("/") in text
        assert practice.address("/forgot-password/") in text
        assert "Forgot your password?" in text
        assert "Elena" not in text
    assert "maria" not in said.subject


def seen(practice: Practice, email: str) -> dict[str, Any]:
    """All that can be seen from outside of asking."""
    browser = Browser(practice)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(FORGOT, {"email": email})
    shown = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", browser.get(answer.url).content.decode())
    shapes = [re.sub(r"'(?:[^']|'')*'| ?-?\b\d+\b|\bs\d+_x\d+\b", "?", one["sql"]) for one in queries]
    headers = {key: value for key, value in answer.items() if key != "Set-Cookie"}
    return {"answer": (answer.status_code, headers, set(answer.cookies), shown), "queries": shapes}


def test_known_and_unknown_get_the_same_answer(practice: Practice) -> None:
    an_account(practice)
    assert seen(practice, MARIA.email)["answer"] == seen(practice, "nobody@example.com")["answer"]
    assert len(mail("usernames")) == 1


@pytest.mark.parametrize("state", ["unverified", "closed"])
def test_who_gets_nothing_costs_what_an_unknown_email_does(practice: Practice, state: str) -> None:
    account = an_account(practice, verified=state != "unverified")
    if state == "closed":
        Account.objects.filter(pk=account.pk).update(is_active=False)
    assert seen(practice, MARIA.email) == seen(practice, "nobody@example.com")
    assert mail("usernames") == []
    assert trail(practice, "usernames.sent") == []


def test_three_an_hour_and_the_answer_stays_the_same(practice: Practice) -> None:
    an_account(practice)
    for _ in range(4):
        ask(practice)
    assert len(mail("usernames")) == 3


def test_too_many_from_one_address_are_told_so(practice: Practice) -> None:
    an_account(practice)
    for _ in range(limits.RESET_LINKS_BY_ADDRESS.count):
        limits.spend((limits.RESET_LINKS_BY_ADDRESS, "203.0.113.77"))
    answer = Browser(practice, address="203.0.113.77").post(FORGOT, {"email": MARIA.email})
    assert answer.status_code == 429
    assert "There were too many tries from here." in words(answer)
    assert mail("usernames") == []


@pytest.mark.parametrize("typed", ["", "maria.santos", "maria@"])
def test_what_is_no_email(practice: Practice, typed: str) -> None:
    answer = Browser(practice).post(FORGOT, {"email": typed})
    assert answer.status_code == 200
    assert "Error:" in answer.content.decode()


def test_name_that_somebody_else_has_by_now_is_not_sent(practice: Practice) -> None:
    account = an_account(practice)
    Account.objects.filter(pk=account.pk).update(sign_in_state=SignInState.LOST, sign_in_name="hers@example.com")
    ask(practice)
    assert mail("usernames") == []
