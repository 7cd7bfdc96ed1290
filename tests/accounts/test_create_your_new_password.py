"""**Create your new password**: the link to it, how long it lives, what is typed (docs/flows.md F.2, F.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account, SignInState
from guard.secrets import new_secret
from practices.models import Practice
from tests.accounts.getting_back import CHECK, CODE, FORGOT, NEW, signs_in
from tests.accounts.options_kit import PHONE, code_sent
from tests.accounts.reset_kit import (
    CHOOSE,
    ask,
    asked_for_code,
    choose,
    chosen,
    link,
    links,
    links_age,
    opened,
    password_of,
    reset_by_text,
    with_phone,
)
from tests.people import ANNA, BEN, MARIA, PASSWORD, Browser, a_practice, an_account, h1, mail, words
from verification.models import Challenge, Purpose

pytestmark = pytest.mark.django_db
NOWHERE = "This link does not work"


def fails(browser: Browser, path: str, because: str, *, offers: str = "Send me a new one") -> bool:
    """The page that says so leads on: to a new link, to signing in, to the practice."""
    browser.get(path)
    answer = browser.get(CHOOSE)
    html, said = answer.content.decode(), words(answer)
    leads_on = f'href="{FORGOT}">{offers}<' in html and "Sign in" in said and browser.practice.phone in said
    refused = choose(browser)
    is_refused = (refused.status_code, h1(refused)) == (404, NOWHERE)
    assert because in said, said
    return (answer.status_code, h1(answer)) == (404, NOWHERE) and leads_on and is_refused


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_for_whom_and_until_when(practice: Practice) -> None:
    with_phone(practice, name="maria.santos")
    browser = opened(practice, link(practice, "maria.santos"))
    page = browser.get(CHOOSE)
    assert h1(page) == "Create your new password"
    assert "signs in as maria.santos" in words(page)
    assert "your link is good" in words(page)
    html = page.content.decode()
    assert 'value="maria.santos" autocomplete="username" readonly hidden' in html
    for label in ("New password", "Confirm password", "Save and continue", "At least 8 characters"):
        assert label in words(page)


def test_the_secret_leaves_the_address_bar(practice: Practice) -> None:
    with_phone(practice)
    path = link(practice)
    answer = Browser(practice).get(path)
    assert (answer.status_code, answer.url) == (302, CHOOSE)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("typed", "again", "because"),
    [
        ("short-1", "short-1", "Use at least 8 characters."),
        (MARIA.email, MARIA.email, "not your email address"),
        (NEW, NEW + "x", "The two passwords are not the same."),
        ("", "", "Enter new password."),
    ],
)
def test_what_the_practices_rule_refuses(practice: Practice, typed: str, again: str, because: str) -> None:
    with_phone(practice)
    browser = opened(practice)
    answer = browser.post(CHOOSE, {"password": typed, "confirm_password": again})
    assert because in words(answer)
    assert browser.post(CHECK).url == CHOOSE


def test_the_practices_own_rule_holds() -> None:
    practice = a_practice(password_rule="long")
    with_phone(practice)
    assert "Use at least 15 characters." in words(choose(opened(practice), "Short-harbor-5"))


def test_another_claim_of_the_email_has_that_password_already(practice: Practice) -> None:
    """Two accounts that nobody could tell apart at a sign-in."""
    mine = with_phone(practice)
    path = link(practice)
    Account.objects.filter(pk=mine.pk).update(sign_in_state=SignInState.CLAIMED)
    Account.objects.create_account(sign_in_name=MARIA.email, password=NEW, email=MARIA.email)
    browser = opened(practice, path)
    assert "This password cannot be used with this email address." in words(choose(browser))
    assert browser.post(CHECK).url == CHOOSE


def test_the_old_password_counts_until_the_identity_check_and_the_new_one_from_it_on(practice: Practice) -> None:
    account = with_phone(practice)
    browser = asked_for_code(practice)
    code = code_sent(PHONE)
    assert password_of(account) == PASSWORD
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, NEW)
    browser.post(CODE, {"code": code})
    assert password_of(account) == NEW
    assert signs_in(practice, MARIA.email, NEW)
    assert not signs_in(practice, MARIA.email, PASSWORD)


# --- How long a link lives --------------------------------------------------------------------------------------------


def test_opening_a_link_uses_nothing_up(practice: Practice) -> None:
    account = with_phone(practice)
    path = link(practice)
    for _ in range(3):
        Browser(practice, address="192.0.2.1").get(path, follow=True)
        Browser(practice, address="192.0.2.1").head(path, follow=True)
    for _ in range(2):
        chosen(practice, path)
    assert Challenge.objects.get(purpose=Purpose.PASSWORD_RESET).consumed_at is None
    assert password_of(account) == PASSWORD
    assert reset_by_text(practice, path).is_signed_in


def test_it_is_good_for_thirty_minutes(practice: Practice) -> None:
    with_phone(practice)
    path = link(practice)
    links_age(timedelta(minutes=29))
    browser = asked_for_code(practice, path)
    links_age(timedelta(minutes=1))
    assert fails(Browser(practice), path, "It was good for 30 minutes")
    answer = browser.post(CODE, {"code": code_sent(PHONE)})
    assert h1(answer) == NOWHERE
    assert not browser.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_it_is_used_once(practice: Practice) -> None:
    with_phone(practice)
    path = link(practice)
    reset_by_text(practice, path)
    assert fails(Browser(practice), path, "It was used already", offers="Forgot your password?")


def test_a_newer_one_ends_the_one_before(practice: Practice) -> None:
    with_phone(practice)
    old = link(practice)
    late = asked_for_code(practice, old)
    new = link(practice)
    assert fails(Browser(practice), old, "A newer message took its place")
    assert h1(late.post(CODE, {"code": code_sent(PHONE)})) == NOWHERE
    assert h1(opened(practice, new).get(CHOOSE)) == "Create your new password"


def test_it_ends_with_the_password_that_it_was_sent_for(practice: Practice) -> None:
    account = an_account(practice)
    path = link(practice)
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    typed = {"current_password": PASSWORD, "password": NEW, "confirm_password": NEW}
    assert owner.post("/settings/password/", typed).url == "/settings/"
    assert fails(Browser(practice), path, "the password was changed after it was sent")
    assert password_of(account) == NEW


def test_it_ends_with_the_email_that_it_was_sent_to(practice: Practice) -> None:
    account = with_phone(practice)
    path = link(practice)
    Account.objects.filter(pk=account.pk).update(email="new@example.com")
    assert fails(Browser(practice), path, "The password or the email address of the account was changed")


def test_it_ends_with_the_account(practice: Practice) -> None:
    account = with_phone(practice)
    path = link(practice)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert fails(Browser(practice), path, "was changed after it was sent")


def test_it_is_its_own_accounts(practice: Practice) -> None:
    an_account(practice, ANNA, name="anna.keller")
    ben = an_account(practice, BEN, name="ben.keller")
    secret = link(practice, "anna.keller").rstrip("/").rpartition("/")[2]
    assert fails(Browser(practice), f"/reset-password/{ben.pk}/{secret}/", "It is incomplete, or not one of ours")


def test_a_made_up_one(practice: Practice) -> None:
    account = with_phone(practice)
    link(practice)
    path = f"/reset-password/{account.pk}/{new_secret()}/"
    assert fails(Browser(practice), path, "It is incomplete, or not one of ours")


@pytest.mark.parametrize("account", ["0", "1", "9" * 30, "9" * 5000, "-1", "x", "%D9%A1"])
@pytest.mark.parametrize("secret", ["x", "%00", "a" * 43, "%00" * 43, "é" * 43, "a" * 3000])
def test_garbage(practice: Practice, account: str, secret: str) -> None:
    browser = Browser(practice)
    answer = browser.get(f"/reset-password/{account}/{secret}/")
    assert answer.status_code in {302, 404}
    is_kept = answer.status_code == 302  # long enough to be a secret
    for answer in (choose(browser), browser.get(CHOOSE)):
        assert h1(answer) == NOWHERE if is_kept else answer.url == FORGOT


def test_half_a_link_does_not_go_on_with_the_one_before(practice: Practice) -> None:
    account = with_phone(practice)
    browser = opened(practice)
    assert h1(browser.get(f"/reset-password/{account.pk}/abc/")) == NOWHERE
    assert browser.get(CHOOSE).url == FORGOT


def test_without_a_link_the_page_leads_to_asking_for_one(practice: Practice) -> None:
    for page in (CHOOSE, CHECK, "/reset-password/wait/"):
        assert Browser(practice).get(page).url == FORGOT
        assert Browser(practice).post(page, {"password": NEW, "confirm_password": NEW}).url == FORGOT


# --- Browsers, tabs, haste --------------------------------------------------------------------------------------------


def test_another_browser_than_the_one_that_asked(practice: Practice) -> None:
    with_phone(practice)
    ask(practice, address="192.0.2.4")
    assert reset_by_text(practice, links(practice)[-1]).is_signed_in


def test_what_one_browser_chose_another_cannot_finish(practice: Practice) -> None:
    with_phone(practice)
    path = link(practice)
    asked_for_code(practice, path)
    other = opened(practice, path, address="192.0.2.5")
    assert other.post(CHECK).url == CHOOSE
    assert other.post(CODE, {"code": code_sent(PHONE)}).url == "/"


def test_two_tabs_the_password_typed_last_counts(practice: Practice) -> None:
    account = with_phone(practice)
    browser = asked_for_code(practice)
    choose(browser, "Other-harbor-59")
    choose(browser, NEW)
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == "/home/"
    assert password_of(account) == NEW


def test_the_link_of_another_account_in_the_same_browser_takes_over(practice: Practice) -> None:
    """What was proven for the one completes nothing for the other."""
    anna, ben = an_account(practice, ANNA, name="anna.keller"), with_phone(practice)
    browser = asked_for_code(practice, link(practice))
    browser.get(link(practice, "anna.keller"))
    choose(browser)
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == CHOOSE
    assert (password_of(anna), password_of(ben)) == (PASSWORD, PASSWORD)
    assert not browser.is_signed_in


def test_a_double_click_is_one_reset(practice: Practice) -> None:
    with_phone(practice)
    browser = asked_for_code(practice)
    code = code_sent(PHONE)
    assert browser.post(CODE, {"code": code}).url == "/home/"
    assert browser.post(CODE, {"code": code}, follow=True).redirect_chain[-1][0] == "/home/"
    assert len(mail("password_reset", practice=practice, to=MARIA.email)) == 1


def test_back_after_it_is_done(practice: Practice) -> None:
    with_phone(practice)
    browser = reset_by_text(practice)
    for page in (CHOOSE, CHECK, "/reset-password/wait/"):
        assert browser.get(page).url == "/home/"
    assert choose(browser).url == "/home/"


def test_back_at_a_shared_computer_after_signing_out(practice: Practice) -> None:
    with_phone(practice)
    browser = reset_by_text(practice)
    browser.post("/sign-out/")
    for page in (CHOOSE, CHECK, CODE):
        assert browser.get(page).status_code == 302
    assert choose(browser, "Thief-kite-99").url == FORGOT
    assert not browser.is_signed_in


@pytest.mark.parametrize("who", ["the same account", "another account"])
def test_opened_where_somebody_is_signed_in(practice: Practice, who: str) -> None:
    """Their session goes on until the new password counts; then it is the session of whose password it is."""
    mine, other = with_phone(practice), an_account(practice, ANNA, name="anna.keller")
    browser = Browser(practice)
    if who == "another account":
        browser.sign_in("anna.keller")
    else:
        browser.sign_in(MARIA.email)
        browser.type_code(PHONE)
        Challenge.objects.filter(purpose=Purpose.SIGN_IN).delete()
    assert browser.get(link(practice)).url == CHOOSE
    assert browser.is_signed_in
    choose(browser)
    browser.post(CHECK)
    assert browser.is_signed_in
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == "/home/"
    assert browser.session["_auth_user_id"] == str(mine.pk)
    assert browser.is_signed_in
    assert password_of(other) == PASSWORD


def test_link_at_another_practices_host(practice: Practice) -> None:
    """Accounts are across practices."""
    account = with_phone(practice)
    path = link(practice)
    browser = reset_by_text(a_practice("oak"), path)
    assert browser.session["_auth_user_id"] == str(account.pk)
    assert password_of(account) == NEW
