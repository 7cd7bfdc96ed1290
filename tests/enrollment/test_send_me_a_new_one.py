"""**Send me a new one**: rule 2, for codes and links that open nothing any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment import codes, numbers
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from guard import limits
from notifications.models import Channel, Message
from practices.models import Practice
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code, an_invitation
from tests.people import MARIA, Browser, a_chart, a_practice, a_token, an_account, mail, path_of, words

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
SEND, SENT = "/enroll/new-code/", "/enroll/new-code/sent/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def expire(code: EnrollmentCode) -> None:
    EnrollmentCode.objects.filter(pk=code.pk).update(expires_at=timezone.now() - timedelta(minutes=1))


def live(letter: Letter) -> list[EnrollmentCode]:
    return list(EnrollmentCode.objects.filter(record=letter.chart, state=CodeState.PENDING))


def test_expired_code_gets_a_new_one_by_email_that_works(practice: Practice) -> None:
    letter, browser = an_activation_code(a_chart(practice, mobile_e164=MOBILE)), Mailbox(practice)
    expire(letter.code)
    browser.activate(letter)
    assert browser.post(SEND).url == SENT
    assert "on its way" in words(browser.get(SENT))
    first, second = mail("activation_code", to=MARIA.email)
    assert first["code"] != second["code"]
    fresh = Letter(live(letter)[0], numbers.parse(str(second["code"])), letter.chart)
    assert Mailbox(practice).open_account(fresh).url == PHONE


def test_invitation_begets_an_invitation(practice: Practice) -> None:
    letter, browser = an_invitation(a_chart(practice, mobile_e164=MOBILE)), Mailbox(practice)
    expire(letter.code)
    browser.get(f"/invitation/{letter.number}/")
    browser.post(SEND)
    assert [code.kind for code in live(letter) if code.pk != letter.code.pk] == [CodeKind.INVITATION]
    link = path_of(str(mail("invitation", to=MARIA.email)[-1]["link"]))
    assert Mailbox(practice).get(link).url == "/enroll/invitation/"


def test_expired_letter_gets_an_activation_code_by_email(practice: Practice) -> None:
    token, browser = a_token(a_chart(practice), mailed=True), Browser(practice)
    expire(token.code)
    assert "Send me a new one" in words(browser.type_token(token))
    assert browser.post(SEND).url == SENT
    assert len(mail("activation_code", to=MARIA.email)) == 1


def test_without_an_email_it_comes_by_text(practice: Practice) -> None:
    token, browser = a_token(a_chart(practice, emails=[], mobile_e164=MOBILE), mailed=True), Browser(practice)
    expire(token.code)
    browser.type_token(token, email="maria.new@example.com")
    browser.post(SEND)
    (sent,) = Message.objects.filter(notice="activation_code")
    assert (sent.channel, sent.to) == (Channel.SMS, MOBILE)


def test_without_either_nothing_is_sent_and_the_page_says_the_same(practice: Practice) -> None:
    token, browser = a_token(a_chart(practice, emails=[]), mailed=True), Browser(practice)
    expire(token.code)
    browser.type_token(token, email="maria.new@example.com")
    assert browser.post(SEND).url == SENT
    assert not Message.objects.filter(notice="activation_code").exists()


def test_answer_is_the_same_for_a_number_that_nobody_has(practice: Practice) -> None:
    letter = an_activation_code(a_chart(practice))
    expire(letter.code)
    known, unknown = Mailbox(practice), Mailbox(practice)
    known.get(f"/activate/{letter.number}/")
    unknown.get(f"/activate/{numbers.make()}/")
    answers = [browser.post(SEND) for browser in (known, unknown)]
    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    assert words(known.get(SENT)) == words(unknown.get(SENT))


def test_one_an_hour_and_three_a_day(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    letter, browser = an_activation_code(a_chart(practice)), Mailbox(practice)
    expire(letter.code)
    browser.get(f"/activate/{letter.number}/")
    for _press in range(3):
        browser.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 2
    hourly = limits.NEW_CODES_AN_HOUR
    for _hour in range(5):
        limits.forgive((hourly, f"record {letter.chart.pk}"))
        browser.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 4


@pytest.mark.parametrize("state", [CodeState.REVOKED, CodeState.REDEEMED])
def test_cancelled_or_used_code_begets_none(practice: Practice, state: CodeState) -> None:
    letter, browser = an_activation_code(a_chart(practice)), Mailbox(practice)
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(state=state)
    browser.get(f"/activate/{letter.number}/")
    assert browser.post(SEND).url == SENT
    assert len(mail("activation_code", to=MARIA.email)) == 1


def test_record_that_somebody_opened_gets_none(practice: Practice) -> None:
    chart = a_chart(practice)
    letter = an_activation_code(chart)
    an_account(practice, token=a_token(chart))
    browser = Mailbox(practice)
    browser.get(f"/activate/{letter.number}/")
    browser.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 1


def test_dead_letter_does_not_silence_the_patients_own(practice: Practice) -> None:
    """Whoever has an old letter presses all day; the patient's one a day is still hers."""
    chart = a_chart(practice)
    old = an_activation_code(chart)
    EnrollmentCode.objects.filter(pk=old.code.pk).update(state=CodeState.REVOKED)
    letter = an_activation_code(chart)
    expire(letter.code)
    stranger, patient = Mailbox(practice), Mailbox(practice)
    stranger.get(f"/activate/{old.number}/")
    for _press in range(3):
        stranger.post(SEND)
    patient.get(f"/activate/{letter.number}/")
    patient.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 3


