"""**Myself** or **Someone else**: who may be which, in A.5, B.3, B.7 and C.5."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, PatientAccess
from enrollment import proof
from enrollment.growing import Growing
from enrollment.models import CodeKind, Enrollment, Handover
from enrollment.named_proxy import NamedProxy
from practices.models import Practice
from tests.enrollment.by_email import PHONE, WHOSE, Mailbox, an_activation_code, an_invitation
from tests.enrollment.carers import ABOUT_YOU, APPROVAL, ON_RECORD, a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.people import (
    A_CHILD,
    ANNA,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token,
    a_token_for,
    an_account,
    an_option,
    h1,
    mail,
    opens,
    path_of,
    words,
)

pytestmark = pytest.mark.django_db
ACCOUNT = "/enroll/account/"
RELATIONSHIP, MANAGER = "/enroll/relationship/", "/enroll/relationship/carer/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_childs_token_leads_on_with_someone_else_chosen(practice: Practice) -> None:
    browser = Browser(practice)
    assert browser.type_token(a_token_for(practice, A_CHILD)).url == ACCOUNT
    page = browser.get(ACCOUNT).content.decode()
    assert re.search(r'value="other"[^>]* checked', page)
    assert "Someone else I care for" in page
    refused = browser.choose()
    assert "Children have no account of their own" in words(refused)
    assert "Error:" in refused.content.decode()


def test_childs_activation_code_too(practice: Practice) -> None:
    browser = Mailbox(practice)
    assert browser.activate(an_activation_code(a_chart(practice, A_CHILD))).url == WHOSE
    assert "choose Someone else" in words(browser.choose_myself())
    assert browser.post(WHOSE, {"whose": "other"}).url == ABOUT_YOU


def test_practice_with_a_later_age_is_asked(practice: Practice) -> None:
    fifteen = timezone.localdate() - timedelta(days=15 * 366)
    strict = a_practice("oak", teen_age=16)
    for place, may in ((practice, True), (strict, False)):
        browser = Browser(place)
        browser.type_token(a_token_for(place, A_CHILD, birth_date=fifteen))
        assert (browser.choose().status_code == 302) == may


def test_who_holds_a_named_proxys_code_is_not_the_patient(practice: Practice) -> None:
    chart = a_chart(practice, ANNA)
    browser = Browser(practice)
    browser.type_token(in_hand(a_code_for(a_named_proxy(chart)), ANNA.email))
    assert "This code is not for the patient" in words(browser.choose())


def test_choice_can_be_taken_back_and_leaves_no_claim(practice: Practice) -> None:
    token, browser = a_token_for(practice), Browser(practice)
    browser.type_token(token)
    assert browser.post(ACCOUNT, {"whose": "other", "account": "new"}).url == ABOUT_YOU
    browser.post(ABOUT_YOU, typed(ANNA, "caregiver"))
    assert NamedProxy.objects.filter(record=token.chart).count() == 1
    assert browser.choose().url == "/enroll/credentials/new/"
    assert browser.get(ABOUT_YOU).status_code == 302
    assert browser.create_account().url == "/enroll/done/"
    assert not NamedProxy.objects.filter(record=token.chart).exists()
    assert PatientAccess.objects.get(record=token.chart).relationship == "self"


def test_patients_own_token_opens_nothing_for_someone_else(practice: Practice) -> None:
    token = a_token_for(practice)
    browser = Browser(practice)
    assert enroll(browser, replace(token, email=ANNA.email), typed(ANNA, "caregiver")).url == APPROVAL
    claim = PatientAccess.objects.get(record=token.chart)
    assert (claim.state, claim.relationship, claim.level) == ("approval", "caregiver", "view")
    assert (claim.account.first_name, claim.account.last_name) == ("Anna", "Keller")
    assert token.chart.mrn not in browser.get("/home/").content.decode()


def test_invitation_of_a_child_asks_who_manages_the_account(practice: Practice) -> None:
    letter = an_invitation(a_chart(practice, A_CHILD, mobile_e164=ON_RECORD))
    browser = Mailbox(practice)
    assert browser.accept_invitation(letter).url == PHONE
    waits = PatientAccess.objects.get(record=letter.chart)
    assert (waits.relationship, waits.state) == ("caregiver", "waiting")
    assert (waits.account.first_name, waits.account.last_name) == ("", "")
    assert browser.prove_phone(letter, ON_RECORD).url == RELATIONSHIP
    assert "Children have no account" in words(browser.post(RELATIONSHIP, {"relationship": "self"}))
    assert browser.post(RELATIONSHIP, {"relationship": "other"}).url == MANAGER
    assert h1(browser.get(MANAGER)) == "About you"
    about = typed(MARIA, email="maria.new@example.com")
    assert browser.post(MANAGER, about).url == APPROVAL
    assert "Open the message that we sent" in browser.get(APPROVAL).content.decode()
    browser.get(path_of(str(mail("verify_email", to="maria.new@example.com")[0]["link"])))
    browser.post("/verify-email/")
    waits.refresh_from_db()
    assert (waits.relationship, waits.state) == ("parent", "approval")
    assert (waits.account.first_name, waits.account.sign_in_name) == (MARIA.given, "maria.new@example.com")
    letter.chart.refresh_from_db()
    assert letter.chart.emails == [A_CHILD.email]
    assert proof.waiting(waits.account, a_request(practice)) is None
    assert Enrollment.objects.get(code=letter.code).proxy == NamedProxy.objects.get(record=letter.chart)


def test_teenager_who_has_not_said_yet_who_they_are_is_nobodys_guardian(practice: Practice) -> None:
    """Their own phone proves them, also once it is their security option."""
    born = timezone.localdate() - timedelta(days=15 * 366)
    teen = a_chart(practice, A_CHILD, birth_date=born, mobile_e164=ON_RECORD)
    own = [teen.email, ON_RECORD]  # as the desk was told
    Growing.objects.create(record=teen, practice=practice, teen_at=timezone.now(), contacts=[], own=own)
    letter = an_invitation(teen, check_in=True)
    browser = Mailbox(practice)
    browser.accept_invitation(letter)
    an_option(Account.objects.get(email=A_CHILD.email), ON_RECORD)
    assert browser.prove_phone(letter, ON_RECORD).url == RELATIONSHIP
    assert browser.post(RELATIONSHIP, {"relationship": "self"}).url == "/enroll/done/"
    assert PatientAccess.objects.get(record=teen).relationship == "self"


def test_mother_with_an_account_of_her_own_links_her_childs_code(practice: Practice) -> None:
    mother = an_account(practice, MARIA)
    letter = an_activation_code(a_chart(practice, A_CHILD, mobile_e164=ON_RECORD))
    browser = Mailbox(practice)
    browser.sign_in(mother.sign_in_name)
    assert browser.link(letter, "other").url == "/settings/code/carer/"
    assert browser.post("/settings/code/carer/", typed(MARIA)).url == APPROVAL
    assert "The practice looks at your request" in h1(browser.get(APPROVAL))
    assert not opens(mother, letter.chart)
    assert "Activation code added" not in browser.get("/home/", follow=True).content.decode()


def test_named_grandmother_links_her_code_and_it_opens(practice: Practice) -> None:
    code_and_check = a_practice("oak", proof="code_and_check")
    account = an_account(code_and_check, ANNA)
    letter = a_code_for(
        a_named_proxy(a_chart(code_and_check, A_CHILD), ANNA), kind=CodeKind.ACTIVATION, handover=Handover.EMAILED
    )
    browser = Mailbox(code_and_check)
    browser.sign_in(account.sign_in_name)
    browser.link(letter, "other")
    assert browser.post("/settings/code/carer/", typed(ANNA)).url == "/home/"
    assert "Activation code added" in browser.get("/home/", follow=True).content.decode()
    assert opens(account, letter.chart)


def test_account_of_somebody_is_no_disguise(practice: Practice) -> None:
    """Anna's account does not become Maria's, whatever is typed."""
    anna = an_account(practice, ANNA)
    letter = an_activation_code(a_chart(practice, A_CHILD))
    browser = Mailbox(practice)
    browser.sign_in(anna.sign_in_name)
    browser.link(letter, "other")
    page = browser.post("/settings/code/carer/", typed(MARIA))
    assert (page.status_code, h1(page)) == (409, "This account belongs to somebody else")
    assert not PatientAccess.objects.filter(record=letter.chart).exists()
    assert browser.post("/settings/code/carer/", typed(ANNA, "guardian")).url == APPROVAL


def test_form_of_another_tab_is_turned_back(practice: Practice) -> None:
    account = an_account(practice, MARIA)
    first, second = (an_activation_code(a_chart(practice, A_CHILD)) for _ in range(2))
    browser = Mailbox(practice)
    browser.sign_in(account.sign_in_name)
    browser.link(first, "other")
    mark = Enrollment.objects.get(code=first.code).mark
    browser.link(second, "other")
    assert browser.post("/settings/code/carer/", {**typed(), "enrollment": mark}).url == "/settings/code/whose/"
    assert not PatientAccess.objects.filter(record__in=[first.chart, second.chart]).exists()


def test_two_parents_and_four_people_behind_one_email_and_phone(practice: Practice) -> None:
    """Rule 13: nothing that a family shares stands in anybody's way, and none opens another's record."""
    child = a_chart(practice, A_CHILD, mobile_e164=ON_RECORD)
    shared, opened = "santos@example.com", []
    for number, person in enumerate((MARIA, ANNA)):
        letter = a_code_for(a_named_proxy(child, person))
        browser = Browser(practice)
        enroll(browser, in_hand(letter, shared), typed(person), username=f"parent.{number}")
        opened.append(PatientAccess.objects.get(record=child, account__sign_in_name=f"parent.{number}"))
    assert [one.state for one in opened] == ["active", "active"]
    for number, person in enumerate((MARIA, ANNA)):
        token = a_token(a_chart(practice, person, emails=[shared], mobile_e164=ON_RECORD))
        own = Browser(practice)
        own.enroll(token, username=f"patient.{number}")
        assert token.chart.mrn in own.get("/home/").content.decode()
        assert child.mrn not in own.get("/home/").content.decode()


@pytest.mark.parametrize(
    ("state", "title"),
    [("active", "You have this record already"), ("suspended", "We cannot open an account with this code")],
)
@pytest.mark.parametrize("whose", ["self", "other"])
def test_who_has_the_record_as_a_proxy_is_not_given_it_twice(
    practice: Practice, state: str, title: str, whose: str
) -> None:
    chart = a_chart(practice, ANNA)
    letter = a_code_for(a_named_proxy(chart, MARIA))
    enroll(Browser(practice), in_hand(letter, MARIA.email), typed(MARIA))
    mine = PatientAccess.objects.get(record=chart)
    PatientAccess.objects.filter(pk=mine.pk).update(state=state)
    browser = Mailbox(practice)
    browser.sign_in(MARIA.email)
    page = browser.link(an_activation_code(chart), whose)
    if whose == "other":
        page = browser.post("/settings/code/carer/", typed(MARIA))
    assert h1(page) == title
    mine.refresh_from_db()
    assert (mine.state, mine.relationship) == (state, "parent")
