"""The attacker: does not want in, but wants the owner out, by guessing badly and often."""

from __future__ import annotations

import pytest

from tests.people import MARIA, Browser, a_practice, a_token, a_token_for, an_account

pytestmark = pytest.mark.django_db


def test_owner_gets_in_at_a_browser_of_hers_at_every_practice() -> None:
    here, there = a_practice(), a_practice("oak")
    an_account(here)
    hers = [Browser(here), Browser(there)]
    for browser in hers:
        browser.sign_in(MARIA.email)
        browser.post("/sign-out/")
    for address in range(1, 30):
        Browser(there, address=f"203.0.113.{address}").sign_in(MARIA.email, "Wrong-pass-1")
    assert [browser.sign_in(MARIA.email).url for browser in hers] == ["/home/", "/home/"]


def test_stolen_cookie_of_her_browser_slows_that_browser_alone() -> None:
    practice = a_practice()
    an_account(practice)
    laptop, phone = Browser(practice), Browser(practice)
    for browser in (laptop, phone):
        browser.sign_in(MARIA.email)
        browser.post("/sign-out/")
    thief = Browser(practice, address="203.0.113.66")
    thief.cookies["browser"] = laptop.cookies["browser"].value
    for _ in range(12):
        thief.sign_in(MARIA.email, "Wrong-pass-1")
    assert laptop.sign_in(MARIA.email).status_code == 429
    assert phone.sign_in(MARIA.email).url == "/home/"


def test_signed_in_owner_is_not_signed_out_by_guessing() -> None:
    practice = a_practice()
    an_account(practice)
    hers = Browser(practice)
    hers.sign_in(MARIA.email)
    for address in range(1, 30):
        Browser(practice, address=f"203.0.113.{address}").sign_in(MARIA.email, "Wrong-pass-1")
    assert hers.is_signed_in


def test_locked_token_is_replaced_by_the_desk_and_works_at_once() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    for day in range(1, 7):
        Browser(practice, address=f"203.0.113.{day}").type_token(token, birth_date=f"01/{day:02}/1950")
    patient = Browser(practice)
    assert patient.type_token(token).status_code == 200
    assert patient.enroll(a_token(token.chart)).url == "/enroll/done/"
