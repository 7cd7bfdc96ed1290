"""**My agreements**: where each form stands, a receipt for every answer, and taking an agreement back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessState, Account, PatientAccess
from agreements.models import Acceptance, ConsentAnswer, Decision, Governs
from agreements.terms import fingerprint
from agreements.words import document
from notifications import texting
from practices.models import Practice
from tests.agreements.kit import EVERY_KIND, a_form, next_version, record_of, submit, typed
from tests.people import A_STRANGER, Browser, a_practice, a_token_for, an_account, h1, words

pytestmark = pytest.mark.django_db
PAGE = "/settings/agreements/"
MOBILE = "+12125550142"


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice, token=a_token_for(practice, mobile_e164=MOBILE, mobile_phone="(212) 555-0142"))


@pytest.fixture
def maria(account: Account, practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def withdrawal(account: Account) -> str:
    answer = ConsentAnswer.objects.filter(account=account).latest("pk")
    return f"{PAGE}form/{answer.form_id}-{answer.record_id}/withdraw/"


def test_everything_that_was_answered_is_listed(maria: Browser, practice: Practice) -> None:
    a_form(practice)
    a_form(practice, title="Telehealth", required=False)
    submit(maria)
    page = maria.get(PAGE)
    assert h1(page) == "My agreements"
    said = words(page)
    assert "Telehealth · for Maria Elena Santos Not answered yet Read and answer" in said
    assert "Portal Consent · for Maria Elena Santos Agreed on" in said
    assert "Privacy Policy Accepted" in said
    assert "Terms and Conditions Accepted" in said


def test_receipt_says_who_what_for_whom_when_and_from_where(
    maria: Browser, account: Account, practice: Practice
) -> None:
    version = a_form(practice, questions=EVERY_KIND)
    submit(maria)
    answer = ConsentAnswer.objects.get(account=account)
    page = maria.get(f"{PAGE}{answer.pk}/")
    assert h1(page) == "Portal Consent"
    text = version.texts.get()
    assert answer.sha256 == fingerprint(document(text, version.questions.all()))
    said = words(page)
    for fact in (
        "Answer Agreed", "Patient Maria Elena Santos", f"({account.sign_in_name})", "From address 198.51.100.7",
        "Version 1,", "Language English", "Interpreter? No", "How? By phone", "Anything else? No answer",
        "Your full name Maria Santos", answer.sha256, "You see your record.",
    ):  # fmt: skip
        assert fact in said
    assert "data-print" in page.content.decode()


def test_receipt_stays_as_it_was_when_the_form_changes_and_access_ends(
    maria: Browser, account: Account, practice: Practice
) -> None:
    version = a_form(practice)
    submit(maria)
    next_version(version, body="Something else.")
    PatientAccess.objects.filter(account=account).update(state=AccessState.ENDED)
    answer = ConsentAnswer.objects.get(account=account)
    said = words(maria.get(f"{PAGE}{answer.pk}/"))
    assert "You see your record." in said
    assert "Version 1," in said
    assert "Portal Consent" in words(maria.get(PAGE))


def test_receipt_of_terms(maria: Browser, account: Account) -> None:
    acceptance = Acceptance.objects.filter(account=account).latest("pk")
    page = maria.get(f"{PAGE}terms/{acceptance.pk}/")
    assert "Answer Accepted" in words(page)
    assert acceptance.sha256 in words(page)


def test_receipts_of_others_and_of_other_practices_are_not_there(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice)
    submit(maria)
    answer, acceptance = ConsentAnswer.objects.get(account=account), Acceptance.objects.filter(account=account)[0]
    elsewhere = a_practice("oak")
    stranger = an_account(practice, A_STRANGER)
    for browser, name in ((Browser(practice), stranger.sign_in_name), (Browser(elsewhere), account.sign_in_name)):
        browser.sign_in(name)
        assert browser.get(f"{PAGE}{answer.pk}/").status_code == 404
        assert browser.get(f"{PAGE}terms/{acceptance.pk}/").status_code == 404


def test_optional_agreement_is_withdrawn_at_once_and_given_again(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice, title="Texts", required=False, governs=Governs.TEXTING)
    submit(maria, "Texts")
    assert texting.agreed(practice, MOBILE)
    page = maria.get(withdrawal(account))
    assert "We stop texting you reminders and notices at once." in words(page)
    assert texting.agreed(practice, MOBILE)
    assert maria.post(withdrawal(account)).url == PAGE
    assert not texting.agreed(practice, MOBILE)
    page = maria.get(PAGE)
    assert "Withdrawn on" in words(page)
    assert maria.is_signed_in
    again = f"/agreements/form/{ConsentAnswer.objects.latest('pk').form_id}-{record_of(account).pk}/"
    form = maria.get(again).context["form"]
    question = next(name for name in form.fields if name.startswith("question"))
    maria.post(again, {"shown": form.initial["shown"], question: "on"})
    assert texting.agreed(practice, MOBILE)
    decisions = ConsentAnswer.objects.filter(account=account).order_by("pk").values_list("decision", flat=True)
    assert list(decisions) == [Decision.GIVEN, Decision.WITHDRAWN, Decision.GIVEN]


def test_yes_is_said_ten_times_a_day_and_no_whenever_it_is_meant(
    maria: Browser, account: Account, practice: Practice
) -> None:
    version = a_form(practice, title="Texts", required=False, governs=Governs.TEXTING)
    form = f"/agreements/form/{version.form_id}-{record_of(account).pk}/"
    answers = typed(maria.get(form))
    for _ in range(10):
        assert maria.post(form, answers).url == "/agreements/"
        assert maria.post(withdrawal(account)).url == PAGE
    refused = maria.post(form, answers)
    assert refused.status_code == 429
    assert "many times today" in words(refused)
    assert not texting.agreed(practice, MOBILE)


def test_required_agreement_is_withdrawn_by_calling_the_practice(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice)
    submit(maria)
    assert practice.phone in words(maria.get(withdrawal(account)))
    assert practice.phone in words(maria.post(withdrawal(account)))
    assert ConsentAnswer.objects.get(account=account).decision == Decision.GIVEN


def test_what_was_not_agreed_to_is_not_withdrawn(maria: Browser, account: Account, practice: Practice) -> None:
    version = a_form(practice, required=False)
    address = f"{PAGE}form/{version.form_id}-{record_of(account).pk}/withdraw/"
    assert maria.post(address).url == PAGE
    assert maria.post(f"{PAGE}form/1-1/withdraw/").status_code == 404
    assert not ConsentAnswer.objects.exists()


def test_given_form_leads_to_its_receipt(maria: Browser, account: Account, practice: Practice) -> None:
    a_form(practice)
    submit(maria)
    answer = ConsentAnswer.objects.get(account=account)
    assert maria.get(f"/agreements/form/{answer.form_id}-{answer.record_id}/").url == PAGE


def test_as_many_queries_for_one_answer_as_for_twenty(maria: Browser, practice: Practice) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            maria.get(PAGE)
        return len(seen)

    a_form(practice, title="First")
    submit(maria, "First")
    maria.get(PAGE)
    before = queries()
    for number in range(19):
        a_form(practice, title=f"Form {number}.")
        submit(maria, f"Form {number}.")
    maria.get(PAGE)  # says that the answer is saved, once
    assert queries() == before
