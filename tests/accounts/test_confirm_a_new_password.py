"""**Confirm that it is you**, after a new password was chosen: by what, and what follows (docs/flows.md F.4)."""

from __future__ import annotations

import pytest

from accounts import password_reset
from accounts.password_reset import NotProvenError, Proof
from accounts.trusted import COOKIE
from guard import limits
from practices.choices import CodeWhen
from practices.models import PatientRecord, Practice
from tests.accounts.getting_back import CHECK, CODE, NEW, TYPED, signs_in
from tests.accounts.options_kit import KEY, PHONE, a_sheet, a_text_option, an_app, code_sent, rested, sessions_of, shown
from tests.accounts.reset_kit import (
    asked_for_code,
    choose,
    chosen,
    link,
    opened,
    password_of,
    reset_by_text,
    with_phone,
)
from tests.accounts.test_passkeys import add, asked
from tests.people import (
    ANNA,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    an_account,
    an_option,
    h1,
    mail,
    path_of,
    trail,
    words,
)
from tests.verification.soft_keys import SoftKey
from verification.models import Channel, WrongCode

pytestmark = pytest.mark.django_db
RECORD = "/reset-password/record/"
NOT_MINE = "/not-my-change/"


# --- Which option is asked for ----------------------------------------------------------------------------------------


def test_the_page_says_where_the_code_goes_and_sends_none_yet(practice: Practice) -> None:
    with_phone(practice)
    browser = chosen(practice)
    page = browser.get(CHECK)
    assert h1(page) == "Confirm that it is you"
    assert "Send code" in words(page)
    assert PHONE not in page.content.decode()
    assert '<form class="portal-form" method="post" novalidate' in page.content.decode()  # to this very page
    assert PHONE[-2:] in words(page)
    assert "counts once you have confirmed" in words(page)
    assert mail("code") == []
    assert browser.post(CHECK).url == CODE
    assert h1(browser.get(CODE)) == "Enter your code"


def test_a_code_that_is_wrong_changes_nothing(practice: Practice) -> None:
    account = with_phone(practice)
    browser = asked_for_code(practice)
    right = code_sent(PHONE)
    wrong = "000000" if right != "000000" else "111111"
    assert "This code is not right" in words(browser.post(CODE, {"code": wrong}))
    assert password_of(account) == PASSWORD
    assert browser.post(CODE, {"code": right}).url == "/home/"


@pytest.mark.parametrize("when", CodeWhen.values)
def test_a_practice_that_asks_rarely_at_sign_in_asks_here_always(when: str) -> None:
    practice = a_practice(code_when=when)
    account = with_phone(practice)
    browser = asked_for_code(practice)
    assert password_of(account) == PASSWORD
    assert not browser.is_signed_in
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == "/home/"


def test_a_trusted_browser_is_asked_too_and_is_a_new_one_afterwards() -> None:
    practice = a_practice(code_when=CodeWhen.NEW_DEVICES)
    account = with_phone(practice)
    trusted = Browser(practice)
    trusted.sign_in(MARIA.email)
    trusted.type_code(PHONE)
    trusted.post("/sign-out/")
    assert trusted.sign_in(MARIA.email).url == "/home/"  # without a code
    trusted.post("/sign-out/")
    rested(account)
    trusted.get(link(practice))
    choose(trusted)
    assert trusted.post(CHECK).url == CODE
    other = Browser(practice)
    other.cookies[COOKIE] = trusted.cookies[COOKIE].value
    trusted.post(CODE, {"code": code_sent(PHONE)})
    rested(account)
    assert other.sign_in(MARIA.email, NEW).url == CODE  # a copy of the cookie from before
    trusted.post("/sign-out/")
    assert trusted.sign_in(MARIA.email, NEW).url == "/home/"  # where the code was typed just now


def test_an_emailed_code_never_completes_an_emailed_reset(practice: Practice) -> None:
    account = an_account(practice)
    an_option(account, MARIA.email, Channel.EMAIL)
    browser = chosen(practice)
    for answer in (browser.get(CHECK), browser.post(CHECK)):
        assert answer.url == RECORD
    assert mail("code") == []


def test_beside_a_phone_an_emailed_code_is_not_offered(practice: Practice) -> None:
    account = with_phone(practice)
    emailed = an_option(account, MARIA.email, Channel.EMAIL)
    browser = asked_for_code(practice)
    ways = browser.get("/second-step/ways/")
    assert "Text a code" in words(ways)
    assert "Email a code" not in words(ways)
    assert browser.post("/second-step/choose/", {"option": emailed.persistent_id}).url == "/second-step/ways/"
    assert mail("code", to=MARIA.email) == []


