"""The second step of signing in: the code after the password, **Try another way**, and what a sign-in waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import second_step
from accounts.models import Account
from audit.models import AuditEvent
from notifications.models import Message
from practices.choices import CodeWhen
from practices.models import Practice
from tests.accounts.options_kit import KEY, an_app, shown
from tests.people import (
    PASSWORD,
    Browser,
    a_practice,
    an_account,
    an_option,
    code_for,
    front_desk,
    h1,
    mail,
    trail,
    words,
)
from tests.verification.codes_kit import another, pause_ends
from verification import backup
from verification.models import Challenge, Channel, CodeOption, WrongCode

pytestmark = pytest.mark.django_db
PHONE, HOME_PHONE = "+12125550142", "+12125550149"
NAME = "maria@example.com"


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    an_option(account, PHONE)
    return account


@pytest.fixture
def browser(practice: Practice, maria: Account) -> Browser:
    """In which Maria gave her password."""
    browser = Browser(practice)
    assert browser.sign_in(NAME).url == "/second-step/code/"
    return browser


def test_code_after_the_password_signs_in(browser: Browser, maria: Account, practice: Practice) -> None:
    page = browser.get("/second-step/code/")
    assert h1(page) == "Enter your code"
    assert "•••-•••-0142" in words(page)
    assert PHONE not in page.content.decode()
    assert browser.type_code(PHONE).url == "/home/"
    assert browser.is_signed_in
    assert trail(practice, "second_step.asked") == [str(maria.pk)]
    assert trail(practice, "sign_in.succeeded") == [str(maria.pk)]


def test_password_alone_opens_nothing(browser: Browser, practice: Practice) -> None:
    assert not browser.is_signed_in
    assert browser.get("/home/").url == "/?next=/home/"
    assert trail(practice, "sign_in.succeeded") == []


def test_looking_at_the_pages_sends_nothing(browser: Browser) -> None:
    for path in ("/second-step/", "/second-step/code/", "/second-step/ways/", "/password/"):
        browser.get(path, follow=True)
    assert len(mail("code")) == 1


def test_next_page_is_kept_until_after_the_code(practice: Practice, maria: Account) -> None:
    browser = Browser(practice)
    browser.post("/", {"name": NAME, "next": "/verify-email/"})
    browser.post("/password/", {"password": PASSWORD})
    assert browser.type_code(PHONE).url == "/verify-email/"


def test_wrong_code_is_charged_and_named(browser: Browser, maria: Account, practice: Practice) -> None:
    answer = browser.post("/second-step/code/", {"code": another(code_for(PHONE))})
    assert answer.status_code == 400
    assert "You can try 4 more times" in words(answer)
    assert not browser.is_signed_in
    assert WrongCode.objects.filter(user=maria).count() == 1
    assert trail(practice, "second_step.failed") == [str(maria.pk)]


def test_typo_is_not_charged(browser: Browser, maria: Account, practice: Practice) -> None:
    assert browser.post("/second-step/code/", {"code": "12345"}).status_code == 400
    assert not WrongCode.objects.filter(user=maria).exists()
    assert trail(practice, "second_step.failed") == []


def test_right_code_is_good_once(browser: Browser, practice: Practice) -> None:
    code = code_for(PHONE)
    browser.post("/second-step/code/", {"code": code})
    browser.post("/sign-out/")
    browser.sign_in(NAME)
    assert browser.post("/second-step/code/", {"code": code}).status_code == 400
    assert not browser.is_signed_in


def test_code_in_another_browser_is_not_looked_at(browser: Browser, practice: Practice, maria: Account) -> None:
    pause_ends(maria)
    other = Browser(practice)
    other.sign_in(NAME)  # its own code ended the first one
    first, second = (message["code"] for message in mail("code", to=PHONE))
    assert browser.post("/second-step/code/", {"code": second}).status_code == 400
    assert browser.post("/second-step/code/", {"code": first}).status_code == 400
    assert other.post("/second-step/code/", {"code": second}).url == "/home/"


def test_send_again_waits_half_a_minute(browser: Browser, maria: Account) -> None:
    answer = browser.post("/second-step/code/again/", follow=True)
    assert "Wait" in words(answer)
    assert len(mail("code")) == 1
    pause_ends(maria)
    browser.post("/second-step/code/again/")
    assert len(mail("code")) == 2
    assert browser.type_code(PHONE).url == "/home/"


def test_call_me_instead_calls_the_same_number(browser: Browser, maria: Account) -> None:
    pause_ends(maria)
    assert browser.post("/second-step/code/call/").url == "/second-step/code/"
    assert list(Message.objects.filter(notice="code").order_by("pk").values_list("channel", flat=True)) == [
        "sms",
        "voice",
    ]
    assert "We call •••-•••-0142" in words(browser.get("/second-step/code/"))
    assert browser.type_code(PHONE).url == "/home/"


def test_state_is_told_to_the_script(browser: Browser) -> None:
    told = browser.get("/second-step/code/state/").json()
    assert told["state"] == "queued"
    assert 500 < told["seconds_left"] <= 600


def test_try_another_way_lists_the_options_masked(browser: Browser, maria: Account) -> None:
    an_option(maria, HOME_PHONE, Channel.VOICE)
    an_option(maria, NAME, Channel.EMAIL)
    page = browser.get("/second-step/ways/")
    assert h1(page) == "Try another way"
    for told in ("Text a code to •••-•••-0142", "Call •••-•••-0149 with a code", "Email a code to m•••@example.com"):
        assert told in words(page)


def test_another_way_sends_its_code(browser: Browser, maria: Account) -> None:
    option = an_option(maria, HOME_PHONE, Channel.VOICE)
    pause_ends(maria)
    assert browser.post("/second-step/choose/", {"option": option.persistent_id}).url == "/second-step/code/"
    assert browser.type_code(HOME_PHONE).url == "/home/"
    option.refresh_from_db()
    assert option.last_used_at


def test_backup_code_signs_in(browser: Browser, maria: Account) -> None:
    sheet, codes = backup.make(maria)
    assert browser.post("/second-step/choose/", {"option": sheet.persistent_id}).url == "/second-step/typed/"
    assert h1(browser.get("/second-step/typed/")) == "Enter a backup code"
    typo = browser.post("/second-step/typed/", {"code": "nothing"})
    assert typo.status_code == 400
    assert browser.post("/second-step/typed/", {"code": codes[0]}).url == "/home/"
    browser.post("/sign-out/")
    pause_ends(maria)
    browser.sign_in(NAME)
    browser.post("/second-step/choose/", {"option": sheet.persistent_id})
    assert browser.post("/second-step/typed/", {"code": codes[0]}).status_code == 400
    assert not browser.is_signed_in


def test_option_of_somebody_else_cannot_be_chosen(browser: Browser, practice: Practice) -> None:
    theirs = an_option(front_desk(practice), HOME_PHONE)
    assert browser.post("/second-step/choose/", {"option": theirs.persistent_id}).url == "/second-step/ways/"
    assert [message["to"] for message in mail("code")] == [PHONE]


def test_sign_in_that_waits_dies_with_the_password(browser: Browser, maria: Account) -> None:
    maria.set_password("Another-kite-88")
    maria.save()
    assert browser.type_code(PHONE).url == "/"
    assert not browser.is_signed_in


def test_sign_in_that_waits_lasts_half_an_hour(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_step, "LASTS", -1)
    assert browser.type_code(PHONE).url == "/"


def test_closed_account_does_not_come_in(browser: Browser, maria: Account) -> None:
    Account.objects.filter(pk=maria.pk).update(is_active=False)
    assert browser.type_code(PHONE).url == "/"


def test_ten_wrong_codes_lock_the_option_and_the_others_stay_open(browser: Browser, maria: Account) -> None:
    option = CodeOption.objects.get(user=maria)
    sheet, codes = backup.make(maria)
    for _ in range(2):
        for _ in range(5):
            answer = browser.post("/second-step/code/", {"code": another(code_for(PHONE))})
        pause_ends(maria)
        browser.post("/second-step/code/again/")
    assert answer.status_code == 429
    option.refresh_from_db()
    assert option.is_locked()
    assert len(mail("code")) == 2  # nothing is sent to a locked one
    browser.type_code(PHONE)
    assert [message["to"] for message in mail("wrong_codes")] == [NAME]  # once
    browser.post("/second-step/choose/", {"option": sheet.persistent_id})
    assert browser.post("/second-step/typed/", {"code": codes[0]}).url == "/home/"


def test_after_fifty_wrong_codes_only_the_practice_helps(browser: Browser, maria: Account) -> None:
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(50))
    answer = browser.type_code(PHONE)
    assert answer.status_code == 429
    assert "Only the practice can help" in words(answer)
    assert not browser.is_signed_in


def test_staff_are_asked_whatever_the_policy() -> None:
    practice = a_practice(code_when=CodeWhen.RESET_ONLY)
    member = front_desk(practice)
    an_option(member, PHONE)
    browser = Browser(practice)
    assert browser.sign_in(member.sign_in_name).url == "/second-step/code/"


def test_for_resets_only_the_password_is_enough() -> None:
    practice = a_practice(code_when=CodeWhen.RESET_ONLY)
    an_option(an_account(practice), PHONE)
    assert Browser(practice).sign_in(NAME).url == "/home/"
    assert mail("code") == []


@pytest.mark.parametrize("is_staff", [False, True])
@pytest.mark.parametrize("is_trusted", [False, True])
@pytest.mark.parametrize("when", CodeWhen)
def test_policy_as_a_table(when: CodeWhen, is_staff: bool, is_trusted: bool) -> None:  # noqa: FBT001
    asked = {
        CodeWhen.EVERY_SIGN_IN: True,
        CodeWhen.NEW_DEVICES: is_staff or not is_trusted,
        CodeWhen.RESET_ONLY: is_staff,
    }
    assert second_step.asks(when, is_staff=is_staff, is_trusted=is_trusted) is asked[when]


def test_code_page_and_its_post_keep_to_ten_queries(browser: Browser) -> None:
    code = code_for(PHONE)
    with CaptureQueriesContext(connection) as page:
        browser.get("/second-step/code/")
    with CaptureQueriesContext(connection) as post:
        assert browser.post("/second-step/code/", {"code": code}).url == "/home/"
    for seen in (page, post):
        asked = [query["sql"] for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]
        assert len(asked) <= 10, asked


def test_session_knows_that_both_steps_were_done(browser: Browser, practice: Practice, maria: Account) -> None:
    browser.type_code(PHONE)
    assert browser.session["otp_device_id"] == CodeOption.objects.get(user=maria).persistent_id
    [event] = AuditEvent.objects.filter(practice_id=practice.pk, event="sign_in.succeeded")
    assert event.details == {"by": "text"}


def test_tries_that_are_not_looked_at_do_not_fill_the_trail(
    browser: Browser, maria: Account, practice: Practice
) -> None:
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(50))
    for _ in range(5):
        browser.type_code(PHONE)
    assert len(trail(practice, "second_step.failed")) == 1
    assert len(mail("wrong_codes")) == 1


def test_expired_code_says_so(browser: Browser, maria: Account) -> None:
    code_expires(maria)
    answer = browser.type_code(PHONE)
    assert answer.status_code == 400
    assert "expired" in words(answer)


def test_page_of_an_expired_code_says_so_before_anybody_types_it(browser: Browser, maria: Account) -> None:
    assert "Until " in words(browser.get("/second-step/code/"))
    code_expires(maria)
    page = browser.get("/second-step/code/")
    assert "This code has expired. Send a new one." in page.context["words"]
    assert "<span data-good-until hidden>" in page.content.decode()
    assert "expired" in browser.get("/second-step/code/state/").json()["words"]  # or the script would undo it


def code_expires(maria: Account) -> None:
    for challenge in Challenge.objects.filter(account=maria):
        challenge.expires_at -= timedelta(minutes=11)
        challenge.save(update_fields=["expires_at"])


def test_wrong_code_of_an_app_is_not_said_to_be_the_last(practice: Practice, maria: Account) -> None:
    """An app's code is not sent: there is no count of tries that ends it."""
    CodeOption.objects.all().delete()
    an_app(maria)
    browser = Browser(practice)
    assert browser.sign_in(NAME).url == "/second-step/typed/"
    page = browser.post("/second-step/typed/", {"code": another(shown(KEY))})
    assert page.status_code == 400
    assert "This code is not right. Check it, and try again." in words(page)
    assert "more time" not in words(page)
