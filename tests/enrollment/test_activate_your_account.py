"""**Activate your account**: flow B, from the email to home."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, SignInState
from enrollment import codes, numbers
from enrollment.models import CodeState, Enrollment, EnrollmentCode, EnrollmentState
from notifications.models import Lane, Message
from practices.models import Practice
from tests.enrollment.by_email import ACTIVATE, CREATE, PHONE, WHOSE, Letter, Mailbox, an_activation_code
from tests.people import (
    A_STRANGER,
    ANNA,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    h1,
    mail,
    opens,
    words,
)

pytestmark = pytest.mark.django_db
MOBILE, HOME, WORK = "+12125550142", "+12125550149", "+12125550161"
PHONES: dict[str, Any] = {"mobile_e164": MOBILE, "home_e164": HOME, "work_e164": WORK}


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def letter(practice: Practice) -> Letter:
    return an_activation_code(a_chart(practice, **PHONES))


@pytest.fixture
def browser(practice: Practice) -> Mailbox:
    return Mailbox(practice)


def account(name: str = MARIA.email) -> Account:
    return Account.objects.get(sign_in_name=name)


def test_email_holds_the_code_and_two_links(letter: Letter) -> None:
    (sent,) = mail("activation_code", to=MARIA.email)
    assert numbers.parse(str(sent["code"])) == letter.number
    assert letter.link("first_time") == f"/activate/{letter.number}/"
    assert letter.link("have_account") == f"/activate/{letter.number}/add/"
    message = Message.objects.get(notice="activation_code", to=MARIA.email)
    assert (message.lane, message.expires_at) == (Lane.URGENT, letter.code.expires_at)


def test_whole_way_from_the_email_to_home(letter: Letter, browser: Mailbox) -> None:
    answer = browser.get(letter.link("first_time"))
    assert (answer.status_code, answer.url) == (302, ACTIVATE)
    assert browser.get(ACTIVATE).url == "/enroll/"
    assert browser.accept_terms().url == ACTIVATE
    page = browser.get(ACTIVATE)
    assert h1(page) == "Activate your account"
    assert f'value="{numbers.show(letter.number)}"' in page.content.decode()
    assert browser.post(ACTIVATE, letter.typed()).url == WHOSE
    assert h1(browser.get(WHOSE)) == "Who is this activation code for?"
    assert browser.choose_myself().url == CREATE
    assert h1(browser.get(CREATE)) == "Create your account"
    assert browser.create(MARIA.email).url == PHONE
    assert not opens(account(), letter.chart)
    assert letter.now().state == CodeState.RESERVED
    assert browser.prove_phone(letter, MOBILE).url == "/home/"
    assert opens(account(), letter.chart)
    assert letter.now().state == CodeState.REDEEMED
    assert Enrollment.objects.get(code=letter.code).state == EnrollmentState.COMPLETED
    assert "Your record is open" in words(browser.get("/home/"))


def test_opening_the_links_uses_nothing_up(letter: Letter, browser: Mailbox) -> None:
    for _scanner in range(3):
        browser.get(letter.link("first_time"))
        browser.get(letter.link("have_account"))
    assert letter.now().state == CodeState.PENDING
    assert browser.open_account(letter).url == PHONE


def test_number_leaves_the_address_at_once_and_is_not_in_a_referrer(letter: Letter, browser: Mailbox) -> None:
    answer = browser.get(letter.link("first_time"))
    assert letter.number not in answer.url
    assert answer["Referrer-Policy"] == "no-referrer"


def test_email_that_the_code_came_to_counts_as_verified(letter: Letter, browser: Mailbox) -> None:
    browser.open_account(letter)
    made = account()
    assert made.email_verified_at is not None
    assert made.sign_in_state == SignInState.HELD
    (told,) = mail("enrollment_complete", to=MARIA.email)
    assert told["link"] == ""
    assert told["not_me"]


def test_another_email_is_asked_to_verify_itself(letter: Letter, browser: Mailbox) -> None:
    browser.open_account(letter, "new@example.com")
    made = account("new@example.com")
    assert made.email_verified_at is None
    assert made.sign_in_state == SignInState.CLAIMED
    assert mail("enrollment_complete", to="new@example.com")[0]["link"]
    assert mail("record_enrolled", to=MARIA.email)[0]["not_me"]


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("birth_date", ["03/12/1984", "3-12-1984", "03121984"], "03/12/1985"),
        ("home_phone", ["(212) 555-0149", "+1 212 555 0149", "0149"], "(212) 555-0142"),
        ("work_phone", ["212.555.0161", "0161"], "0149"),
    ],
)
def test_check_is_what_the_practice_configured(check: str, right: list[str], wrong: str) -> None:
    practice = a_practice(activation_check=check)
    letter = an_activation_code(a_chart(practice, **PHONES))
    browser = Mailbox(practice)
    assert browser.activate(letter, check=wrong).status_code == 200
    for typed in right:
        assert browser.activate(letter, check=typed).url == WHOSE


def test_label_is_that_of_the_check() -> None:
    for check, label in {"birth_date": "Birthdate", "home_phone": "Home phone", "work_phone": "Work phone"}.items():
        browser = Mailbox(a_practice(activation_check=check))
        browser.accept_terms()
        browser.post("/enroll/")
        assert label in words(browser.get(ACTIVATE))


def test_phone_of_five_digits_is_refused_before_a_try_is_spent(browser: Mailbox) -> None:
    practice = a_practice(activation_check="home_phone")
    letter = an_activation_code(a_chart(practice, **PHONES))
    page = Mailbox(practice).activate(letter, check="50149")
    assert "Enter the whole phone number, or its last four digits." in words(page)


def test_code_is_not_issued_where_the_record_has_no_such_phone() -> None:
    practice = a_practice(activation_check="work_phone")
    with pytest.raises(codes.CannotIssueError, match="add it first"):
        an_activation_code(a_chart(practice, mobile_e164=MOBILE))


def test_code_is_not_issued_without_an_email(practice: Practice) -> None:
    with pytest.raises(codes.CannotIssueError, match="email"):
        an_activation_code(a_chart(practice, emails=[]))


def test_unknown_code_and_wrong_answer_look_the_same(letter: Letter, practice: Practice) -> None:
    one, other = Mailbox(practice), Mailbox(practice)
    wrong = one.activate(letter, check="01/01/1990")
    unknown = other.activate(letter, code=numbers.show(numbers.make()), check="01/01/1990")
    assert (wrong.status_code, words(wrong)) == (unknown.status_code, words(unknown))
    assert "do not belong together" in words(wrong)
    assert "Send me a new one" in words(wrong)


def test_typo_costs_no_try(letter: Letter, browser: Mailbox) -> None:
    bad = letter.number[:-1] + ("A" if letter.number[-1] != "A" else "B")
    for _try in range(12):
        page = browser.activate(letter, code=bad)
        assert "This did not use up a try" in words(page)
    assert browser.activate(letter).url == WHOSE


def test_look_alikes_small_letters_and_spaces_are_forgiven(practice: Practice, browser: Mailbox) -> None:
    for _code in range(20):
        letter = an_activation_code(a_chart(practice, **PHONES))
        if "0" in letter.number or "1" in letter.number:
            break
    typed = f" {letter.number[:4]} {letter.number[4:]} ".lower().replace("0", "o").replace("1", "l")
    assert browser.activate(letter, code=typed).url == WHOSE


def test_token_is_not_taken_on_this_page(practice: Practice, browser: Mailbox) -> None:
    token = a_token(a_chart(practice, **PHONES))
    browser.accept_terms()
    page = browser.post(ACTIVATE, {"code": numbers.show(token.number), "check": "03/12/1984"})
    assert "do not belong together" in words(page)


def test_activation_code_is_not_taken_on_the_tokens_page(letter: Letter, practice: Practice) -> None:
    browser = Browser(practice)
    browser.accept_terms()
    typed = {"token": letter.number, "birth_date": letter.born, "last_name": "Santos", "no_email": "on"}
    assert "do not belong together" in words(browser.post("/enroll/token/", typed))


ENDS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "expired": ({"expires_at": timezone.now() - timedelta(minutes=1)}, "This code has expired", True),
    "revoked": ({"state": CodeState.REVOKED}, "This code was canceled", False),
    "superseded": ({"state": CodeState.SUPERSEDED}, "There is a newer code", True),
    "used": ({"state": CodeState.REDEEMED}, "This code was already used", False),
}


@pytest.mark.parametrize("end", ENDS)
def test_each_end_of_a_code_has_a_page_that_helps(end: str, letter: Letter, browser: Mailbox) -> None:
    changes, title, offers_new_code = ENDS[end]
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(**changes)
    page = browser.activate(letter)
    assert (page.status_code, h1(page)) == (409, title)
    assert ("Send me a new one" in words(page)) == offers_new_code
    assert browser.practice.phone in words(page)


def test_used_code_says_so_in_r2s_words_and_offers_sign_in(letter: Letter, browser: Mailbox) -> None:
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(state=CodeState.REDEEMED)
    page = browser.activate(letter)
    assert "This code was already used (no records found to activate)" in words(page)
    assert "Sign in" in words(page)


def test_email_in_use_is_said_with_three_ways_on(practice: Practice, letter: Letter, browser: Mailbox) -> None:
    an_account(practice, HER_FATHER)
    browser.activate(letter)
    browser.choose_myself()
    page = browser.create(HER_FATHER.email)
    assert "Email has been taken" in words(page)
    assert "Sign in and add this code" in words(page)
    assert "Use a username instead" in words(page)
    assert practice.phone in page.content.decode()


def test_fourth_email_is_not_looked_up(practice: Practice, letter: Letter, browser: Mailbox) -> None:
    taken = [person.email for person in (HER_FATHER, ANNA, A_STRANGER)]
    for person in (HER_FATHER, ANNA, A_STRANGER):
        an_account(practice, person)
    browser.activate(letter)
    browser.choose_myself()
    for email in taken:
        assert "Email has been taken" in words(browser.create(email))
    page = words(browser.create("somebody.new@example.com"))
    assert "Three email addresses were tried" in page
    assert "Email has been taken" in words(browser.create(taken[0]))  # the same again costs nothing


def test_username_instead_of_a_taken_email_keeps_it_as_contact(
    practice: Practice, letter: Letter, browser: Mailbox
) -> None:
    an_account(practice, HER_FATHER)
    browser.activate(letter)
    browser.choose_myself()
    browser.create(HER_FATHER.email)
    assert browser.create_account(username="maria.santos").url == PHONE
    made = account("maria.santos")
    assert (made.email, made.email_verified_at) == (HER_FATHER.email, None)


def test_sign_in_and_add_this_code(practice: Practice, browser: Mailbox) -> None:
    other = a_practice("oak")
    mine = an_account(other, MARIA)
    letter = an_activation_code(a_chart(practice, **PHONES))
    browser.activate(letter)
    browser.choose_myself()
    assert "Email has been taken" in words(browser.create(MARIA.email))
    assert browser.use_account(MARIA.email).url == PHONE
    assert not opens(mine, letter.chart)
    browser.prove_phone(letter, MOBILE)
    assert opens(mine, letter.chart)


def test_code_and_check_open_the_record_where_the_practice_chose_so(browser: Mailbox) -> None:
    practice = a_practice(proof="code_and_check")
    letter = an_activation_code(a_chart(practice, **PHONES))
    browser = Mailbox(practice)
    assert browser.open_account(letter).url == "/home/"
    assert opens(account(), letter.chart)


def test_code_of_another_practice_opens_nothing_here(letter: Letter) -> None:
    there = Mailbox(a_practice("oak"))
    assert "do not belong together" in words(there.activate(letter))


def test_message_of_an_expired_code_is_not_sent(letter: Letter) -> None:
    message = Message.objects.get(notice="activation_code", to=MARIA.email)
    assert message.expires_at == letter.code.expires_at