def test_a_backup_code_will_do(practice: Practice) -> None:
    account = an_account(practice)
    code = a_sheet(account)[0]
    browser = chosen(practice)
    assert "backup code" in words(browser.get(CHECK))
    assert browser.post(CHECK).url == TYPED
    assert browser.post(TYPED, {"code": code}).url == "/home/"
    assert password_of(account) == NEW


def test_an_app_alone_is_asked_for_where_there_is_one(practice: Practice) -> None:
    account = with_phone(practice)
    an_app(account)
    browser = chosen(practice)
    page = browser.get(CHECK)
    assert "authenticator app" in words(page)
    assert "I do not have it at hand" in words(page)
    assert browser.post(CHECK).url == TYPED
    ways = words(browser.get("/second-step/ways/"))
    assert "Text a code" not in ways
    assert "I do not have it at hand" in ways
    assert browser.post(TYPED, {"code": shown(KEY)}).url == "/home/"
    assert password_of(account) == NEW


def test_a_passkey_alone_is_asked_for_where_there_is_one(practice: Practice) -> None:
    account, key = with_phone(practice), SoftKey()
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    owner.type_code(PHONE)
    add(owner, key)
    browser = chosen(practice)
    assert "Use my passkey" in words(browser.get(CHECK))
    assert browser.post(CHECK).url == "/second-step/passkey/"
    page = browser.get("/second-step/passkey/")
    assert "Cannot verify? Reset your account" in words(page)
    answer = key.sign(asked(page), practice.address(""))
    assert browser.post("/second-step/passkey/", {"answer": answer}).url == "/home/"
    assert password_of(account) == NEW


def test_an_option_that_is_gone_meanwhile_proves_nothing(practice: Practice) -> None:
    """An app was set up after the code was sent: the text is not enough any more."""
    account = with_phone(practice)
    browser = asked_for_code(practice)
    code = code_sent(PHONE)
    an_app(account)
    answer = browser.post(CODE, {"code": code}, follow=True)
    assert "changed meanwhile" in words(answer)
    assert h1(answer) == "Confirm that it is you"
    assert "authenticator app" in words(answer)
    assert (password_of(account), browser.is_signed_in) == (PASSWORD, False)


def test_a_locked_option_and_fifty_wrong_codes_say_so(practice: Practice) -> None:
    account = with_phone(practice)
    WrongCode.objects.create(user_id=account.pk, weight=limits.WRONG_A_YEAR)
    browser = chosen(practice)
    answer = browser.post(CHECK, follow=True)
    assert "Only the practice can help now" in words(answer)
    assert mail("code") == []


def test_nothing_is_completed_without_an_option(practice: Practice) -> None:
    account = with_phone(practice)
    browser = asked_for_code(practice)
    request = browser.get(CODE).wsgi_request
    reset = password_reset.current(request)
    assert reset is not None
    for proof in (Proof.OPTION, Proof.RECORD, Proof.NONE, Proof.WAIT, Proof.STOPPED):
        with pytest.raises(NotProvenError):
            password_reset.complete(reset, proof=proof, option=None, request=request)
    assert password_of(account) == PASSWORD


def test_another_accounts_option_proves_nothing(practice: Practice) -> None:
    account, other = with_phone(practice), an_account(practice, ANNA, name="anna.keller")
    theirs = a_text_option(other, "+12125550199")
    request = asked_for_code(practice).get(CODE).wsgi_request
    reset = password_reset.current(request)
    assert reset is not None
    with pytest.raises(NotProvenError):
        password_reset.complete(reset, proof=Proof.OPTION, option=theirs, request=request)
    assert password_of(account) == PASSWORD


# --- What follows -----------------------------------------------------------------------------------------------------


def test_home_says_so_and_everybody_else_is_signed_out(practice: Practice) -> None:
    account = with_phone(practice)
    elsewhere = Browser(practice, address="203.0.113.99")
    elsewhere.sign_in(MARIA.email)
    elsewhere.type_code(PHONE)
    assert elsewhere.get("/home/").status_code == 200
    rested(account)
    browser = reset_by_text(practice)
    assert sessions_of(account) == 1
    assert "Your new password counts now." in words(browser.get("/home/"))
    assert not elsewhere.is_signed_in
    assert trail(practice, "password.reset") == [str(account.pk)]
    assert trail(practice, "sign_in.succeeded")[-1] == str(account.pk)


