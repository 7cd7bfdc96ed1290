"""Which agreements wait: the decision as a table, and everything that it needs in one query."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import AccessState, Account, PatientAccess, Relationship
from agreements import changes, consents, drafts, terms
from agreements.changes import Change
from agreements.consents import Asked, Said, is_due, months_after
from agreements.models import ConsentAnswer, Decision, Kind, Whose
from practices.models import Practice
from tests import people
from tests.agreements.kit import a_form, next_version, standing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATELY, LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC), datetime(2025, 11, 22, 12, tzinfo=UTC)
GIVEN, DECLINED, WITHDRAWN = Decision.GIVEN, Decision.DECLINED, Decision.WITHDRAWN


def asked(*, required: bool = True, months: int | None = None, number: int = 3, since: int = 2) -> Asked:
    return Asked(1, 7, number, since, "", required, Whose.RECORD, months)


def said(decision: Decision, *, number: int = 3, at: datetime = LATELY) -> Said:
    return Said(9, number, decision, at)


@pytest.mark.parametrize(
    ("form", "answer", "due"),
    [
        (asked(), None, True),
        (asked(required=False), None, True),
        (asked(), said(GIVEN), False),
        (asked(), said(GIVEN, number=2), False),  # version 3 only mended a word
        (asked(), said(GIVEN, number=1), True),  # version 2 asked again
        (asked(required=False), said(GIVEN, number=1), True),
        (asked(required=False), said(DECLINED, number=1), True),
        (asked(required=False), said(DECLINED), False),  # a no is a no
        (asked(required=False), said(WITHDRAWN), False),
        (asked(), said(DECLINED), True),  # it stands between sign-in and home
        (asked(), said(WITHDRAWN), True),  # it was optional when it was withdrawn
        (asked(months=12), said(GIVEN), False),
        (asked(months=12), said(GIVEN, at=LONG_AGO), True),
        (asked(months=13), said(GIVEN, at=LONG_AGO), False),
        (asked(required=False, months=12), said(DECLINED, at=LONG_AGO), True),
        (asked(required=False, months=12), said(DECLINED), False),
        (asked(), said(GIVEN, at=LONG_AGO), False),
    ],
)
def test_when_a_form_is_asked(form: Asked, answer: Said | None, *, due: bool) -> None:
    assert is_due(form, answer, NOW) is due


@pytest.mark.parametrize(
    ("at", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-22", 12, "2027-11-22"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-08-31", 6, "2027-02-28"),
    ],
)
def test_months_are_those_of_the_calendar(at: str, months: int, then: str) -> None:
    assert months_after(datetime.fromisoformat(f"{at}T09:30Z"), months) == datetime.fromisoformat(f"{then}T09:30Z")


def test_what_changed_is_said_line_by_line() -> None:
    old = ["Title", "Stays.", "Was here.", "Goes."]
    new = ["Title", "Is new.", "Stays.", "Is here now."]
    assert changes.between(old, new) == [
        Change("", "Is new."),
        Change("Was here.", "Is here now."),
        Change("Goes.", ""),
    ]
    assert changes.between(new, new) == []


def test_changed_words_of_a_line_are_told_from_those_that_stay() -> None:
    change = Change("It is free, and your choice.", "It costs nothing, and your choice.")
    assert change.before_parts == [("It", False), ("is free,", True), ("and your choice.", False)]
    assert change.now_parts == [("It", False), ("costs nothing,", True), ("and your choice.", False)]


LINES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine it is
@given(LINES, LINES)
def test_nothing_that_changed_is_left_out(old: list[str], new: list[str]) -> None:
    found = changes.between(old, new)
    gone, come = [one.before for one in found if one.before], [one.now for one in found if one.now]
    left = sorted(old)
    for line in gone:
        left.remove(line)
    assert sorted([*left, *come]) == sorted(new)


# --- With the database ------------------------------------------------------------------------------------------------


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return people.an_account(practice)


def another_record(account: Account, practice: Practice) -> PatientAccess:
    """As a carer will have: another patient's record, open."""
    chart = people.a_chart(practice, people.HER_FATHER)
    access = PatientAccess(account=account, practice=practice, record=chart, state=AccessState.ACTIVE)
    access.relationship = "parent"
    access.save()
    return access


