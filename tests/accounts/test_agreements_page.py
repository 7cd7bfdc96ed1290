"""**Agreements and consent forms**: what stands between sign-in and home, its forms, and the ways out (flow E)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.agreed import NEXT_KEY
from accounts.models import AccessState, Account, PatientAccess
from agreements.models import ConsentAnswer, Decision
from practices.models import Practice
from tests.agreements.kit import BODY, EVERY_KIND, a_form, form_page, next_version, submit, typed
from tests.people import (
    HER_FATHER,
    Browser,
    a_chart,
    a_token_for,
    front_desk,
    h1,
    words,
)

pytestmark = pytest.mark.django_db
LIST = "/agreements/"


@pytest.fixture
def maria(account: Account, practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def decisions(account: Account) -> list[str]:
    return list(ConsentAnswer.objects.filter(account=account).order_by("pk").values_list("decision", flat=True))


def test_required_form_stands_before_home_until_submit(maria: Browser, account: Account, practice: Practice) -> None:
    a_form(practice)
    assert maria.get("/home/").url == LIST
    page = maria.get(LIST)
    assert h1(page) == "Agreements and consent forms"
    assert "for Maria Elena Santos · required" in words(page)
    assert "Continue" not in words(page)
    assert submit(maria).url == LIST
    assert maria.get(LIST).url == "/home/"
    assert "Your answer is saved" in maria.get("/home/").content.decode()
    assert decisions(account) == [Decision.GIVEN]


def test_form_shows_text_version_and_for_whom(maria: Browser, practice: Practice) -> None:
    a_form(practice, questions=EVERY_KIND)
    page = maria.get(form_page(maria))
    assert h1(page) == "Portal Consent"
    for said in (
        "for Maria Elena Santos",
        "You see your record.",
        "Version 1",
        "Interpreter?",
        "Anything else? (optional)",
    ):
        assert said in words(page)


def test_answers_of_every_kind_are_kept_as_they_were_given(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice, questions=EVERY_KIND)
    submit(maria, text="  My knee ", signature="María Santos")
    kept = ConsentAnswer.objects.get(account=account).answers
    assert [(one["label"], one["answer"]) for one in kept] == [
        ("I agree.", "yes"),
        ("Interpreter?", "no"),
        ("How?", "By phone"),
        ("Anything else?", "My knee"),
        ("Your full name", "María Santos"),
    ]


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        ({"acknowledge": ""}, "Check the box: I agree."),
        ({"yes_no": ""}, "Choose an answer: Interpreter?"),
        ({"choice": "7"}, "Choose an answer: How?"),
        ({"signature": ""}, "Enter your full name."),
        ({"signature": "..1"}, "Type your full name, in letters."),
        ({"text": "x" * 301}, "Use at most 300 characters."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    maria: Browser, account: Account, practice: Practice, left_out: dict[str, str], says: str
) -> None:
    a_form(practice, questions=EVERY_KIND)
    page = submit(maria, **{"text": "My knee", **left_out})
    assert says in words(page)
    assert left_out.get("text", "My knee") in page.content.decode()
    assert decisions(account) == []


def test_refusing_a_required_one_shows_the_help_line_and_the_way_out(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice)
    address = form_page(maria)
    shown = typed(maria.get(address))["shown"]
    for _ in range(2):
        assert maria.post(f"{address}decline/", {"shown": shown}).url == "/agreements/refused/"
    page = maria.get("/agreements/refused/")
    assert practice.phone in words(page)
    assert "Sign out" in words(page)
    assert decisions(account) == [Decision.DECLINED]
    assert maria.get("/home/").url == LIST
    submit(maria)
    assert maria.is_signed_in
    assert maria.post("/sign-out/").url == "/signed-out/"


def test_refusing_what_was_agreed_to_in_another_tab_leads_to_how_it_is_taken_back(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice)
    address = form_page(maria)
    shown = typed(maria.get(address))["shown"]
    submit(maria)
    answer = maria.post(f"{address}decline/", {"shown": shown})
    assert practice.phone in words(maria.get(answer.url))
    assert decisions(account) == [Decision.GIVEN]
    assert maria.is_signed_in


def test_signing_out_is_possible_before_answering(maria: Browser, practice: Practice) -> None:
    a_form(practice)
    assert b"Sign out" in maria.get(LIST).content
    assert maria.post("/sign-out/").url == "/signed-out/"


def test_optional_one_waits_on_the_list_and_blocks_nothing(
    maria: Browser, account: Account, practice: Practice
) -> None:
    a_form(practice, title="Telehealth", required=False)
    assert maria.is_signed_in
    page = maria.get(LIST)
    assert "for Maria Elena Santos · your choice" in words(page)
    assert 'href="/home/">Continue' in page.content.decode()
    address = form_page(maria, "Telehealth")
    assert maria.post(f"{address}decline/", {"shown": typed(maria.get(address))["shown"]}).url == LIST
    assert maria.get(LIST).url == "/home/"
    assert decisions(account) == [Decision.DECLINED]


def test_list_leads_on_to_where_the_session_was_going(maria: Browser, practice: Practice) -> None:
    a_form(practice)
    session = maria.session
    session[NEXT_KEY] = "security"
    session.save()
    submit(maria)
    assert maria.get(LIST).url == "/settings/security/"
    assert maria.get(LIST).url == "/home/"


def test_who_enrolls_answers_before_the_last_page(practice: Practice) -> None:
    a_form(practice)
    browser = Browser(practice)
    assert browser.enroll(a_token_for(practice)).url == "/enroll/done/"
    assert browser.get("/enroll/done/").url == LIST
    submit(browser)
    assert browser.get(LIST).url == "/enroll/done/"
    assert h1(browser.get("/enroll/done/")) == "You're enrolled"


def test_looking_answers_nothing(maria: Browser, account: Account, practice: Practice) -> None:
    a_form(practice)
    maria.get(form_page(maria))
    assert maria.get(f"{form_page(maria)}decline/").status_code == 405
    assert decisions(account) == []


def test_new_version_is_asked_again_and_shows_what_changed(maria: Browser, practice: Practice) -> None:
    version = a_form(practice)
    submit(maria)
    next_version(version, body=BODY.replace("- Free", "- Free, as before") + "- New here")
    assert maria.get("/home/").url == LIST
    assert "new version" in words(maria.get(LIST))
    page = maria.get(form_page(maria))
    assert "What changed Before Free Now Free, as before Added New here" in words(page)
    assert "<del>Free</del> " in page.content.decode()
    assert "<ins>Free, as before</ins>" in page.content.decode()
    submit(maria)
    assert maria.is_signed_in


def test_answer_to_a_replaced_version_is_not_taken(maria: Browser, account: Account, practice: Practice) -> None:
    version = a_form(practice)
    address = form_page(maria)
    answers = typed(maria.get(address))
    next_version(version)
    assert maria.post(address, answers).url == address
    assert "changed this form in the meantime" in maria.get(address).content.decode()
    assert decisions(account) == []


@pytest.mark.parametrize("shown", ["", "0", "x", "9" * 30])
def test_answer_to_no_text_at_all_is_not_taken(
    maria: Browser, account: Account, practice: Practice, shown: str
) -> None:
    a_form(practice)
    address = form_page(maria)
    answers = {**typed(maria.get(address)), "shown": shown}
    assert maria.post(address, answers).url == address
    assert maria.post(f"{address}decline/", {"shown": shown}).url == address
    assert decisions(account) == []


def test_form_is_in_the_language_of_the_page(account: Account, practice: Practice) -> None:
    a_form(practice, spanish="Consentimiento")
    browser = Browser(practice, language="es")
    browser.sign_in(account.sign_in_name)
    page = browser.get(form_page(browser, "Consentimiento"))
    assert "Ve su expediente." in words(page)
    submit(browser, "Consentimiento")
    assert ConsentAnswer.objects.get(account=account).language == "es"


def test_each_record_is_answered_for(maria: Browser, account: Account, practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER)
    PatientAccess.objects.create(
        account=account, practice=practice, record=chart, state=AccessState.ACTIVE, relationship="parent"
    )
    a_form(practice)
    assert "for Maria Elena Santos" in words(maria.get(LIST))
    assert "for Rafael Santos" in words(maria.get(LIST))
    submit(maria)
    assert maria.get("/home/").url == LIST
    submit(maria)
    assert maria.is_signed_in
    assert set(ConsentAnswer.objects.values_list("record", flat=True)) == {
        one.record_id for one in PatientAccess.objects.filter(account=account)
    }


def test_nobody_answers_for_a_record_of_somebody_else(maria: Browser, account: Account, practice: Practice) -> None:
    version = a_form(practice)
    stranger = a_chart(practice, HER_FATHER)
    own = form_page(maria)
    answers = typed(maria.get(own))
    for key in (f"{version.form_id}-{stranger.pk}", f"{version.form_id}-0", "1-1", "x"):
        for address in (f"/agreements/form/{key}/", f"/agreements/form/{key}/decline/"):
            assert maria.post(address, answers).status_code == 404
    assert decisions(account) == []


def test_staff_are_asked_nothing(practice: Practice) -> None:
    a_form(practice)
    browser = Browser(practice)
    browser.sign_in(front_desk(practice).sign_in_name)
    assert "/protect/" in browser.get("/home/").url
    assert "/protect/" in browser.get(LIST).url


def test_as_many_queries_for_one_form_as_for_twenty(maria: Browser, practice: Practice) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            maria.get(LIST)
        return len(seen)

    a_form(practice, title="First")
    maria.get(LIST)
    before = queries()
    for number in range(19):
        a_form(practice, title=f"Form {number}")
    assert queries() == before


def test_gate_costs_home_one_query(maria: Browser, practice: Practice) -> None:
    maria.get("/home/")
    with CaptureQueriesContext(connection) as seen:
        maria.get("/home/")
    assert sum("agreements_consentversion" in one["sql"] for one in seen) == 1


def test_anybody_signs_in_first(practice: Practice) -> None:
    assert Browser(practice).get(LIST).url == f"/?next={LIST}"
