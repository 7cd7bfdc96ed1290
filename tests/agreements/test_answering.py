"""Answers to consent forms: kept for good, once, and respected at once where they are about texts."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Account
from agreements import answering
from agreements.answering import NotCurrentError, RequiredError
from agreements.models import ConsentAnswer, ConsentVersion, Decision, Governs
from audit.models import AuditEvent
from notifications import texting
from notifications.models import Lane, TextingConsent
from practices.models import Practice
from tests import people
from tests.agreements.kit import SAID, a_form, agree, next_version, record_of, say_no, standing, the_text
from tests.audit.breaking import break_the_trail

MOBILE, OWN = "+12125550142", "+16465550177"


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    token = people.a_token_for(practice, mobile_e164=MOBILE, mobile_phone="(212) 555-0142")
    return people.an_account(practice, token=token)


def test_answer_keeps_text_version_language_answers_who_for_whom_and_from_where(
    account: Account, practice: Practice
) -> None:
    version = a_form(practice, spanish="Consentimiento")
    made = agree(account, practice, version, "es")
    made.refresh_from_db()
    text = the_text(version, "es")
    assert (made.text, made.sha256, made.number, made.language) == (text, text.sha256, 1, "es")
    assert (made.account, made.record, made.decision) == (account, record_of(account), Decision.GIVEN)
    assert (made.answers, made.address) == (SAID, people.HOME)
    [noted] = AuditEvent.objects.filter(event="consent.given", practice_id=practice.pk)
    assert (noted.actor_id, noted.subject_id) == (str(account.pk), str(made.pk))
    assert noted.details == {"form": version.form_id, "version": 1, "language": "es"}


def test_answering_twice_is_as_good_as_once(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    assert agree(account, practice, version) == agree(account, practice, version)


def test_answers_stand_one_after_another_and_the_newest_holds(account: Account, practice: Practice) -> None:
    version = a_form(practice, required=False)
    say_no(answering.decline, account, practice, version)
    agree(account, practice, version)
    say_no(answering.withdraw, account, practice, version)
    decisions = ConsentAnswer.objects.filter(account=account).order_by("pk").values_list("decision", flat=True)
    assert list(decisions) == ["declined", "given", "withdrawn"]
    assert not standing(account, practice).asks[0].is_given
    assert [people.trail(practice, f"consent.{word}") != [] for word in ("declined", "given", "withdrawn")] == [
        True
    ] * 3


def test_replaced_text_is_not_agreed_to(account: Account, practice: Practice) -> None:
    first = a_form(practice)
    next_version(first)
    with pytest.raises(NotCurrentError):
        agree(account, practice, first)
    with pytest.raises(NotCurrentError):
        say_no(answering.decline, account, practice, first)
    assert not ConsentAnswer.objects.filter(account=account).exists()


def test_required_agreement_is_not_withdrawn_here(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    agree(account, practice, version)
    with pytest.raises(RequiredError):
        say_no(answering.withdraw, account, practice, version)
    assert standing(account, practice).is_settled


def test_required_agreement_is_not_declined_once_it_is_given(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    agree(account, practice, version)
    with pytest.raises(RequiredError):
        say_no(answering.decline, account, practice, version)
    assert ConsentAnswer.objects.get(account=account).decision == Decision.GIVEN


def test_required_agreement_that_is_asked_again_can_be_declined(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    agree(account, practice, version)
    made = say_no(answering.decline, account, practice, next_version(version))
    assert made.decision == Decision.DECLINED


@pytest.mark.parametrize("statement", ["UPDATE {} SET decision = 'given'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_answer_cannot_be_changed(account: Account, practice: Practice, statement: str) -> None:
    agree(account, practice, a_form(practice))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("agreements_consentanswer"))


def test_answer_that_cannot_be_recorded_is_not_given(account: Account, practice: Practice) -> None:
    version = a_form(practice, required=False, governs=Governs.TEXTING)
    break_the_trail()
    with pytest.raises(IntegrityError):
        agree(account, practice, version)
    assert not ConsentAnswer.objects.filter(account=account).exists()
    assert not TextingConsent.objects.filter(account=account).exists()


def test_answered_in_ten_tabs_at_once_it_is_kept_once(committed_db: None) -> None:
    practice = people.a_practice()
    maria = people.someone_like(people.MARIA, email=f"maria@{practice.host}")
    account = people.an_account(practice, maria, verified=False)
    version = a_form(practice)
    ask, text, gate = standing(account, practice).asks[0], the_text(version), Barrier(10)
    failures: list[Exception] = []

    def press() -> None:
        try:
            gate.wait()
            answering.agree(account=account, ask=ask, text=text, answers=SAID, request=people.a_request(practice))
        except Exception as error:  # noqa: BLE001 - to be seen by the test
            failures.append(error)
        finally:
            connection.close()

    tabs = [Thread(target=press) for _ in range(10)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert failures == []
    assert ConsentAnswer.objects.filter(account=account).count() == 1


# --- Texts ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def form(practice: Practice) -> ConsentVersion:
    return a_form(practice, required=False, governs=Governs.TEXTING)


def texted(notice: str) -> list[str]:
    return [one["to"] for one in people.mail(notice, channel="sms", lane=Lane.BULK)]


def test_yes_is_about_the_phone_on_record_and_those_of_the_account(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    people.an_option(account, OWN)
    made = agree(account, practice, form)
    assert made.answers[-1] == {"kind": "phones", "label": "Phones", "answer": "•••-•••-0142, •••-•••-0177"}
    assert texting.agreed(practice, MOBILE)
    assert texting.agreed(practice, OWN)
    assert not texting.agreed(people.a_practice("oak"), MOBILE)
    assert texted("texting_on") == [MOBILE, OWN]


def test_no_and_nothing_said_mean_no_texts(account: Account, practice: Practice, form: ConsentVersion) -> None:
    assert not texting.agreed(practice, MOBILE)
    say_no(answering.decline, account, practice, form)
    assert not texting.agreed(practice, MOBILE)
    assert texted("texting_off") == []  # it never got any


def test_withdrawing_ends_texts_at_once_and_says_so_to_the_phone(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    people.an_option(account, OWN)
    agree(account, practice, form)
    say_no(answering.withdraw, account, practice, form)
    assert not texting.agreed(practice, MOBILE)
    assert not texting.agreed(practice, OWN)
    assert texted("texting_off") == [MOBILE, OWN]
    agree(account, practice, form)
    assert texting.agreed(practice, MOBILE)


def test_no_of_one_ends_texts_to_a_phone_that_several_share(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    token = people.a_token_for(practice, people.HER_FATHER, mobile_e164=MOBILE, mobile_phone="(212) 555-0142")
    father = people.an_account(practice, people.HER_FATHER, token=token)
    agree(account, practice, form)
    assert texting.agreed(practice, MOBILE)
    say_no(answering.decline, father, practice, form)
    assert not texting.agreed(practice, MOBILE)
    agree(father, practice, form)
    assert texting.agreed(practice, MOBILE)
