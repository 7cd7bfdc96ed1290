"""Every link in every message about getting back in, as its reader sees it: both languages, HTML, text and SMS."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Account
from enrollment.tasks import close_accounts
from guard.models import Tally
from notifications.models import Message
from notifications.words import render
from tests.accounts.getting_back import NEW, RESET, USERNAME, WAIT, Comeback, months_old, passes
from tests.accounts.options_kit import PHONE, a_text_option, an_app, rested
from tests.people import MARIA, Browser, a_chart, a_practice, a_token, an_account, h1, path_of

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
NOTICES = {
    "password_reset_link",
    "password_reset",
    "password_reset_waits",
    "reset_cancelled",
    "usernames",
    "account_reset_asked",
    "account_closed",
    "account_closed_told",
}
LEADS_TO = {
    "": "Sign in",
    "forgot-password": "Forgot your password?",
    "reset-password": "Create your new password",
    "invitation": "Create your new password",
    "not-my-change": "This wasn't me",
}
IN_TEXT, IN_HTML = re.compile(r"https?://[^\s<>\"]+"), re.compile(r'href="(https?:[^"]+)"')
LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])


class Reader:
    """Opens every link of every message, once each, in a browser that was never here."""

    def __init__(self, practice: Practice, language: str) -> None:
        self.practice, self.language = practice, language
        self.read: dict[int, list[str]] = {}  # of each message: which pages its links led to

    def reads(self) -> None:
        for message in Message.objects.filter(notice__in=NOTICES).exclude(pk__in=self.read).order_by("pk"):
            assert message.language == self.language
            self.read[message.pk] = [self.opens(link) for link in links(message)]

    def opens(self, link: str) -> str:
        assert link.startswith(self.practice.address("/"))
        page = Browser(self.practice, language=self.language).get(path_of(link), follow=True)
        assert page.status_code == 200, link
        where = path_of(link).split("/")[1]
        with translation.override(self.language):
            assert h1(page) == gettext(LEADS_TO[where]), link
        return where

    def led_to(self, notice: str, channel: str) -> set[str]:
        found = Message.objects.filter(notice=notice, channel=channel)
        return {where for message in found for where in self.read[message.pk]}


def links(message: Message) -> list[str]:
    """What can be followed in a message; its text and its HTML hold the same."""
    words = render(message)
    in_text = {link.rstrip(".,:)") for link in IN_TEXT.findall(words.text)}
    in_html = {unescape(link) for link in IN_HTML.findall(words.html)}
    assert in_html == in_text or message.channel == "sms", message.notice
    return sorted(in_text)


@LANGUAGES
def test_every_link_leads_where_it_says(language: str) -> None:
    practice = a_practice()
    maria = an_account(practice, token=a_token(a_chart(practice, mobile_e164=PHONE)))
    Account.objects.update(language=language)
    an_app(maria)
    a_text_option(maria)
    months_old(maria)
    reader, hers = Reader(practice, language), Comeback(practice, language=language)
    hers.post(USERNAME, {"email": MARIA.email})
    hers.ask()
    reader.reads()
    goes_through_it_all(hers, maria, reader)
    expected = {
        ("usernames", "email"): {"", "forgot-password"},
        ("password_reset_link", "email"): {"reset-password"},
        ("reset_cancelled", "email"): set(),
        ("reset_cancelled", "sms"): set(),
        ("account_closed", "email"): {"invitation", "not-my-change"},
        ("account_closed_told", "sms"): {"not-my-change"},
    }
    for notice in ("password_reset", "password_reset_waits", "account_reset_asked"):
        expected |= {(notice, channel): {"not-my-change"} for channel in ("email", "sms")}
    assert {key: reader.led_to(*key) for key in expected} == expected
    assert {one.notice for one in Message.objects.filter(pk__in=reader.read)} == NOTICES


def goes_through_it_all(hers: Comeback, maria: Account, reader: Reader) -> None:
    """A day without the app, cancelled; the reset by app; and the account closed, a day after it was asked for."""
    hers.open_link()
    hers.choose()
    hers.post(WAIT)
    reader.reads()
    for _ in range(2):
        hers.confirm()
        rested(maria)
        hers.by_app()
        hers.post("/sign-out/")
        reader.reads()
        rested(maria)
        hers.sign_in(MARIA.email, NEW)
        hers.by_app()
        hers.post("/sign-out/")
        Tally.objects.all().delete()
        hers.ask()
        reader.reads()
        hers.open_link()
        hers.choose()
        hers.post(RESET)
        reader.reads()
    rested(maria)
    hers.sign_in(MARIA.email, NEW)
    hers.by_app()
    reader.reads()
    hers.post("/sign-out/")
    hers.ask()
    reader.reads()
    hers.open_link()
    hers.choose()
    hers.post(RESET)
    reader.reads()
    passes(days=1, minutes=1)
    close_accounts()
    reader.reads()
