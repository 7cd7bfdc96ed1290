"""**Verify your email address**: links, mail scanners, and rule 13."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from accounts.models import Account, SignInState
from audit.models import AuditEvent
from guard import limits
from tests.people import (
    ANNA,
    BEN,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    a_token_for,
    an_account,
    h1,
    mail,
    path_of,
    trail,
    words,
)
from verification.models import Challenge

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
GARBAGE = [
    "x",
    "%00",
    "%00%00a",
    "a%0d%0ab",
    "%ED%A0%80",
    "%FF%FE",
    "..%2f..%2f",
    "é",
    "%F0%9F%98%80",
    "a" * 3000,
    "%25",
]


def enrolled(practice: Practice) -> tuple[Browser, str]:
    """Maria's browser after her enrollment, and the path of the link in her mail."""
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    return browser, path_of(mail("enrollment_complete", practice=practice)[-1]["link"])


def is_verified() -> bool:
    return Account.objects.get().email_verified_at is not None


def test_link_and_button_verify(practice: Practice) -> None:
    browser, link = enrolled(practice)
    assert browser.get(link).url == "/verify-email/"
    page = browser.get("/verify-email/")
    assert h1(page) == "Verify your email address"
    assert not is_verified()
    assert browser.post("/verify-email/").url == "/verify-email/done/"
    assert h1(browser.get("/verify-email/done/")) == "Your email address is verified"
    assert is_verified()
    assert Account.objects.get().sign_in_state == SignInState.HELD
    assert len(trail(practice, "email.verified")) == 1


def test_mail_scanner_uses_nothing_up(practice: Practice) -> None:
    browser, link = enrolled(practice)
    for _ in range(3):
        Browser(practice, address="192.0.2.1").get(link, follow=True)
        Browser(practice, address="192.0.2.1").head(link)
    browser.get(link)
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def test_link_in_another_browser_asks_to_sign_in_first(practice: Practice) -> None:
    _browser, link = enrolled(practice)
    phone = Browser(practice)
    phone.get(link)
    assert phone.get("/verify-email/").url == "/?next=/verify-email/"
    phone.post("/", {"name": MARIA.email, "next": "/verify-email/"})
    assert phone.post("/password/", {"password": PASSWORD}).url == "/verify-email/"
    assert "Press Verify" in words(phone.get("/verify-email/"))
    phone.post("/verify-email/")
    assert is_verified()


def test_link_is_for_its_own_account_alone(practice: Practice) -> None:
    _browser, link = enrolled(practice)
    an_account(practice, ANNA, name="anna-keller", verified=False)
    annas = Browser(practice)
    annas.sign_in("anna-keller")
    annas.get(link)
    answer = annas.post("/verify-email/")
    assert (answer.status_code, h1(answer)) == (400, "This link does not work")
    assert practice.phone in words(answer)
    assert not Account.objects.filter(email_verified_at__isnull=False).exists()


def test_new_link_ends_the_old_one(practice: Practice) -> None:
    browser, old = enrolled(practice)
    assert browser.post("/verify-email/again/").url == "/home/"
    assert "We sent another message." in words(browser.get("/home/"))
    new = path_of(mail("verify_email", practice=practice)[-1]["link"])
    browser.get(old)
    failed = browser.post("/verify-email/")
    assert h1(failed) == "This link does not work"
    assert "Send me a new one" in words(failed)
    browser.get(new)
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def test_link_is_good_for_seven_days(practice: Practice) -> None:
    browser, link = enrolled(practice)
    life = Challenge.objects.get().expires_at - Challenge.objects.get().created_at
    assert abs(life - timedelta(days=7)) < timedelta(minutes=1)
    Challenge.objects.update(expires_at=F("expires_at") - timedelta(days=7))
    browser.get(link)
    assert h1(browser.post("/verify-email/")) == "This link does not work"
    assert not is_verified()


def test_used_link_says_that_all_is_done(practice: Practice) -> None:
    browser, link = enrolled(practice)
    browser.get(link)
    browser.post("/verify-email/")
    browser.get(link)
    assert "is verified already" in words(browser.get("/verify-email/"))
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def test_pressing_verify_twice_is_no_matter(practice: Practice) -> None:
    browser, link = enrolled(practice)
    browser.get(link)
    assert [browser.post("/verify-email/").url for _ in range(2)] == ["/verify-email/done/"] * 2
    assert len(trail(practice, "email.verified")) == 1


def test_link_of_another_practices_host(practice: Practice) -> None:
    """The link is the account's, and accounts are across practices: it works where the account signs in."""
    _browser, link = enrolled(practice)
    other = a_practice("oak")
    elsewhere = Browser(other)
    elsewhere.sign_in(MARIA.email)
    elsewhere.get(link)
    assert elsewhere.post("/verify-email/").url == "/verify-email/done/"


def test_without_a_link_the_page_says_where_to_find_it(practice: Practice) -> None:
    browser, _link = enrolled(practice)
    assert "Open the link in the message" in words(browser.get("/verify-email/"))
    assert h1(browser.post("/verify-email/")) == "This link does not work"
    assert browser.get("/verify-email/done/").url == "/verify-email/"


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_for_a_link_is_a_link_that_does_not_work(practice: Practice, garbage: str) -> None:
    browser, _link = enrolled(practice)
    assert browser.get(f"/verify-email/{garbage}/").status_code in {302, 404}
    assert browser.get("/verify-email/").status_code == 200
    assert browser.post("/verify-email/").status_code == 400


