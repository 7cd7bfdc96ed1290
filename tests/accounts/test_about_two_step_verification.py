"""**About two-step verification**: the questions of patients, answered as they hold at the practice."""

from __future__ import annotations

import pytest

from practices.choices import CodeWhen
from tests.people import Browser, a_practice, an_account, h1, words

pytestmark = pytest.mark.django_db
PATH = "/about-two-step-verification/"


def test_it_answers_the_questions_that_patients_ask() -> None:
    page = Browser(a_practice()).get(PATH)
    assert h1(page) == "About two-step verification"
    for question in (
        "What is two-step verification?",
        "Why is it used?",
        "Do I still need my username and password?",
        "How often am I asked?",
        "How can I get a code?",
        "Can I use a landline?",
        "Am I charged for the texts?",
        "What if no code arrives?",
        "How do I change my phone number or add another way?",
    ):
        assert question in words(page)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (CodeWhen.EVERY_SIGN_IN, "Every time you sign in."),
        (CodeWhen.NEW_DEVICES, "after 30 days"),
        (CodeWhen.RESET_ONLY, "When you reset your password"),
    ],
)
def test_how_often_is_the_practices_own(when: CodeWhen, told: str) -> None:
    assert told in words(Browser(a_practice(code_when=when)).get(PATH))


def test_what_is_not_offered_is_not_promised() -> None:
    told = words(Browser(a_practice(options_offered=["text"])).get(PATH))
    assert "By text message" in told
    for absent in ("choose Call me", "By email", "authenticator app", "backup codes", "Only with a passkey"):
        assert absent not in told


def test_who_is_signed_in_reads_it_too() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in("maria@example.com")
    assert browser.get(PATH).status_code == 200


def test_protect_page_leads_to_it() -> None:
    practice = a_practice(option_required=True)
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in("maria@example.com")
    assert f'href="{PATH}"' in browser.get("/protect/").content.decode()
