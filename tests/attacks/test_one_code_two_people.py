"""The same code, used at the same moment by the patient and by who has it too: it opens one record once.

In threads with connections of their own, and real commits (tests/enrollment/test_at_once.py).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from accounts.models import Account, PatientAccess
from audit.models import AuditEvent
from enrollment import codes, inviting
from enrollment.models import LIVE, CodeKind, Enrollment, EnrollmentCode
from practices.models import Practice
from tests.enrollment.by_email import CREATE, INVITED, PHONE_CODE, Letter, Mailbox, an_activation_code, an_invitation
from tests.enrollment.test_at_once import at_once, nobody_yet
from tests.people import a_chart, a_practice, code_for, opens
from tests.verification.codes_kit import pause_ends

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = 12
pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("twice")


def a_phone() -> str:
    """One that no other test uses: codes are looked for by where they went."""
    return f"+1212{secrets.randbelow(8_000_000) + 2_000_000}"


def a_letter(practice: Practice, make: Callable[..., Letter] = an_activation_code) -> Letter:
    return make(a_chart(practice, nobody_yet(), mobile_e164=a_phone()))


def a_browser(practice: Practice) -> Mailbox:
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    return Mailbox(practice, address=address, raise_request_exception=False)


def at_create(letter: Letter) -> list[Mailbox]:
    """Everybody typed the code and the date of birth; only the last button is not pressed."""
    browsers = [a_browser(letter.chart.practice) for _ in range(PEOPLE)]
    for browser in browsers:
        assert browser.activate(letter).url == "/enroll/whose/"
        assert browser.choose_myself().url == CREATE  # a username instead: three emails are asked about at most
    return browsers


def new_names() -> list[str]:
    return [f"twice-{secrets.token_hex(6)}" for _ in range(PEOPLE)]


def states(letter: Letter) -> list[str]:
    return sorted(PatientAccess.objects.filter(record=letter.chart).values_list("state", flat=True))


def redeemed(letter: Letter) -> int:
    return AuditEvent.objects.filter(event="code.redeemed", subject_id=str(letter.code.pk)).count()


def typing(browser: Mailbox, code: str) -> Callable[[], int]:
    return lambda: int(browser.post(PHONE_CODE, {"code": code}).status_code)


def check_one(letter: Letter, names: list[str], answers: list[Any], *, state: str) -> None:
    assert sorted(answers) == [302] + [409] * (PEOPLE - 1)
    assert Account.objects.filter(sign_in_name__in=names).count() == 1
    assert states(letter) == [state]
    assert redeemed(letter) == (state == "active")


def test_code_and_check_opens_it_for_one_of_twelve() -> None:
    with transaction.atomic():
        practice = a_practice("twice", proof="code_and_check")
    letter, names = a_letter(practice), new_names()
    answers = at_once(
        *(
            lambda one=browser, name=name: one.create_account(username=name).status_code
            for browser, name in zip(at_create(letter), names, strict=True)
        )
    )
    check_one(letter, names, answers, state="active")


def test_code_that_wants_a_proof_is_kept_for_one_of_twelve(practice: Practice) -> None:
    letter, names = a_letter(practice), new_names()
    answers = at_once(
        *(
            lambda one=browser, name=name: one.create_account(username=name).status_code
            for browser, name in zip(at_create(letter), names, strict=True)
        )
    )
    check_one(letter, names, answers, state="waiting")
    assert letter.now().state == "reserved"


def test_invitation_makes_one_account_of_twelve_buttons(practice: Practice) -> None:
    """All type the invited email, as they must; each with a password of their own."""
    letter = a_letter(practice, an_invitation)
    browsers = [a_browser(practice) for _ in range(PEOPLE)]
    for browser in browsers:
        browser.get(f"/invitation/{letter.number}/")
        browser.get(INVITED)
    answers = at_once(
        *(
            lambda one=browser, number=number: (
                one.accept_invitation(letter, password=f"Kite-no-{number}-flies").status_code
            )
            for number, browser in enumerate(browsers)
        )
    )
    assert not [status for status in answers if status >= 500]
    assert Account.objects.filter(sign_in_name=letter.code.sent_to).count() == 1
    assert states(letter) == ["waiting"]
    [account] = Account.objects.filter(sign_in_name=letter.code.sent_to)
    assert sum(account.check_password(f"Kite-no-{number}-flies") for number in range(PEOPLE)) == 1


def test_newest_code_wins_when_two_claims_are_proven_at_once(practice: Practice) -> None:
    """The older claim had the code to the phone in hand, too: one record, one account."""
    for _round in range(3):
        older = a_letter(practice)
        first, second = a_browser(practice), a_browser(practice)
        names = [f"{name}@example.com" for name in new_names()[:2]]
        first.open_account(older, names[0])
        phone = older.chart.mobile_e164
        first.post("/enroll/phone/", {"birth_date": older.born, "way": f"sms-{phone[-4:]}"})
        old_code = code_for(phone)
        newer = an_activation_code(older.chart)
        second.open_account(newer, names[1])
        second.post("/enroll/phone/", {"birth_date": older.born, "way": f"sms-{phone[-4:]}"})
        new_code = code_for(phone)
        answers = at_once(
            typing(first, old_code),
            typing(second, new_code),
        )
        assert not [status for status in answers if status >= 500]
        assert states(older).count("active") == 1
        assert opens(Account.objects.get(sign_in_name=names[1]), older.chart)
        assert redeemed(older) == 0


def test_code_to_the_phone_pressed_in_twelve_tabs_opens_once(practice: Practice) -> None:
    letter, name = a_letter(practice), f"{new_names()[0]}@example.com"
    first = a_browser(practice)
    first.open_account(letter, name)
    phone = letter.chart.mobile_e164
    first.post("/enroll/phone/", {"birth_date": letter.born, "way": f"sms-{phone[-4:]}"})
    code = code_for(phone)
    tabs = [a_browser(practice) for _ in range(PEOPLE)]
    for tab in tabs:
        tab.cookies.update(first.cookies)
    answers = at_once(*(typing(tab, code) for tab in tabs))
    assert not [status for status in answers if status >= 500]
    assert states(letter) == ["active"]
    assert redeemed(letter) == 1
    assert Enrollment.objects.filter(code=letter.code, state="completed").count() == 1


def test_send_me_a_new_one_from_many_at_once_leaves_one_live_code(practice: Practice) -> None:
    letter = a_letter(practice)
    browsers = [a_browser(practice) for _ in range(PEOPLE)]
    for browser in browsers:
        browser.get(f"/activate/{letter.number}/")
    answers = at_once(*(lambda one=browser: one.post("/enroll/new-code/").status_code for browser in browsers))
    assert set(answers) == {302}
    assert EnrollmentCode.objects.filter(record=letter.chart).count() == 2  # one an hour, whoever asks
    assert EnrollmentCode.objects.filter(record=letter.chart, state__in=LIVE).count() == 1


def test_practice_issues_another_while_her_record_opens_and_her_email_takes_its_place(practice: Practice) -> None:
    """Both want the rows of her record and of her code: neither may wait for the other for ever."""
    for _round in range(5):
        letter, name = a_letter(practice), f"{new_names()[0]}@example.com"
        browser = a_browser(practice)
        browser.open_account(letter, name)
        account = Account.objects.get(sign_in_name=name)
        Account.objects.filter(pk=account.pk).update(email_verified_at=account.created_at, sign_in_state="held")
        phone = letter.chart.mobile_e164
        browser.post("/enroll/phone/", {"birth_date": letter.born, "way": f"sms-{phone[-4:]}"})
        code = code_for(phone)
        pause_ends(account)
        answers = at_once(
            typing(browser, code),
            *(lambda chart=letter.chart: issue(chart) for _clerk in range(4)),
        )
        assert not [one for one in answers if isinstance(one, int) and one >= 500]
        live = EnrollmentCode.objects.filter(record=letter.chart, state__in=LIVE)
        assert live.count() <= 1


def issue(chart: Any) -> object:
    try:
        return inviting.send(chart=chart, kind=CodeKind.ACTIVATION, by=None).number
    except codes.CannotIssueError as error:
        return error
