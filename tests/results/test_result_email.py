"""The email that there is something new: who gets it, and that it holds nothing of anybody's health (rule 10)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess, Relationship
from enrollment import codes
from enrollment.growing import Growing
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from notifications.models import Message
from notifications.words import Words, render
from practices.models import PatientRecord, Practice
from results import release
from results.models import Report, ReportState
from tests.alone import alone
from tests.enrollment.by_email import an_activation_code
from tests.enrollment.carers import a_code_for, a_named_proxy
from tests.people import (
    A_CHILD,
    A_STRANGER,
    ANNA,
    BEN,
    HER_FATHER,
    MARIA,
    Person,
    a_chart,
    a_practice,
    a_token,
    an_account,
    mail,
    someone_like,
)
from tests.results.kit import GLUCOSE, a_report, chart_of

__all__ = ["alone"]
pytestmark = pytest.mark.django_db

A_TEEN = someone_like(A_CHILD, born=timezone.localdate() - timedelta(days=15 * 366))


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def a_proxy(practice: Practice, chart: PatientRecord, person: Person, **changes: Any) -> Account:
    account = an_account(practice, person)
    facts = {"relationship": Relationship.PARENT, "state": AccessState.ACTIVE, "opened_at": timezone.now()}
    PatientAccess.objects.create(account=account, practice=practice, record=chart, **{**facts, **changes})
    return account


def told(chart: PatientRecord, **changes: Any) -> list[str]:
    """Who is told when a report of the record is released."""
    due = {"state": ReportState.HELD, "released_at": None, "release_at": timezone.now(), **changes}
    a_report(chart, {**GLUCOSE, "number": "314", "flag": "HH"}, **due)
    before = len(mail("new_result"))
    release.release_due()
    return sorted(one["to"] for one in mail("new_result")[before:])


def test_the_patient_is_told_at_the_accounts_own_email(practice: Practice) -> None:
    account = an_account(practice)
    chart = chart_of(account)
    chart.emails = ["somewhere.else@example.com"]
    chart.save()
    assert told(chart) == [MARIA.email]


def test_an_email_that_nobody_verified_gets_nothing(practice: Practice) -> None:
    assert told(chart_of(an_account(practice, verified=False))) == []


@pytest.mark.parametrize("state", [AccessState.WAITING, AccessState.APPROVAL, AccessState.ENDED])
def test_who_has_no_access_yet_or_any_more_is_not_told(practice: Practice, state: AccessState) -> None:
    chart = chart_of(an_account(practice))
    a_proxy(practice, chart, HER_FATHER, state=state, opened_at=None)
    assert told(chart) == [MARIA.email]


def test_a_stopped_access_tells_nobody_and_invites_nobody(practice: Practice) -> None:
    chart = chart_of(an_account(practice))
    PatientAccess.objects.filter(record=chart).update(state=AccessState.SUSPENDED)
    assert told(chart) == []


def test_an_account_that_was_closed_is_not_told(practice: Practice) -> None:
    account = an_account(practice)
    account.is_active = False
    account.save()
    assert told(chart_of(account)) == []


def test_proxies_are_told_but_not_of_what_is_for_the_patient_alone(practice: Practice) -> None:
    chart = chart_of(an_account(practice))
    a_proxy(practice, chart, HER_FATHER, relationship=Relationship.CAREGIVER)
    assert told(chart) == sorted([HER_FATHER.email, MARIA.email])
    assert told(chart, patient_only=True) == [MARIA.email]


def test_parents_hear_of_a_childs_results_and_not_of_a_teenagers(practice: Practice) -> None:
    child, teen = a_chart(practice, A_CHILD), a_chart(practice, A_TEEN)
    mother = a_proxy(practice, child, MARIA)
    PatientAccess.objects.create(
        account=mother, practice=practice, record=teen, relationship=Relationship.PARENT,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    assert (told(child), told(teen)) == ([MARIA.email], [])
    practice.settings.teen_results = True
    practice.settings.save()
    assert told(teen) == [MARIA.email]


def test_a_proxy_whose_time_is_over_is_not_told(practice: Practice) -> None:
    chart = chart_of(an_account(practice))
    a_proxy(practice, chart, HER_FATHER, relationship=Relationship.CAREGIVER, ends_on=timezone.localdate())
    assert told(chart) == [MARIA.email]


def a_carer(practice: Practice, chart: PatientRecord, **changes: Any) -> Account:
    return a_proxy(practice, chart, HER_FATHER, relationship=Relationship.CAREGIVER, **changes)


@pytest.mark.parametrize(
    "changes",
    [{}, {"ends_on": timezone.localdate()}, {"state": AccessState.SUSPENDED}, {"state": AccessState.WAITING}],
)
def test_a_patient_without_an_account_is_told_and_invited_whoever_cares_for_them(
    practice: Practice, changes: dict[str, Any]
) -> None:
    chart = a_chart(practice)
    a_carer(practice, chart, **changes)
    assert told(chart) == sorted([MARIA.email, *([] if changes else [HER_FATHER.email])])
    links = {one["to"]: one["link"] for one in mail("new_result")}
    assert not plain(links.pop(MARIA.email))
    assert all(map(plain, links.values())), "who cares for them signs in"
    assert told(chart, patient_only=True) == [MARIA.email]


def test_who_cares_is_told_once_where_the_record_has_their_email(practice: Practice) -> None:
    chart = a_chart(practice, someone_like(MARIA, email=HER_FATHER.email.title()))
    a_carer(practice, chart)
    assert told(chart) == [HER_FATHER.email]
    assert not EnrollmentCode.objects.filter(record=chart).exists()


def test_a_teenager_with_an_email_of_their_own_is_told(practice: Practice) -> None:
    """The mother sees no results of a teenager; until now nobody was told of them."""
    mine = "lily.own@example.com"
    chart = a_chart(practice, someone_like(A_TEEN, email=mine))
    a_proxy(practice, chart, MARIA)
    assert told(chart) == [], "nobody says that it is her own"
    Growing.objects.create(practice=practice, record=chart, teen_at=timezone.now(), own=[mine])
    assert told(chart) == [mine]


def test_another_address_of_a_child_is_not_invited_beside_its_parents(practice: Practice) -> None:
    chart = a_chart(practice, A_CHILD)
    a_proxy(practice, chart, HER_FATHER)
    assert told(chart) == [HER_FATHER.email]


@pytest.mark.parametrize("state", [AccessState.WAITING, AccessState.ENDED])
def test_an_own_account_that_does_not_open_the_record_is_none(practice: Practice, state: AccessState) -> None:
    chart = chart_of(an_account(practice))
    PatientAccess.objects.filter(record=chart).update(state=state)
    assert told(chart) == [chart.email]
    assert EnrollmentCode.objects.filter(record=chart, handover=Handover.RESULT).exists()


def test_it_is_in_the_language_of_the_account(practice: Practice) -> None:
    account = an_account(practice)
    account.language = "es"
    account.save()
    told(chart_of(account))
    assert Message.objects.get(notice="new_result").language == "es"


def test_two_who_share_an_email_get_one(practice: Practice) -> None:
    chart = chart_of(an_account(practice, ANNA, name="anna.keller"))
    account = an_account(practice, BEN, name="ben.keller")
    PatientAccess.objects.create(
        account=account, practice=practice, record=chart, relationship=Relationship.CAREGIVER,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    assert told(chart) == [ANNA.email]


def the_code(chart: PatientRecord) -> EnrollmentCode:
    return EnrollmentCode.objects.get(record=chart, handover=Handover.RESULT)


def test_a_patient_without_an_account_is_invited(practice: Practice) -> None:
    chart = a_chart(practice)
    assert told(chart) == [MARIA.email]
    code = the_code(chart)
    assert (code.kind, code.sent_to, code.state) == (CodeKind.INVITATION, MARIA.email, CodeState.PENDING)
    [said] = mail("new_result")
    assert said["until"] == code.expires_at.isoformat()
    assert len(said["link"].rstrip("/").split("/")) == 6, "the code stands in the link"


def plain(link: str) -> bool:
    """Whether a link holds no code."""
    return len(link.rstrip("/").split("/")) == 5


def test_a_letter_on_its_way_is_never_replaced(practice: Practice) -> None:
    chart = a_chart(practice)
    token = a_token(chart, mailed=True)
    assert told(chart) == [MARIA.email]
    assert plain(mail("new_result")[-1]["link"])
    assert token.now().state == CodeState.PENDING


def test_a_code_in_a_mailbox_is_never_replaced(practice: Practice) -> None:
    chart = a_chart(practice)
    letter = an_activation_code(chart)
    told(chart)
    assert (plain(mail("new_result")[-1]["link"]), letter.now().state) == (True, CodeState.PENDING)
    EnrollmentCode.objects.update(expires_at=timezone.now() - timedelta(days=1))
    told(chart)
    assert not plain(mail("new_result")[-1]["link"]), "an expired one is in nobody's way"


def test_a_code_of_somebody_who_cares_is_none_of_the_patients(practice: Practice) -> None:
    chart = a_chart(practice)
    theirs = a_code_for(a_named_proxy(chart, HER_FATHER))
    assert told(chart) == [MARIA.email]
    assert not plain(mail("new_result")[-1]["link"])
    assert theirs.now().state == CodeState.PENDING


def test_a_second_result_leaves_the_first_ones_code_alone(practice: Practice) -> None:
    chart = a_chart(practice)
    told(chart)
    told(chart)
    first, second = mail("new_result")
    assert (plain(first["link"]), plain(second["link"])) == (False, True)
    assert the_code(chart).state == CodeState.PENDING


@pytest.mark.parametrize("changes", [{"emails": []}, {"active": False}, {"deceased": True}])
def test_nobody_is_invited_without_an_email_or_as_an_inactive_patient(
    practice: Practice, changes: dict[str, Any]
) -> None:
    assert told(a_chart(practice, **changes)) == []


def test_a_childs_parents_are_invited_but_do_not_hear_of_what_is_private(practice: Practice) -> None:
    chart = a_chart(practice, A_CHILD)
    assert told(chart, patient_only=True) == []
    assert told(chart) == [A_CHILD.email]


def test_a_teenagers_result_does_not_go_to_a_guardians_email(practice: Practice) -> None:
    chart = a_chart(practice, A_TEEN)
    a_proxy(practice, chart, MARIA, state=AccessState.ENDED)
    assert told(chart) == []
    assert not EnrollmentCode.objects.filter(record=chart).exists()


def test_another_practice_tells_nobody_of_this_one(practice: Practice) -> None:
    account = an_account(practice)
    oak = a_practice("oak")
    chart = a_chart(oak, A_STRANGER)
    assert told(chart) == [A_STRANGER.email]
    assert account.email not in [one["to"] for one in mail("new_result", practice=oak)]


HEALTH = re.compile(
    r"result|laborator|\blabs?\b|\btests?\b|diagnos|blood|sample|specimen|glucose|diabet|health|medical|doctor|"
    r"resultado|an[aá]lisis|prueba|sangre|salud|m[eé]dic|diagn[oó]st|glucosa",
    re.IGNORECASE,
)
BUTTON = {"en": "View Results", "es": "Ver resultados"}


def said(practice: Practice, language: str, *, account: bool) -> Words:
    person = someone_like(MARIA, given="Quillon", family="Zephyrine")
    chart = chart_of(an_account(practice, person)) if account else a_chart(practice, person)
    Account.objects.update(language=language)
    PatientRecord.objects.filter(pk=chart.pk).update(language=language)
    told(chart, name="Glucose tolerance", laboratory="Elm Laboratory", conclusion="Diabetes.")
    return render(Message.objects.filter(notice="new_result").latest("pk"))


@pytest.mark.parametrize("account", [True, False])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_email_says_nothing_of_anybodys_health(practice: Practice, language: str, *, account: bool) -> None:
    words = said(practice, language, account=account)
    report = Report.objects.get()
    assert not HEALTH.search(words.subject)
    for text in (words.text, words.html):
        without_links = re.sub(r"https?://[^\s\"]+", "", text)
        assert not HEALTH.search(without_links.replace(BUTTON[language], "").replace("View Results", ""))
        for fact in ("Quillon", "Zephyrine", "1984", "314", "mg/dL", report.identifier, report.code, report.name):
            assert fact.lower() not in without_links.lower()
    [link] = set(re.findall(r"https?://[^\s\"]+/view-results/[^\s\"]+", words.text))
    assert not re.search(r"glucose|zephyrine|quillon|1984|314\b", link, re.IGNORECASE)


def test_issuing_for_a_result_is_what_codes_call_it(practice: Practice) -> None:
    chart = a_chart(practice)
    told(chart)
    assert the_code(chart).expires_at - timezone.now() <= codes.lifetime(practice, CodeKind.INVITATION, Handover.RESULT)
