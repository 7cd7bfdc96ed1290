"""Flow A from **Create Account** to home, page by page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Account, PatientAccess
from agreements import terms
from agreements.models import Acceptance, Kind
from enrollment.models import Enrollment
from practices import current
from tests.people import ANNA, BEN, HOME, MARIA, Browser, a_practice, a_token_for, h1, mail, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_leads_to_the_next(language: str) -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice, language=language)
    pages = [browser.get("/"), browser.get("/enroll/")]
    assert browser.accept_terms().url == "/enroll/start/"
    pages += [browser.get("/enroll/start/"), browser.get("/enroll/token/")]
    assert browser.post("/enroll/token/", token.typed()).url == "/enroll/account/"
    pages.append(browser.get("/enroll/account/"))
    assert browser.choose().url == "/enroll/credentials/new/"
    pages.append(browser.get("/enroll/credentials/new/"))
    assert browser.create_account().url == "/enroll/done/"
    pages += [browser.get("/enroll/done/"), browser.get("/home/")]
    assert [page.status_code for page in pages] == [200] * 8
    assert all(f'lang="{language}"' in page.content.decode() for page in pages)
    assert PatientAccess.objects.get(record=token.chart).state == "active"


def test_pages_have_the_titles_that_instructions_name() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    seen = [h1(browser.get("/")), h1(browser.get("/enroll/"))]
    browser.accept_terms()
    seen += [h1(browser.get("/enroll/start/")), h1(browser.get("/enroll/token/"))]
    browser.post("/enroll/token/", token.typed())
    seen.append(h1(browser.get("/enroll/account/")))
    browser.choose()
    seen.append(h1(browser.get("/enroll/credentials/new/")))
    browser.create_account()
    seen.append(h1(browser.get("/enroll/done/")))
    assert seen == [
        "Sign in",
        "Terms and Conditions",
        "New to Patient Portal",
        "Token details",
        "Account options",
        "Account credentials",
        "You're enrolled",
    ]


def test_account_signs_in_again_with_its_email() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    browser.post("/sign-out/")
    assert not browser.is_signed_in
    assert browser.sign_in("Maria@Example.com").url == "/home/"
    assert "Record of Maria Elena Santos" in words(browser.get("/home/"))


def test_email_asks_to_verify_the_address() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    (complete,) = mail("enrollment_complete", practice=practice)
    assert complete["to"] == MARIA.email
    assert complete["is_open"] is True
    assert "We sent a message to maria@example.com" in words(browser.get("/enroll/done/"))


def test_without_an_email_nothing_is_sent_and_the_username_can_be_printed() -> None:
    practice = a_practice()
    browser = Browser(practice)
    token = a_token_for(practice, emails=[])
    browser.walk_to_credentials(token)
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/username/"
    assert browser.create_account(username="maria.santos").url == "/enroll/done/"
    page = words(browser.get("/enroll/done/"))
    assert "Username maria.santos" in page
    assert practice.phone in page
    assert mail("enrollment_complete", practice=practice) == mail("record_enrolled", practice=practice) == []


@pytest.mark.parametrize("email", ["maria@example.com", "no email at all", "a" * 10_000])
def test_checkbox_wins_over_the_field(email: str) -> None:
    practice = a_practice()
    browser = Browser(practice)
    assert browser.type_token(a_token_for(practice), email=email, no_email="on").url == "/enroll/account/"
    assert Enrollment.objects.get(practice=practice).email == ""


def test_no_email_and_no_checkbox_is_asked_about() -> None:
    practice = a_practice()
    answer = Browser(practice).type_token(a_token_for(practice), email=" ", no_email="")
    assert "Enter an email address, or choose not to provide one." in words(answer)
    assert b"<title>Error: " in answer.content


def test_what_was_typed_stays_on_the_page_but_for_passwords() -> None:
    practice = a_practice()
    browser = Browser(practice)
    token = a_token_for(practice)
    again = browser.type_token(token, birth_date="02/30/1984").content.decode()
    assert all(typed in again for typed in [token.typed()["token"], "02/30/1984", "Santos", "maria@example.com"])
    browser.type_token(token, email="", no_email="on")
    browser.choose()
    page = "/enroll/credentials/username/"
    typed = {"username": "x", "password": "Unlike-any-51", "confirm_password": "Unlike-any-51"}
    again = browser.post(page, typed).content.decode()
    assert 'value="x"' in again
    assert "Unlike-any-51" not in again


def test_a_couple_that_shares_an_email_gets_two_accounts() -> None:
    practice = a_practice()
    assert Browser(practice).enroll(a_token_for(practice, ANNA), password="Anna-kept-31").url == "/enroll/done/"
    assert Browser(practice).enroll(a_token_for(practice, BEN), password="Ben-kept-it-32").url == "/enroll/done/"
    anna, ben = Account.objects.order_by("pk")
    assert anna.sign_in_name == ben.sign_in_name == "kellers@example.com"
    for password, name in [("Anna-kept-31", "Anna Keller"), ("Ben-kept-it-32", "Ben Keller")]:
        browser = Browser(practice)
        browser.sign_in(ANNA.email, password)
        page = words(browser.get("/home/"))
        assert f"Record of {name}" in page
        assert set(re.findall(r"Record of (\w+)", page)) == {name.split()[0]}


def test_same_password_for_the_same_claimed_email_is_refused() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice, ANNA))
    answer = Browser(practice).enroll(a_token_for(practice, BEN))
    assert answer.status_code == 200
    assert "This password cannot be used with this email address." in words(answer)
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["Oliveira", "OLIVEIRA", "santos ", "Sántos", "San-tos", "S A N T O S", "Santos\u200b"]
)
def test_last_names_match_as_people_write_them(name: str) -> None:
    practice = a_practice()
    assert Browser(practice).type_token(a_token_for(practice), last_name=name).url == "/enroll/account/"


@pytest.mark.parametrize(
    ("on_record", "typed"),
    [
        ({"family_name": "O'Brien-Núñez"}, "O\u2019Brien\u2013Nunez"),
        ({"family_name": "van der Berg"}, "Van Der Berg"),
        ({"family_name": "李", "given_names": "小龍"}, "李"),
        ({"family_name": "", "given_names": "李小龍"}, "李小龍"),
        ({"family_name": "", "given_names": "Suharto"}, "suharto"),
        ({"family_name": "Núñez"}, "Nu\u0301n\u0303ez"),
        ({"family_name": "כהן"}, "\u200fכהן\u200e"),  # noqa: RUF001
    ],
)
def test_names_of_all_kinds_get_home(on_record: dict[str, Any], typed: str) -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.enroll(a_token_for(practice, **on_record), last_name=typed)
    assert browser.is_signed_in


@pytest.mark.parametrize("email", ["maria+portal@example.com", "maria@bücher.example", "MARIA@EXAMPLE.COM"])
def test_emails_of_all_kinds_sign_in(email: str) -> None:
    practice = a_practice()
    browser = Browser(practice)
    assert browser.enroll(a_token_for(practice), email=email).url == "/enroll/done/"
    browser.post("/sign-out/")
    assert browser.sign_in(email).url == "/home/"


def test_acceptance_keeps_hash_version_time_and_address() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice))
    texts = terms.current(practice, "en")
    kept = Acceptance.objects.filter(account__email=MARIA.email).order_by("pk")
    assert {one.terms_version_id for one in kept} == set(texts.ids)
    assert {one.sha256 for one in kept} == {terms.fingerprint(text.body) for text in texts}
    assert {(one.version, one.address) for one in kept} == {(1, HOME)}
    enrollment = Enrollment.objects.get(practice=practice)
    assert all(one.accepted_at < enrollment.started_at for one in kept)  # when it was said, not when it was saved


def test_terms_that_changed_while_they_were_read_are_shown_again() -> None:
    practice = a_practice()
    browser = Browser(practice)
    old = terms.current(practice, "en").ids
    terms.publish(practice=practice, kind=Kind.TERMS, texts={"en": "# New\nNew words."}, by=None)
    answer = browser.post("/enroll/", {"shown": old})
    assert answer.status_code == 200
    assert "The practice changed its terms in the meantime." in words(answer)
    assert "New words." in words(answer)
    assert browser.get("/enroll/start/").url == "/enroll/"
    assert browser.accept_terms().url == "/enroll/start/"


def test_not_accepting_leads_back_to_the_terms() -> None:
    practice = a_practice()
    page = Browser(practice).get("/enroll/declined/")
    assert 'href="/enroll/"' in page.content.decode()
    assert practice.phone in words(page)


def test_practice_without_terms_says_that_enrolling_is_not_open() -> None:
    practice = a_practice()
    other = type(practice).objects.create(
        slug=f"new-{practice.slug}", host=f"new.{practice.host}", name="New", phone="1", email="new@example.org"
    )
    current.forget()
    page = Browser(other).get("/enroll/")
    assert page.status_code == 503
    assert h1(page) == "Enrolling is not open yet"


@pytest.mark.parametrize("path", ["/enroll/invitation-email/", "/enroll/no-code/", "/enroll/not-mine/told/"])
def test_side_pages_show_how_to_reach_the_practice(path: str) -> None:
    practice = a_practice()
    page = words(Browser(practice).get(path))
    assert practice.phone in page
    assert practice.email in page