def test_a_sign_in_that_waited_for_its_code_ends_with_the_password(practice: Practice) -> None:
    account = with_phone(practice)
    thief = Browser(practice, address="203.0.113.99")
    thief.sign_in(MARIA.email)
    code = code_sent(PHONE)
    rested(account)
    reset_by_text(practice)
    assert thief.post(CODE, {"code": code}).url == "/"


def test_the_browser_is_one_that_the_account_signed_in_from(practice: Practice) -> None:
    with_phone(practice)
    browser = reset_by_text(practice)
    assert "browser" in browser.cookies
    assert mail("new_sign_in", practice=practice) == []  # the message about the password says it


def test_every_address_and_phone_is_told(practice: Practice) -> None:
    account = with_phone(practice)
    PatientRecord.objects.filter(accesses__account=account).update(
        emails=["other@example.com"], mobile_e164="+12125550188"
    )
    reset_by_text(practice)
    told = {one["to"] for one in mail("password_reset", practice=practice)}
    assert told == {MARIA.email, PHONE, "other@example.com", "+12125550188"}


def test_an_email_that_waits_to_take_its_place_does_not_any_more(practice: Practice) -> None:
    account = an_account(practice)
    thief = Browser(practice, address="203.0.113.99")
    thief.sign_in(MARIA.email)
    thief.post("/settings/email/", {"email": "thief@example.com"})
    waiting = path_of(mail("verify_email", to="thief@example.com")[-1]["link"])
    a_text_option(account)
    browser = reset_by_text(practice)
    browser.get(waiting)
    browser.post("/verify-email/")
    account.refresh_from_db()
    assert account.email == MARIA.email


def test_options_and_email_stay_as_they_are_for_a_day(practice: Practice) -> None:
    with_phone(practice)
    browser = reset_by_text(practice)
    for page in ("/settings/email/", "/settings/security/authenticator/"):
        assert browser.get(page).url == "/settings/security/confirm/stronger/"


def test_the_trail_and_the_password_are_written_together_or_not_at_all(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = with_phone(practice)
    browser = asked_for_code(practice)
    code = code_sent(PHONE)

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(password_reset, "record", broken)
    with pytest.raises(RuntimeError):
        browser.post(CODE, {"code": code})
    assert password_of(account) == PASSWORD
    assert mail("password_reset") == []


# --- **This wasn't me** -----------------------------------------------------------------------------------------------


def press(practice: Practice, path: str) -> Browser:
    told = Browser(practice, address="203.0.113.5")
    assert told.get(path).url == NOT_MINE
    told.post(NOT_MINE)
    return told


def test_this_was_not_me_puts_the_old_password_back_and_ends_the_thiefs_session(practice: Practice) -> None:
    account = with_phone(practice)
    thief = reset_by_text(practice)
    path = path_of(mail("password_reset", to=MARIA.email)[-1]["not_me"])
    told = Browser(practice)
    told.get(path)
    said = words(told.get(NOT_MINE))
    assert "was forgotten, and a new one chosen" in said
    assert "Your former password works again." in said
    assert thief.get("/home/").status_code == 200  # opening the page takes nothing back
    done = press(practice, path).get(NOT_MINE)
    assert h1(done) == "The change is taken back"
    assert not thief.is_signed_in
    assert (password_of(account), sessions_of(account)) == (PASSWORD, 0)
    assert not signs_in(practice, MARIA.email, NEW)
    assert trail(practice, "account_change.stopped") == [str(account.pk)]
    assert [one["to"] for one in mail("account_change_stopped")] == [practice.email]


def test_after_it_the_thief_cannot_reset_it_again_at_once(practice: Practice) -> None:
    account = with_phone(practice)
    reset_by_text(practice)
    press(practice, path_of(mail("password_reset", to=MARIA.email)[-1]["not_me"]))
    rested(account)
    thief = chosen(practice, address="203.0.113.99")
    for answer in (thief.get(CHECK), thief.post(CHECK)):
        assert h1(answer) == "Your account stays as it is for now"
        assert practice.phone in words(answer)
    assert len(mail("code")) == 1
    assert password_of(account) == PASSWORD


def test_a_link_that_was_sent_before_it_ends_with_it(practice: Practice) -> None:
    account = with_phone(practice)
    reset_by_text(practice)
    late = opened(practice)
    press(practice, path_of(mail("password_reset", to=MARIA.email)[-1]["not_me"]))
    assert choose(late).status_code == 404
    assert password_of(account) == PASSWORD
