"""The attacker: reads the patient's mailbox, with or without knowing the date of birth, and has no phone of hers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Account, PatientAccess
from enrollment.models import CodeState
from guard import limits
from tests.attacks.test_dead_number_is_no_oracle import time_passes
from tests.enrollment.by_email import (
    ACTIVATE,
    PHONE,
    PHONE_CODE,
    WHOSE,
    Letter,
    Mailbox,
    an_activation_code,
    an_invitation,
)
from tests.people import (
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    a_token,
    code_for,
    mail,
    opens,
    path_of,
    words,
)
from tests.verification.codes_kit import another

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
HIS_PHONE = "+16465550166"
HIS = "Reads-mail-66"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def thief(practice: Practice) -> Mailbox:
    return Mailbox(practice, address="203.0.113.66")


def a_letter(practice: Practice, **facts: Any) -> Letter:
    return an_activation_code(a_chart(practice, **{"mobile_e164": MOBILE, **facts}))


def nothing_is_open(letter: Letter) -> bool:
    return not PatientAccess.objects.filter(record=letter.chart, state="active").exists()


# --- Without the date of birth ----------------------------------------------------------------------------------------


def test_code_without_the_date_of_birth_makes_no_account(practice: Practice, thief: Mailbox) -> None:
    letter = a_letter(practice)
    for year in range(1950, 1960):
        assert thief.activate(letter, check=f"01/01/{year}").status_code == 200
    assert not Account.objects.exists()
    assert letter.now().locked_until


def test_after_ten_guesses_the_code_is_dead_even_for_who_knows() -> None:
    practice = a_practice(proof="code_and_check")
    letter = a_letter(practice)
    for day in range(1, 11):
        if day == limits.WRONG_ANSWERS_LOCK + 1:
            time_passes(minutes=21)
        Mailbox(practice, address=f"203.0.113.{day}").activate(letter, check=f"01/{day:02}/1950")
    time_passes(minutes=21)
    assert letter.now().state == CodeState.REVOKED
    assert "do not belong together" in words(Mailbox(practice).activate(letter))


def test_invitation_makes_an_account_that_opens_nothing_and_tells_nothing(practice: Practice, thief: Mailbox) -> None:
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    assert thief.accept_invitation(letter, password=HIS).url == PHONE
    for page in (thief.get("/home/"), thief.get(PHONE)):
        told = page.content.decode()
        assert not [fact for fact in (letter.chart.mrn, "Santos", "1984", MOBILE, "555-0142") if fact in told]
    assert thief.post(PHONE, {"birth_date": "03/13/1984", "way": "sms-0142"}).status_code == 400
    assert mail("code") == []
    assert nothing_is_open(letter)


def test_invitation_where_code_and_check_are_enough_is_no_way_round_the_check() -> None:
    practice = a_practice(proof="code_and_check")
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    assert Mailbox(practice).accept_invitation(letter, password=HIS).url == PHONE
    assert nothing_is_open(letter)


@pytest.mark.parametrize("page", ["/enroll/token/", ACTIVATE])
def test_link_of_an_invitation_is_no_code_for_another_page(practice: Practice, thief: Mailbox, page: str) -> None:
    """An invitation asks for its email only: typed elsewhere it must not do without what that page asks."""
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    thief.accept_terms()
    typed = {"token": letter.number, "code": letter.number, "birth_date": letter.born, "check": letter.born}
    answer = thief.post(page, {**typed, "last_name": MARIA.family, "no_email": "on"})
    assert "do not belong together" in words(answer)


def test_activation_code_is_no_invitation(practice: Practice, thief: Mailbox) -> None:
    """Opened as an invitation, which asks for no date of birth."""
    letter = a_letter(practice)
    answer = thief.accept_invitation(letter, password=HIS)
    assert "was not sent to this email address" in words(answer)
    assert not Account.objects.exists()


def test_own_phone_as_security_option_proves_nothing() -> None:
    practice = a_practice(option_required=True)
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    thief = Mailbox(practice, address="203.0.113.66")
    assert thief.accept_invitation(letter, password=HIS).url == "/protect/"
    thief.post("/protect/text/", {"phone": HIS_PHONE})
    assert thief.type_code(HIS_PHONE, "/protect/code/").url == PHONE
    assert nothing_is_open(letter)


def test_code_by_email_is_no_code_to_a_phone(practice: Practice, thief: Mailbox) -> None:
    """An emailed code of setting an option up, typed where the one to the phone on file belongs."""
    letter = a_letter(practice)
    thief.open_account(letter)
    assert thief.get("/protect/email/").status_code in {200, 302}
    thief.post("/protect/email/", {"email": MARIA.email})
    codes = [str(one["code"]) for one in mail("code", to=MARIA.email)]
    assert thief.post(PHONE_CODE, {"code": codes[-1] if codes else "000000"}).status_code in {302, 400}
    assert nothing_is_open(letter)


# --- With it ----------------------------------------------------------------------------------------------------------


def test_with_the_date_of_birth_the_code_still_goes_to_her_phone(practice: Practice, thief: Mailbox) -> None:
    letter = a_letter(practice)
    assert thief.open_account(letter).url == PHONE
    assert thief.post(PHONE, {"birth_date": letter.born, "way": "sms-0142"}).url == PHONE_CODE
    assert mail("code", to=MARIA.email) == []
    for _guess in range(5):
        thief.post(PHONE_CODE, {"code": another(code_for(MOBILE))})
    assert thief.post(PHONE_CODE, {"code": code_for(MOBILE)}).status_code == 400  # five wrong ones end it
    assert nothing_is_open(letter)


@pytest.mark.parametrize("way", ["voice-0166", "sms-0166", "voice-0161", "sms-0149", "email", ""])
def test_no_way_but_those_on_the_page(practice: Practice, thief: Mailbox, way: str) -> None:
    letter = a_letter(practice, home_e164="+12125550149", work_e164="+12125550161")
    thief.open_account(letter)
    assert thief.post(PHONE, {"birth_date": letter.born, "way": way}).status_code == 200
    assert mail("code") == []


def test_code_to_her_phone_typed_by_her_in_her_browser_opens_nothing_of_his(practice: Practice, thief: Mailbox) -> None:
    """She is rung up by his code, and takes it for hers."""
    letter = a_letter(practice)
    thief.open_account(letter)
    thief.post(PHONE, {"birth_date": letter.born, "way": "sms-0142"})
    hers = Mailbox(practice)
    hers.sign_in(MARIA.email)
    assert hers.get(PHONE_CODE).status_code in {302, 200}
    hers.post(PHONE_CODE, {"code": code_for(MOBILE)})
    assert nothing_is_open(letter)


def test_she_gets_in_all_the_same_with_a_token_from_the_desk(practice: Practice, thief: Mailbox) -> None:
    letter = a_letter(practice)
    thief.open_account(letter)
    hers = Mailbox(practice)
    hers.enroll(a_token(letter.chart), email="maria.new@example.com")
    assert opens(Account.objects.get(sign_in_name="maria.new@example.com"), letter.chart)
    assert thief.post(PHONE, {"birth_date": letter.born, "way": "sms-0142"}).url == "/enroll/done/"
    assert PatientAccess.objects.filter(record=letter.chart, state="active").count() == 1


def test_what_the_weaker_proof_gives_away_is_what_it_says_and_no_more() -> None:
    """A practice that chose *code and check*: mailbox and date of birth open the record, and everybody is told."""
    practice = a_practice(proof="code_and_check")
    letter = a_letter(practice)
    thief = Mailbox(practice, address="203.0.113.66")
    assert thief.open_account(letter, "thief@example.com").url == "/home/"
    assert not nothing_is_open(letter)
    told = mail("record_enrolled")
    assert {one["to"] for one in told} == {MARIA.email, MOBILE}
    hers = Mailbox(practice)
    hers.get(path_of(told[-1]["not_me"]))
    hers.post("/not-me/")
    assert nothing_is_open(letter)


def test_email_of_a_mailed_letter_is_not_the_codes_own(practice: Practice, thief: Mailbox) -> None:
    """A mailbox counts as verified by what was sent there only: not by typing it beside a letter."""
    token = a_token(a_chart(practice, mobile_e164=MOBILE), mailed=True)
    thief.enroll(token, email=MARIA.email)
    assert Account.objects.get(sign_in_name=MARIA.email).email_verified_at is None


def test_whose_page_comes_after_the_check_only(practice: Practice, thief: Mailbox) -> None:
    letter = a_letter(practice)
    thief.get(f"/activate/{letter.number}/")
    thief.accept_terms()
    for path in (WHOSE, "/enroll/create/", "/enroll/credentials/username/", "/enroll/credentials/new/"):
        assert thief.post(path, {"whose": "self", "email": "thief@example.com", "password": PASSWORD}).url in {
            "/enroll/start/",
            ACTIVATE,
        }
    assert not Account.objects.exists()
