"""**About you**: what a carer types, and that nothing tells whether it was right before the account is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import PatientAccess
from enrollment import carers
from enrollment.models import CodeKind, Enrollment, Handover
from enrollment.named_proxy import NamedProxy
from practices.models import Practice
from tests.enrollment.by_email import PHONE, WHOSE, Mailbox, an_activation_code
from tests.enrollment.carers import ABOUT_YOU, APPROVAL, a_code_for, a_named_proxy, enroll, in_hand, typed, walk
from tests.people import A_CHILD, A_STRANGER, ANNA, MARIA, Browser, a_chart, a_practice, a_token_for, h1, words

pytestmark = pytest.mark.django_db
CREDENTIALS = "/enroll/credentials/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_page_is_not_there_for_who_is_the_patient(practice: Practice) -> None:
    browser = Browser(practice)
    browser.type_token(a_token_for(practice))
    browser.choose()
    assert browser.get(ABOUT_YOU).url == CREDENTIALS


def test_nobody_passes_it_by(practice: Practice) -> None:
    browser = Mailbox(practice)
    browser.activate(an_activation_code(a_chart(practice, A_CHILD)))
    browser.post(WHOSE, {"whose": "other"})
    for page in ("/enroll/create/", "/enroll/credentials/new/", "/enroll/credentials/sign-in/"):
        assert browser.get(page).url == ABOUT_YOU
    assert h1(browser.get(ABOUT_YOU)) == "About you"


def test_everything_is_asked_for(practice: Practice) -> None:
    browser = Browser(practice)
    page = walk(browser, a_token_for(practice, A_CHILD), {})
    assert page.status_code == 200
    for asked in ("Enter your first name.", "Enter your last name.", "Enter your date of birth."):
        assert asked in words(page)


def test_who_is_no_adult_is_refused_in_words(practice: Practice) -> None:
    today = timezone.localdate()
    browser = Browser(practice)
    born = today - timedelta(days=17 * 365)
    page = walk(browser, a_token_for(practice, A_CHILD), typed(MARIA, birth_date=f"{born:%m/%d/%Y}"))
    assert "Only adults open the record of somebody else" in words(page)
    assert not NamedProxy.objects.filter(practice=practice).exists()


def test_what_was_typed_can_be_mended_and_is_one_claim(practice: Practice) -> None:
    browser = Browser(practice)
    token = a_token_for(practice, A_CHILD)
    walk(browser, token, typed(ANNA))
    assert ANNA.given in browser.get(ABOUT_YOU).content.decode()
    assert browser.post(ABOUT_YOU, typed(MARIA, "guardian")).url == CREDENTIALS
    claim = NamedProxy.objects.get(record=token.chart)
    assert (claim.first_name, claim.relationship, claim.source, claim.level) == (
        MARIA.given,
        "guardian",
        "claim",
        "view",
    )


RIGHT = [{}, {"first_name": "MARIA"}, {"first_name": "María-Elena"}, {"last_name": "SANTOS "}]
WRONG = [{"first_name": "Ana"}, {"last_name": "Keller"}, {"birth_date": "03/13/1984"}]


@pytest.mark.parametrize(
    ("changes", "step"), [*((one, "/enroll/done/") for one in RIGHT), *((one, APPROVAL) for one in WRONG)]
)
def test_only_who_was_named_gets_in_and_no_page_before_tells(
    practice: Practice, changes: dict[str, str], step: str
) -> None:
    chart = a_chart(practice, A_CHILD)
    named, browser = a_named_proxy(chart), Browser(practice)
    token = in_hand(a_code_for(named), "x@example.com")
    assert walk(browser, token, typed(MARIA, "caregiver", **changes)).url == CREDENTIALS
    assert browser.create_account().url == step
    got = PatientAccess.objects.get(record=chart)
    is_right = step != APPROVAL
    assert (got.state, got.relationship, got.level) == (
        ("active", "parent", "full") if is_right else ("approval", "caregiver", "view")
    )
    assert (Enrollment.objects.get(code=token.code).proxy == named) == is_right


def test_pages_before_the_account_are_the_same_for_right_and_wrong(practice: Practice) -> None:
    said = []
    for first_name in (MARIA.given, "Somebody"):
        named, browser = a_named_proxy(a_chart(practice, A_CHILD)), Browser(practice)
        walk(browser, in_hand(a_code_for(named, handover=Handover.MAILED)), typed(first_name=first_name))
        said.append([words(browser.get(page)) for page in ("/enroll/credentials/username/", "/enroll/account/")])
    assert said[0] == said[1]


def test_wrong_is_wrong_for_good_once_the_account_is_made(practice: Practice) -> None:
    named, browser = a_named_proxy(a_chart(practice, A_CHILD)), Browser(practice)
    letter = a_code_for(named)
    enroll(browser, in_hand(letter), typed(A_STRANGER), username="sam.rivera")
    assert browser.post(ABOUT_YOU, typed(MARIA)).status_code == 302
    assert PatientAccess.objects.get(record=letter.chart).state == "approval"
    again = Browser(practice).type_token(in_hand(letter))
    assert h1(again) == "This code was already used"


def test_right_and_mailed_waits_for_the_phone(practice: Practice) -> None:
    letter = a_code_for(a_named_proxy(a_chart(practice, A_CHILD)), handover=Handover.MAILED)
    browser = Browser(practice)
    assert enroll(browser, in_hand(letter, "x@example.com"), typed()).url == PHONE


@pytest.mark.parametrize(
    ("first", "last", "is_same"),
    [
        ("Maria Elena", "Santos", True),
        ("Maria", "Santos", True),
        ("Elena", "Santos", False),
        ("Maria Elena", "", False),
        ("", "Santos", False),
        ("...", "Santos", False),
    ],
)
def test_names_are_compared_as_people_mean_them(first: str, last: str, *, is_same: bool) -> None:
    named = NamedProxy(first_name="Maria Elena", last_name="Santos", birth_date=MARIA.born)
    assert carers.is_named(named, NamedProxy(first_name=first, last_name=last, birth_date=MARIA.born)) == is_same


def test_activation_code_of_a_named_proxy_asks_too(practice: Practice) -> None:
    letter = a_code_for(a_named_proxy(a_chart(practice, A_CHILD)), CodeKind.ACTIVATION, Handover.EMAILED)
    browser = Mailbox(practice)
    assert browser.activate(letter).url == WHOSE
    assert browser.post(WHOSE, {"whose": "other"}).url == ABOUT_YOU
    assert browser.post(ABOUT_YOU, typed()).url == CREDENTIALS
    assert browser.create(MARIA.email).url == PHONE
