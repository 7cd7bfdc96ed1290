"""**Protect your account**: the option, the phone or email, the code, **Verify**; and the gate that leads there."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts import set_up
from accounts.models import Account
from notifications import lines, optout
from notifications.models import Message
from practices.choices import CodeWhen, SecurityOption
from practices.models import Practice
from practices.phones import Kind
from tests.people import (
    HER_FATHER,
    Browser,
    a_practice,
    an_account,
    an_option,
    code_for,
    front_desk,
    h1,
    mail,
    someone_like,
    trail,
    words,
)
from tests.verification.codes_kit import another, pause_ends
from verification.models import Channel, CodeOption

pytestmark = pytest.mark.django_db
PHONE = "+12125550142"
TYPED = "(212) 555-0142"
NAME = "maria@example.com"


@pytest.fixture
def practice() -> Practice:
    return a_practice(option_required=True)


@pytest.fixture
def maria(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def browser(practice: Practice, maria: Account) -> Browser:
    """In which Maria signed in, who has no option yet."""
    browser = Browser(practice)
    browser.sign_in(NAME)
    return browser


def channels() -> list[str]:
    return list(Message.objects.filter(notice="code").order_by("pk").values_list("channel", flat=True))


def test_gate_leads_there_until_an_option_is_set_up(browser: Browser) -> None:
    assert browser.get("/home/").url == "/protect/"
    assert browser.get("/enroll/phone/").url == "/protect/"
    browser.post("/protect/text/", {"phone": TYPED})
    assert browser.type_code(PHONE, "/protect/code/").url == "/home/"
    assert browser.is_signed_in


def test_every_offer_has_a_setup_and_the_recommended_one_comes_first(browser: Browser) -> None:
    page = browser.get("/protect/")
    assert h1(page) == "Protect your account"
    told = words(page)
    assert "Text me (recommended)" in told
    assert "Email me (less secure)" in told
    assert "Backup codes" not in told  # they stand in for another option
    order = [told.index(str(kind.label)) for kind in SecurityOption if kind != SecurityOption.BACKUP]
    assert order == sorted(order)
    assert told.count("Setup") == 5


def test_what_the_practice_does_not_offer_is_not_there() -> None:
    practice = a_practice(option_required=True, options_offered=["call", "app"], option_recommended="app")
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(NAME)
    told = words(browser.get("/protect/"))
    assert told.index("Authenticator app (recommended)") < told.index("Call me")
    assert "Text me" not in told
    assert browser.get("/protect/text/").url == "/protect/"
    assert browser.post("/protect/text/", {"phone": TYPED}).url == "/protect/"
    assert mail("code") == []


def test_text_option(browser: Browser, maria: Account, practice: Practice) -> None:
    assert h1(browser.get("/protect/text/")) == "Text me"
    assert browser.post("/protect/text/", {"phone": TYPED}).url == "/protect/code/"
    assert "•••-•••-0142" in words(browser.get("/protect/code/"))
    assert not CodeOption.objects.filter(user=maria).exists()
    browser.type_code(PHONE, "/protect/code/")
    option = CodeOption.objects.get(user=maria)
    assert (option.channel, option.target, option.confirmed) == ("sms", PHONE, True)
    assert trail(practice, "option.added") == [str(maria.pk)]
    assert browser.session["otp_device_id"] == option.persistent_id


def test_call_option(browser: Browser, maria: Account) -> None:
    page = browser.get("/protect/call/")
    assert h1(page) == "Call me"
    assert ">Call</button>" in page.content.decode().replace("\n", "")
    browser.post("/protect/call/", {"phone": TYPED})
    browser.type_code(PHONE, "/protect/code/")
    assert CodeOption.objects.get(user=maria).channel == "voice"
    assert channels() == ["voice"]


def test_email_option_verifies_the_email_of_the_account(practice: Practice) -> None:
    account = an_account(practice, HER_FATHER, verified=False)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    assert 'value="rafael@example.com"' in browser.get("/protect/email/").content.decode()
    browser.post("/protect/email/", {"email": "rafael@example.com"})
    browser.type_code("rafael@example.com", "/protect/code/")
    account.refresh_from_db()
    assert account.email_verified_at
    assert account.sign_in_state == "held"
    assert trail(practice, "email.verified") == [str(account.pk)]


def test_another_email_verifies_nothing_else(practice: Practice) -> None:
    account = an_account(practice, HER_FATHER, verified=False)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    browser.post("/protect/email/", {"email": "other@example.com"})
    browser.type_code("other@example.com", "/protect/code/")
    account.refresh_from_db()
    assert not account.email_verified_at
    assert CodeOption.objects.get(user=account).target == "other@example.com"


@pytest.mark.parametrize("typed", ["", "12", "555-0142 ext", "212-555-0142 x12", "999-999-9999", "not a number"])
def test_what_is_no_phone_is_said(browser: Browser, typed: str) -> None:
    answer = browser.post("/protect/text/", {"phone": typed})
    assert answer.status_code == 200
    assert "phone number" in words(answer)
    assert mail("code") == []


def test_landline_is_refused_before_anything_is_sent_and_called_instead(browser: Browser, maria: Account) -> None:
    lines.learn(PHONE, Kind.FIXED)
    answer = browser.post("/protect/text/", {"phone": TYPED})
    assert "landlines cannot get texts" in words(answer)
    assert "Call me instead" in words(answer)
    assert mail("code") == []
    assert browser.post("/protect/call/", {"phone": PHONE}).url == "/protect/code/"
    browser.type_code(PHONE, "/protect/code/")
    assert CodeOption.objects.get(user=maria).channel == "voice"


def test_phone_that_said_stop_is_told_how_to_undo_it(browser: Browser, practice: Practice) -> None:
    from notifications import senders

    optout.stop(PHONE, senders.of_codes(practice))
    answer = browser.post("/protect/text/", {"phone": TYPED})
    assert "Text START" in words(answer)
    assert "Call me instead" in words(answer)
    assert mail("code") == []


def test_premium_number_is_refused_for_calls_too(browser: Browser) -> None:
    lines.learn(PHONE, Kind.PREMIUM)
    for page in ("/protect/text/", "/protect/call/"):
        answer = browser.post(page, {"phone": TYPED})
        assert "cost extra" in words(answer)
        assert "Call me instead" not in words(answer)
    assert mail("code") == []


def test_text_that_did_not_arrive_becomes_a_call(browser: Browser, maria: Account) -> None:
    browser.post("/protect/text/", {"phone": TYPED})
    pause_ends(maria)
    assert browser.post("/protect/code/call/").url == "/protect/code/"
    browser.type_code(PHONE, "/protect/code/")
    assert CodeOption.objects.get(user=maria).channel == "voice"  # what was proven: that it takes calls


def test_wrong_code_sets_nothing_up(browser: Browser, maria: Account) -> None:
    browser.post("/protect/text/", {"phone": TYPED})
    answer = browser.post("/protect/code/", {"code": another(code_for(PHONE))})
    assert answer.status_code == 400
    assert not CodeOption.objects.filter(user=maria).exists()
    assert browser.get("/home/").url == "/protect/"


def test_number_typed_anew_within_half_a_minute_is_told_to_wait(browser: Browser, maria: Account) -> None:
    browser.post("/protect/text/", {"phone": "212-555-0143"})
    answer = browser.post("/protect/text/", {"phone": TYPED})
    assert answer.status_code == 429
    assert "Wait" in words(answer)
    pause_ends(maria)
    browser.post("/protect/text/", {"phone": TYPED})
    browser.type_code(PHONE, "/protect/code/")
    assert CodeOption.objects.get(user=maria).target == PHONE


def test_same_phone_twice_is_one_option(browser: Browser, maria: Account, practice: Practice) -> None:
    for _ in range(2):
        pause_ends(maria)
        browser.post("/protect/text/", {"phone": TYPED})
        browser.type_code(PHONE, "/protect/code/")
    assert CodeOption.objects.filter(user=maria).count() == 1
    assert len(trail(practice, "option.added")) == 1


def test_verified_email_is_told(browser: Browser, maria: Account) -> None:
    browser.post("/protect/text/", {"phone": TYPED})
    browser.type_code(PHONE, "/protect/code/")
    assert {message["to"] for message in mail("option_added")} == {NAME, PHONE}


def test_code_of_signing_in_sets_nothing_up(practice: Practice, maria: Account) -> None:
    an_option(maria, PHONE)
    browser = Browser(practice)
    browser.sign_in(NAME)
    assert browser.get("/protect/").url == "/?next=/protect/"
    assert browser.post("/protect/text/", {"phone": "212-555-0199"}).url == "/?next=/protect/text/"


def test_second_option_asks_for_a_fresh_proof(practice: Practice, maria: Account) -> None:
    an_option(maria, PHONE)
    browser = Browser(practice)
    browser.sign_in(NAME)
    browser.type_code(PHONE)
    assert browser.get("/protect/call/").status_code == 200  # both steps were passed just now
    session = browser.session
    session["step_up"] = {**session["step_up"], "at": 0}
    session.save()
    assert browser.get("/protect/call/").url == "/settings/security/confirm/"
    assert browser.post("/protect/call/", {"phone": "212-555-0199"}).url == "/settings/security/confirm/"


def test_not_required_is_not_asked(maria: Account) -> None:
    practice = a_practice("oak")
    an_account(practice, someone_like(HER_FATHER))
    browser = Browser(practice)
    assert browser.sign_in(HER_FATHER.email).url == "/home/"
    assert browser.is_signed_in
    assert "Not now" in words(browser.get("/protect/"))


def test_staff_are_asked_where_patients_are_not() -> None:
    practice = a_practice("oak", code_when=CodeWhen.RESET_ONLY)
    member = front_desk(practice)
    browser = Browser(practice)
    browser.sign_in(member.sign_in_name)
    assert browser.get("/home/").url == "/protect/"


def test_unfinished_set_up_is_forgotten_in_time(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.post("/protect/text/", {"phone": TYPED})
    monkeypatch.setattr(set_up, "WANTED_LASTS", -1)
    assert browser.type_code(PHONE, "/protect/code/").url == "/protect/"


def test_option_in_two_channels_of_one_phone(browser: Browser, maria: Account) -> None:
    browser.post("/protect/text/", {"phone": TYPED})
    browser.type_code(PHONE, "/protect/code/")
    pause_ends(maria)
    browser.post("/protect/call/", {"phone": TYPED})
    assert browser.type_code(PHONE, "/protect/code/").url == "/settings/security/"
    assert set(CodeOption.objects.filter(user=maria).values_list("channel", flat=True)) == {Channel.SMS, Channel.VOICE}


def test_without_twilio_neither_texts_nor_calls_are_offered(browser: Browser, settings: Settings) -> None:
    settings.CAPTURES_PHONE, settings.TWILIO_ACCOUNT_SID = False, ""
    told = words(browser.get("/protect/"))
    assert "Text me" not in told
    assert "Call me" not in told
    assert "Authenticator app" in told
    assert browser.post("/protect/text/", {"phone": TYPED}).url == "/protect/"
    assert "By text message" not in words(browser.get("/about-two-step-verification/"))
    assert mail("code") == []


def test_practice_of_texts_and_calls_without_twilio_offers_what_needs_no_line(
    browser: Browser, practice: Practice, settings: Settings
) -> None:
    """Else whoever signs in would stand at a gate without a door."""
    practice.settings.options_offered = [SecurityOption.TEXT, SecurityOption.CALL, SecurityOption.BACKUP]
    practice.settings.save()
    settings.CAPTURES_PHONE, settings.TWILIO_ACCOUNT_SID = False, ""
    told = words(browser.get("/protect/"))
    for kind in set_up.WITHOUT_A_LINE:
        assert str(kind.label) in told
    for page in ("/settings/security/authenticator/", "/settings/security/passkey/", "/protect/email/"):
        assert browser.get(page).status_code == 200
