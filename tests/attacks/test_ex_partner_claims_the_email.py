"""The attacker: a patient too, opens an account in the victim's email before she does, or next to hers."""

from __future__ import annotations

import pytest

from accounts.models import Account
from guard import limits
from tests.people import A_STRANGER, MARIA, Browser, a_practice, a_token_for, an_account, mail, opens, path_of, words

pytestmark = pytest.mark.django_db
HIS = "Ex-partner-13"


def ex_partner() -> tuple[Browser, Account]:
    """His account at a practice of his, in her email."""
    practice = a_practice("oak")
    browser = Browser(practice, address="203.0.113.66")
    browser.enroll(a_token_for(practice, A_STRANGER), email=MARIA.email, password=HIS)
    return browser, Account.objects.get()


def test_she_enrolls_with_her_email_all_the_same() -> None:
    ex_partner()
    practice = a_practice()
    browser = Browser(practice)
    token = a_token_for(practice)
    assert browser.enroll(token).url == "/enroll/done/"
    assert opens(Account.objects.get(accesses__record=token.chart), token.chart)


def test_link_that_he_made_the_portal_send_her_opens_nothing_of_his_to_her_account() -> None:
    _his, account = ex_partner()
    (his_message,) = mail("enrollment_complete", to=MARIA.email)
    practice = a_practice()
    hers = Browser(practice)
    hers.enroll(a_token_for(practice))
    hers.get(path_of(his_message["link"]))
    assert hers.post("/verify-email/").status_code == 400
    account.refresh_from_db()
    assert account.email_verified_at is None


def test_when_she_verifies_he_loses_the_name_and_gets_none_of_her_mail() -> None:
    his, _account = ex_partner()
    practice = a_practice()
    hers = Browser(practice)
    hers.enroll(a_token_for(practice))
    hers.get(path_of(mail("enrollment_complete", to=MARIA.email)[-1]["link"]))
    hers.post("/verify-email/")
    assert his.get("/home/").url == "/choose-sign-in-name/"
    assert hers.is_signed_in
    assert Browser(practice).sign_in(MARIA.email).url == "/home/"


def test_he_cannot_add_her_record_to_his_account() -> None:
    ex_partner()
    practice = a_practice()
    token = a_token_for(practice)
    his = Browser(practice)
    his.walk_to_credentials(token, account="existing")
    assert his.use_account(MARIA.email, HIS).status_code == 409
    assert token.now().state == "pending"


@pytest.mark.parametrize("verified", [True, False])
def test_signing_in_to_his_own_gives_him_no_more_guesses_at_hers(*, verified: bool) -> None:
    """Both accounts have one name: a success of his must not forgive what he tried on hers."""
    his, _account = ex_partner()
    an_account(a_practice(), verified=verified)
    answers = []
    for round_ in range(4):
        his.post("/sign-out/")
        answers += [his.sign_in(MARIA.email, f"Guess-{round_}-{n}").status_code for n in range(4)]
        assert his.sign_in(MARIA.email, HIS).url == "/home/"
    assert answers.count(429) >= 16 - limits.SIGN_IN_BY_NAME_AND_ADDRESS.count


def test_fresh_browsers_give_him_no_more_guesses_either() -> None:
    _his, _account = ex_partner()
    practice = a_practice()
    an_account(practice)
    answers = []
    for address in range(1, 30):
        browser = Browser(practice, address=f"203.0.113.{address}")
        answers.append(browser.sign_in(MARIA.email, f"Guess-{address}").status_code)
        browser.sign_in(MARIA.email, HIS)
    assert 429 in answers
    assert answers.count(200) <= limits.SIGN_IN_BY_NAME.count


def test_his_guessing_does_not_keep_her_out_of_a_browser_of_hers() -> None:
    his, _account = ex_partner()
    practice = a_practice()
    hers = Browser(practice)
    hers.enroll(a_token_for(practice))
    hers.post("/sign-out/")
    for address in range(1, 25):
        Browser(practice, address=f"203.0.113.{address}").sign_in(MARIA.email, "Wrong-pass-1")
        his.sign_in(MARIA.email, "Wrong-pass-1")
    assert hers.sign_in(MARIA.email).url == "/home/"
    assert "Record of Maria" in words(hers.get("/home/"))
