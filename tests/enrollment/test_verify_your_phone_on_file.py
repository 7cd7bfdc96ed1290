"""**Verify your phone on file** after a mailed token (C.4): a date of birth, and a code to a phone on the record."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts import access
from accounts.models import AccessState, Account, PatientAccess
from enrollment.models import CodeState, Enrollment, EnrollmentState
from notifications.models import Channel as MessageChannel
from notifications.models import Message
from practices.models import Practice
from tests.people import (
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    Token,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    an_option,
    code_for,
    h1,
    mail,
    opens,
    path_of,
    trail,
    words,
)
from tests.verification.codes_kit import another, pause_ends
from verification.models import Channel, CodeOption

pytestmark = pytest.mark.django_db
MOBILE, HOME, WORK = "+12125550142", "+12125550149", "+12125550161"
BORN = "03/12/1984"
TEXT, CALL_MOBILE, CALL_HOME = "sms-0142", "voice-0142", "voice-0149"
PAGE, CODE_PAGE = "/enroll/phone/", "/enroll/phone/code/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def token(practice: Practice) -> Token:
    return a_token_for(practice, mailed=True, mobile_e164=MOBILE, home_e164=HOME, work_e164=WORK)


@pytest.fixture
def browser(practice: Practice, token: Token) -> Browser:
    """In which Maria enrolled with a letter."""
    browser = Browser(practice)
    assert browser.enroll(token).url == PAGE
    return browser


def account() -> Account:
    return Account.objects.get(sign_in_name=MARIA.email)


def ask(browser: Browser, way: str = TEXT, born: str = BORN) -> object:
    return browser.post(PAGE, {"birth_date": born, "way": way})


def test_code_to_the_mobile_on_file_opens_the_record(browser: Browser, token: Token, practice: Practice) -> None:
    page = browser.get(PAGE)
    assert h1(page) == "Verify your phone on file"
    assert "Text me at •••-•••-0142" in words(page)
    assert MOBILE not in page.content.decode()
    assert not opens(account(), token.chart)
    assert browser.post(PAGE, {"birth_date": BORN, "way": TEXT}).url == CODE_PAGE
    assert h1(browser.get(CODE_PAGE)) == "Enter your code"
    assert browser.type_code(MOBILE, CODE_PAGE).url == "/enroll/done/"
    assert h1(browser.get("/enroll/done/")) == "You're enrolled"
    assert opens(account(), token.chart)
    journey = Enrollment.objects.get(code=token.code)
    assert (token.now().state, journey.state, journey.step) == (
        CodeState.REDEEMED,
        EnrollmentState.COMPLETED,
        "enroll_done",
    )
    assert journey.completed_at
    assert trail(practice, "phone_on_file.proven") == [str(journey.pk)]
    assert len(trail(practice, "access.opened")) == 1
    assert len(trail(practice, "code.redeemed")) == 1


def test_call_to_the_home_phone_opens_it_too(browser: Browser, token: Token) -> None:
    ask(browser, CALL_HOME)
    [message] = Message.objects.filter(notice="code")
    assert (message.channel, message.to) == (MessageChannel.VOICE, HOME)
    browser.type_code(HOME, CODE_PAGE)
    assert opens(account(), token.chart)


def test_work_phone_is_no_proof(browser: Browser) -> None:
    assert "0161" not in words(browser.get(PAGE))
    assert browser.post(PAGE, {"birth_date": BORN, "way": "voice-0161"}).status_code == 200
    assert mail("code") == []


def test_without_it_the_account_opens_nothing_and_says_what_to_do(browser: Browser, token: Token) -> None:
    home = browser.get("/home/")
    assert "One step is missing" in words(home)
    for path in (PAGE, "/enroll/vouch/"):
        assert f'href="{path}"' in home.content.decode()
    assert MARIA.family not in words(home)
    assert token.now().state == CodeState.RESERVED
    browser.post("/sign-out/")
    browser.sign_in(MARIA.email)
    assert h1(browser.get(PAGE)) == "Verify your phone on file"  # gone on with by signing in


def test_wrong_date_of_birth_sends_nothing(browser: Browser, practice: Practice) -> None:
    answer = browser.post(PAGE, {"birth_date": "03/13/1984", "way": TEXT})
    assert answer.status_code == 400
    assert "not the patient's date of birth" in words(answer)
    assert mail("code") == []
    assert len(trail(practice, "phone_on_file.refused")) == 1


def test_after_five_wrong_dates_the_right_one_is_not_looked_at(browser: Browser) -> None:
    for day in range(5):
        assert browser.post(PAGE, {"birth_date": f"03/{day + 13}/1984", "way": TEXT}).status_code == 400
    assert browser.post(PAGE, {"birth_date": BORN, "way": TEXT}).status_code == 429
    assert mail("code") == []


def test_right_dates_are_given_back(browser: Browser) -> None:
    for _ in range(7):
        answer = browser.post(PAGE, {"birth_date": BORN, "way": TEXT})
        pause_ends(account())
    assert answer.status_code == 429  # the codes are too many, not the dates
    assert len(mail("code")) == 5


def test_wrong_code_opens_nothing(browser: Browser, token: Token) -> None:
    ask(browser)
    assert browser.post(CODE_PAGE, {"code": another(code_for(MOBILE))}).status_code == 400
    assert not opens(account(), token.chart)


def test_send_again_and_call_me_instead(browser: Browser, token: Token) -> None:
    ask(browser)
    pause_ends(account())
    assert browser.post(f"{CODE_PAGE}again/").url == CODE_PAGE
    pause_ends(account())
    assert browser.post(f"{CODE_PAGE}call/").url == CODE_PAGE
    channels = Message.objects.filter(notice="code").order_by("pk").values_list("channel", "to")
    assert list(channels) == [("sms", MOBILE), ("sms", MOBILE), ("voice", MOBILE)]
    browser.type_code(MOBILE, CODE_PAGE)
    assert opens(account(), token.chart)


def test_number_that_was_just_verified_is_not_asked_for_again(token: Token) -> None:
    practice = a_practice("oak", option_required=True)
    token = a_token_for(practice, mailed=True, mobile_e164=MOBILE)
    browser = Browser(practice)
    assert browser.enroll(token).url == "/protect/"
    browser.post("/protect/text/", {"phone": MOBILE})
    assert browser.type_code(MOBILE, "/protect/code/").url == "/enroll/done/"
    assert opens(Account.objects.get(accesses__record=token.chart), token.chart)


def test_another_number_is_not_enough() -> None:
    practice = a_practice("oak", option_required=True)
    token = a_token_for(practice, mailed=True, mobile_e164=MOBILE)
    browser = Browser(practice)
    browser.enroll(token)
    browser.post("/protect/text/", {"phone": "+12125550177"})
    assert browser.type_code("+12125550177", "/protect/code/").url == PAGE
    assert not opens(account(), token.chart)
    pause_ends(account())
    ask(browser)
    browser.type_code(MOBILE, CODE_PAGE)
    assert opens(account(), token.chart)


def test_option_of_long_ago_is_not_enough(practice: Practice) -> None:
    """It says that the account had the phone then, not that the letter's holder has it now."""
    elsewhere = a_practice("oak")
    owner = an_account(elsewhere)
    an_option(owner, MOBILE)
    an_option(owner, MARIA.email, Channel.EMAIL)
    token = a_token_for(practice, mailed=True, mobile_e164=MOBILE)
    browser = Browser(practice)
    browser.walk_to_credentials(token, "existing")
    browser.use_account(MARIA.email)
    pause_ends(owner)
    email = CodeOption.objects.get(user=owner, channel="email")
    browser.post("/second-step/choose/", {"option": email.persistent_id})
    assert browser.type_code(MARIA.email).url == PAGE
    assert not opens(owner, token.chart)


