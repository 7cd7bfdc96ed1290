"""The attacker: does not want in, but wants the owner out, by guessing badly and often."""

from __future__ import annotations

import pytest

from guard import limits
from practices.models import Practice
from tests.people import MARIA, PASSWORD, Browser, a_practice, a_token, a_token_for, an_account, mail, path_of, words

pytestmark = pytest.mark.django_db


def guess_from_everywhere(practice: Practice) -> None:
    for address in range(1, 30):
        Browser(practice, address=f"203.0.113.{address}").sign_in(MARIA.email, "Wrong-pass-1")


def ask_for_a_link(practice: Practice, address: str, name: str = MARIA.email) -> Browser:
    browser = Browser(practice, address=address)
    assert browser.sign_in(name, "Wrong-pass-1").status_code == 429
    browser.post("/password/link/")
    return browser


def use_newest_link(browser: Browser) -> None:
    browser.get(path_of(mail("sign_in_link", practice=browser.practice)[-1]["link"]))
    assert browser.post("/this-browser/").url == "/password/"


def test_owner_gets_in_with_a_new_phone_while_the_guessing_goes_on() -> None:
    practice = a_practice()
    an_account(practice)
    guess_from_everywhere(practice)
    phone = ask_for_a_link(practice, "198.51.100.7")
    use_newest_link(phone)
    guess_from_everywhere(practice)
    assert phone.post("/password/", {"password": PASSWORD}).url == "/home/"


def test_stranger_who_asked_for_all_links_leaves_the_owner_one() -> None:
    practice = a_practice()
    an_account(practice)
    guess_from_everywhere(practice)
    for address in range(1, 9):
        ask_for_a_link(practice, f"203.0.113.{address}")
    assert len(mail("sign_in_link", practice=practice)) == limits.SIGN_IN_LINKS.count
    phone = ask_for_a_link(practice, "198.51.100.7")
    use_newest_link(phone)
    assert phone.post("/password/", {"password": PASSWORD}).url == "/home/"


def test_stranger_at_her_mailbox_still_needs_the_password_and_guesses_no_faster_with_many_links() -> None:
    practice = a_practice()
    an_account(practice)
    guess_from_everywhere(practice)
    seen: list[int] = []
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        thief = ask_for_a_link(practice, address)
        use_newest_link(thief)
        seen += [thief.sign_in(MARIA.email, f"Wrong-pass-{n}").status_code for n in range(6)]
        assert not thief.is_signed_in
    most = limits.SIGN_IN_BY_KNOWN_BROWSER.count
    assert seen == [200] * most + [429] * (18 - most)


def test_stranger_at_her_mailbox_slows_no_browser_that_she_signed_in_with() -> None:
    practice = a_practice()
    an_account(practice)
    hers = Browser(practice)
    hers.sign_in(MARIA.email)
    hers.post("/sign-out/")
    guess_from_everywhere(practice)
    thief = ask_for_a_link(practice, "203.0.113.1")
    use_newest_link(thief)
    assert [thief.sign_in(MARIA.email, "Wrong-pass-1").status_code for _ in range(12)][-1] == 429
    assert hers.sign_in(MARIA.email).url == "/home/"


def test_one_machine_writes_to_few_mailboxes() -> None:
    practice = a_practice()
    an_account(practice)
    for _ in range(limits.SIGN_IN_BY_ADDRESS.count):
        limits.spend((limits.SIGN_IN_BY_ADDRESS, "203.0.113.66"))  # every further name is refused at once
    for number in range(limits.SIGN_IN_LINKS_BY_ADDRESS.count):
        ask_for_a_link(practice, "203.0.113.66", f"patient-{number}@example.com")
    late = Browser(practice, address="203.0.113.66")
    late.sign_in(MARIA.email)
    assert late.post("/password/link/").url == "/password/"
    assert "too many tries from here" in words(late.get("/password/"))
    assert mail("sign_in_link", practice=practice) == []


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