def test_nothing_waits_where_nothing_is_asked(account: Account, practice: Practice) -> None:
    assert standing(account, practice).is_settled


def test_form_of_records_waits_for_each_record(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    another_record(account, practice)
    here = standing(account, practice)
    records = list(
        PatientAccess.objects.filter(account=account).order_by("record_id").values_list("record_id", flat=True)
    )
    assert [(ask.asked.form, ask.record) for ask in here.due] == [(version.form_id, record) for record in records]
    assert here.blocks


def test_form_of_accounts_waits_once(account: Account, practice: Practice) -> None:
    a_form(practice, whose=Whose.ACCOUNT)
    another_record(account, practice)
    assert [ask.record for ask in standing(account, practice).due] == [None]


def test_required_ones_come_first_and_optional_ones_block_nothing(account: Account, practice: Practice) -> None:
    a_form(practice, title="Optional", required=False)
    assert not standing(account, practice).blocks
    a_form(practice, title="Required")
    assert [ask.asked.required for ask in standing(account, practice).due] == [True, False]


def test_draft_and_retired_forms_are_not_asked(account: Account, practice: Practice) -> None:
    drafts.begin_form(practice=practice, title="A draft")
    drafts.retire(form=a_form(practice).form, by=None)
    assert standing(account, practice).asks == ()


def test_forms_of_another_practice_are_not_asked_here(account: Account, practice: Practice) -> None:
    a_form(people.a_practice("oak"))
    assert standing(account, practice).asks == ()


@pytest.mark.parametrize("state", [AccessState.WAITING, AccessState.SUSPENDED, AccessState.ENDED])
def test_who_opens_no_record_owes_nothing(account: Account, practice: Practice, state: AccessState) -> None:
    a_form(practice)
    terms.publish(practice=practice, kind=Kind.TERMS, texts={"en": "New"}, by=None)
    PatientAccess.objects.filter(account=account).update(state=state)
    assert standing(account, practice).is_settled


def test_new_terms_wait_until_they_are_accepted(account: Account, practice: Practice) -> None:
    terms.publish(practice=practice, kind=Kind.PRIVACY, texts={"en": "New"}, by=None)
    assert standing(account, practice).terms_due
    shown = terms.current(practice, "es").ids
    terms.accept(account=account, practice=practice, shown=shown, at=timezone.now(), request=people.a_request(practice))
    assert not standing(account, practice).terms_due


def test_acceptance_at_another_practice_does_not_count(practice: Practice) -> None:
    elsewhere = people.a_practice("oak")
    account = people.an_account(elsewhere)
    chart = people.a_chart(practice)
    PatientAccess.objects.create(
        account=account, practice=practice, record=chart, state=AccessState.ACTIVE, relationship=Relationship.SELF
    )
    assert standing(account, practice).terms_due


def test_mended_version_asks_nobody_again(account: Account, practice: Practice) -> None:
    first = a_form(practice)
    answer(account, practice, number=1)
    next_version(first, asks_again=False)
    assert not standing(account, practice).due
    next_version(first)
    next_version(first, asks_again=False)
    assert standing(account, practice).due


def answer(account: Account, practice: Practice, *, number: int) -> None:
    [ask] = standing(account, practice).asks
    text = ask.asked.version
    made = ConsentAnswer(
        form_id=ask.asked.form, account=account, record_id=ask.record, decision=GIVEN, number=number, language="en"
    )
    made.text_id = practice.consent_forms.get().versions.get(pk=text).texts.get().pk
    made.sha256 = "x"
    made.save()


def test_finding_them_is_two_queries_however_many_there_are(
    account: Account, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        a_form(practice, title=f"Form {number}")
    another_record(account, practice)
    with django_assert_num_queries(2):
        assert len(standing(account, practice).due) == 20


def test_unknown_addresses_find_nothing(account: Account, practice: Practice) -> None:
    version = a_form(practice)
    here = standing(account, practice)
    assert here.find(here.asks[0].key) == here.asks[0]
    stranger = people.a_chart(practice, people.A_STRANGER)
    for key in (f"{version.form_id}-{stranger.pk}", f"{version.form_id}-0", "1", "", "x-y"):
        assert here.find(key) is None


def test_consents_module_is_total_over_decisions() -> None:
    for decision in Decision:
        assert consents.is_due(asked(required=True), said(decision), NOW) is (decision != GIVEN)