def test_old_code_does_not_end_a_letter_that_is_on_its_way(practice: Practice) -> None:
    letter, browser = an_activation_code(a_chart(practice)), Mailbox(practice)
    token = a_token(letter.chart, mailed=True)
    browser.get(f"/activate/{letter.number}/")
    assert browser.post(SEND).url == SENT
    assert token.now().state == CodeState.PENDING


def test_old_code_is_made_good_for_once_the_letter_is_over(practice: Practice) -> None:
    letter, browser = an_activation_code(a_chart(practice)), Mailbox(practice)
    expire(a_token(letter.chart, mailed=True).code)
    browser.get(f"/activate/{letter.number}/")
    browser.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 2


def test_who_holds_the_letter_itself_may_have_a_code_by_email_instead(practice: Practice) -> None:
    token, browser = a_token(a_chart(practice), mailed=True), Mailbox(practice)
    browser.get(f"/activate/{token.number}/")
    browser.post(SEND)
    assert len(mail("activation_code", to=MARIA.email)) == 1
    assert token.now().state == CodeState.SUPERSEDED


def test_old_code_does_not_end_a_journey_that_is_under_way(practice: Practice) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE)
    old, letter = an_activation_code(chart), an_activation_code(chart)
    assert Mailbox(practice).open_account(letter).url == PHONE
    stranger = Mailbox(practice)
    stranger.get(f"/activate/{old.number}/")
    stranger.post(SEND)
    assert letter.now().state == CodeState.RESERVED


def test_button_without_a_code_at_hand_leads_to_how_to_get_one(practice: Practice) -> None:
    assert Browser(practice).post(SEND).url == "/enroll/no-code/"


def test_thirty_an_hour_from_one_address(practice: Practice) -> None:
    browser = Mailbox(practice)
    for _press in range(30):
        limits.spend((limits.NEW_CODES_BY_ADDRESS, "198.51.100.7"))
    browser.get(f"/activate/{numbers.make()}/")
    answer = browser.post(SEND)
    assert answer.url == "/enroll/no-code/"
    assert "too many tries from here" in browser.get(answer.url).content.decode()


def test_texted_code_is_no_proof_of_the_record_by_itself(practice: Practice) -> None:
    chart = a_chart(practice, emails=[], mobile_e164=MOBILE)
    issued = codes.issue(chart=chart, kind=CodeKind.ACTIVATION, handover=Handover.TEXTED, by=None)
    letter = Letter(issued.code, issued.number, chart)
    assert Mailbox(practice).open_account(letter, "maria.new@example.com").url == PHONE