def test_existing_account_that_proves_the_phone_at_its_second_step_is_done(practice: Practice) -> None:
    elsewhere = a_practice("oak")
    owner = an_account(elsewhere)
    an_option(owner, MOBILE)
    token = a_token_for(practice, mailed=True, mobile_e164=MOBILE)
    browser = Browser(practice)
    browser.walk_to_credentials(token, "existing")
    assert browser.use_account(MARIA.email).url == "/second-step/code/"
    assert browser.type_code(MOBILE).url == "/enroll/done/"
    assert opens(owner, token.chart)


def test_who_was_on_the_record_is_told_with_this_wasnt_me(browser: Browser, token: Token) -> None:
    ask(browser)
    browser.type_code(MOBILE, CODE_PAGE)
    told = mail("record_enrolled")
    assert {message["to"] for message in told} >= {MARIA.email, MOBILE}
    browser.get(path_of(told[-1]["not_me"]))
    browser.post("/not-me/")
    assert not opens(account(), token.chart)


def test_home_phone_that_is_no_longer_on_file_opens_nothing(browser: Browser, token: Token) -> None:
    """The code is for a phone of the record: what the record says when it is asked for."""
    token.chart.home_e164 = ""
    token.chart.save()
    assert browser.post(PAGE, {"birth_date": BORN, "way": CALL_HOME}).status_code == 200
    assert mail("code") == []