def test_five_more_messages_a_day_and_no_more(practice: Practice) -> None:
    browser, _link = enrolled(practice)
    for _ in range(limits.EMAIL_VERIFICATION_SENDS.count + 2):
        browser.post("/verify-email/again/")
    assert len(mail("verify_email", practice=practice)) == limits.EMAIL_VERIFICATION_SENDS.count
    assert "We sent several messages already." in words(browser.get("/home/"))


def test_verified_account_gets_no_further_message(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert browser.post("/verify-email/again/").url == "/home/"
    assert mail("verify_email", practice=practice) == []


# --- Rule 13: an email that nobody verified ---------------------------------------------------------------------------


def two_claims(practice: Practice) -> tuple[Browser, Browser, list[str]]:
    """Anna's and Ben's browsers, and the paths of the links in their shared mailbox."""
    anna, ben = Browser(practice), Browser(practice)
    anna.enroll(a_token_for(practice, ANNA), password="Anna-kept-31")
    ben.enroll(a_token_for(practice, BEN), password="Ben-kept-it-32")
    return anna, ben, [path_of(one["link"]) for one in mail("enrollment_complete", to=ANNA.email)]


def test_who_verifies_takes_the_email_over(practice: Practice) -> None:
    anna, ben, (_annas, bens) = two_claims(practice)
    ben.get(bens)
    ben.post("/verify-email/")
    assert ben.is_signed_in
    assert anna.get("/home/").url == "/choose-sign-in-name/"
    page = anna.get("/choose-sign-in-name/")
    assert h1(page) == "Choose how you sign in"
    assert "Somebody else has confirmed" in words(page)
    lost = Account.objects.get(sign_in_state=SignInState.LOST)
    assert AuditEvent.objects.filter(event="sign_in_name.lost", subject_id=str(lost.pk)).count() == 1


def test_who_lost_the_email_signs_in_with_it_until_a_username_is_chosen(practice: Practice) -> None:
    _anna, ben, (_annas, bens) = two_claims(practice)
    ben.get(bens)
    ben.post("/verify-email/")
    later = Browser(practice)
    assert later.sign_in(ANNA.email, "Anna-kept-31").url == "/home/"
    assert later.get("/home/").url == "/choose-sign-in-name/"
    assert later.post("/choose-sign-in-name/", {"username": "Anna.Keller"}).url == "/home/"
    assert "Record of Anna" in words(later.get("/home/"))
    assert Browser(practice).sign_in("anna.keller", "Anna-kept-31").url == "/home/"
    assert Browser(practice).sign_in(ANNA.email, "Anna-kept-31").status_code == 200


def test_couple_at_one_mailbox_may_both_verify_and_one_signs_in_with_it(practice: Practice) -> None:
    anna, ben, (annas, bens) = two_claims(practice)
    ben.get(bens)
    ben.post("/verify-email/")
    anna.get(annas)
    assert anna.post("/verify-email/").url == "/verify-email/done/"
    states = [(account.sign_in_state, bool(account.verified_email)) for account in Account.objects.order_by("pk")]
    assert states == [(SignInState.LOST, True), (SignInState.HELD, True)]
    assert anna.get("/home/").url == "/choose-sign-in-name/"


@pytest.mark.parametrize(("days", "asked"), [(6.9, False), (7.1, True)])
def test_unverified_email_is_asked_about_after_seven_days(practice: Practice, days: float, *, asked: bool) -> None:
    browser, link = enrolled(practice)
    Account.objects.update(created_at=F("created_at") - timedelta(days=days))
    assert (browser.get("/home/").status_code == 302) is asked
    if asked:
        page = browser.get(browser.get("/home/").url)
        assert "was not verified within seven days" in words(page)
        assert "Send me a new one" in words(page)
        Challenge.objects.update(expires_at=F("expires_at") + timedelta(days=1))
        browser.get(link)
        browser.post("/verify-email/")
        assert browser.is_signed_in


def test_username_is_never_asked_about(practice: Practice) -> None:
    browser = Browser(practice)
    browser.enroll(a_token_for(practice), username="maria.santos")
    Account.objects.update(created_at=F("created_at") - timedelta(days=400))
    assert browser.is_signed_in
    assert browser.get("/choose-sign-in-name/").url == "/home/"


@pytest.mark.parametrize(
    ("username", "says"),
    [
        ("anna", "6 to 50 letters"),
        ("kellers@example.com", "6 to 50 letters"),
        ("a" * 51, "Use at most 50 characters"),
        ("a" * 10_000, "Use at most 50 characters"),
        ("anna keller", "6 to 50 letters"),
        ("änna.keller", "6 to 50 letters"),
        ("anna\x00keller@", "6 to 50 letters"),
        ("taken.name", "Somebody has this username already"),
        ("", "Enter username"),
    ],
)
def test_username_that_cannot_be(practice: Practice, username: str, says: str) -> None:
    an_account(practice, name="taken.name")
    anna, ben, (_annas, bens) = two_claims(practice)
    ben.get(bens)
    ben.post("/verify-email/")
    answer = anna.post("/choose-sign-in-name/", {"username": username})
    assert answer.status_code == 200
    assert says in words(answer)
    assert anna.get("/home/").status_code == 302