def test_claim_that_was_objected_to_does_not_open(browser: Browser, token: Token) -> None:
    ask(browser)
    PatientAccess.objects.filter(record=token.chart).update(state=AccessState.ENDED)
    assert browser.type_code(MOBILE, CODE_PAGE).url == "/enroll/done/"
    assert not opens(account(), token.chart)


def test_newer_token_from_the_desk_ends_the_letter(browser: Browser, token: Token) -> None:
    ask(browser)
    a_token(token.chart)
    answer = browser.type_code(MOBILE, CODE_PAGE)
    assert answer.status_code == 409
    assert "There is a newer code" in words(answer)
    assert not opens(account(), token.chart)


def test_record_without_a_phone_leads_to_the_desk(practice: Practice) -> None:
    token = a_token_for(practice, mailed=True)
    browser = Browser(practice)
    browser.enroll(token)
    page = browser.get(PAGE)
    assert "has no phone on file" in words(page)
    assert 'href="/enroll/vouch/"' in page.content.decode()
    assert browser.post(PAGE, {"birth_date": BORN, "way": TEXT}).status_code == 200
    assert mail("code") == []


def test_landline_in_the_field_of_the_mobile_is_not_texted(practice: Practice) -> None:
    token = a_token_for(practice, mailed=True, mobile_e164="+442079460958")  # a London landline
    browser = Browser(practice)
    browser.enroll(token)
    told = words(browser.get(PAGE))
    assert "Text me" not in told
    assert "Call me at •••-•••-0958" in told


def test_token_from_the_desk_asks_for_no_phone(practice: Practice) -> None:
    token = a_token_for(practice, mobile_e164=MOBILE)
    browser = Browser(practice)
    assert browser.enroll(token).url == "/enroll/done/"
    assert browser.get(PAGE).url == "/enroll/done/"


def test_code_of_one_enrollment_opens_no_other(browser: Browser, practice: Practice, token: Token) -> None:
    """A stranger's code in the same browser, for another account, is not looked at."""
    ask(browser)
    code = code_for(MOBILE)
    browser.post("/sign-out/")
    other = a_token_for(practice, A_STRANGER, mailed=True, mobile_e164="+12125550188")
    assert browser.enroll(other).url == PAGE
    assert browser.post(CODE_PAGE, {"code": code}).status_code == 400
    stranger = Account.objects.get(sign_in_name=A_STRANGER.email)
    assert not opens(stranger, other.chart)
    assert not opens(stranger, token.chart)


def test_existing_sign_in_still_asks_for_its_code(practice: Practice) -> None:
    elsewhere = a_practice("oak", code_when="reset_only")
    owner = an_account(elsewhere)
    an_option(owner, MOBILE)
    here = a_practice("ash", code_when="reset_only")
    token = a_token_for(here)
    browser = Browser(here)
    browser.walk_to_credentials(token, "existing")
    assert browser.use_account(MARIA.email, PASSWORD).url == "/second-step/code/"
    assert not access.held(owner).filter(practice=here).exists()
    assert browser.type_code(MOBILE).url == "/enroll/done/"
    assert opens(owner, token.chart)


def test_another_enrollment_begun_meanwhile_is_not_the_one_that_was_signed_in_for() -> None:
    here, elsewhere = a_practice("ash"), a_practice("oak")
    owner = an_account(elsewhere)
    an_option(owner, MOBILE)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here), "existing")
    browser.use_account(MARIA.email)
    other = a_token_for(here, A_STRANGER)
    browser.walk_to_credentials(other, "existing")
    assert browser.type_code(MOBILE).url == "/enroll/"
    assert not opens(owner, other.chart)


def test_installation_without_twilio_leads_to_the_desk(browser: Browser, settings: Settings) -> None:
    settings.CAPTURES_PHONE, settings.TWILIO_ACCOUNT_SID = False, ""
    assert "has no phone on file" in words(browser.get(PAGE))
