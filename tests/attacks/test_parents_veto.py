"""The attacker: a parent who still reads the family's mailbox, and stops what the young patient does (rule 12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from enrollment import growing_up, guardians, naming
from enrollment.growing import Growing
from enrollment.named_proxy import NamedBy
from notifications.models import Channel
from notifications.words import render_notice
from practices.models import PatientRecord, Practice
from tests.attacks.test_parent_of_a_teen import (
    FAMILY,
    MOTHER,
    ONE_DAY,
    PHONE_AT_HOME,
    TODAY,
    a_mother,
    a_patient,
    opens_nothing,
    years,
)
from tests.enrollment.by_email import PHONE, Mailbox, an_activation_code
from tests.enrollment.carers import a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.enrollment.people_kit import an_access, who
from tests.people import (
    A_STRANGER,
    PASSWORD,
    Browser,
    Person,
    a_practice,
    a_request,
    a_token,
    an_option,
    front_desk,
    mail,
    words,
)

pytestmark = pytest.mark.django_db

HER_OWN, HER_PHONE, NEW_PHONE = "lily.own@example.com", "+12125550178", "+12125550179"
FATHER = Person("Walter", "Hughes", MOTHER.born - timedelta(days=900), "walter@example.com")


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture(params=["before the task", "after the task"])
def task(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "after the task")


def of_age(practice: Practice, age: int, *, task: bool) -> PatientRecord:
    chart = a_patient(practice, years(TODAY, -age))
    a_mother(chart)
    if task:
        growing_up.run(practice, TODAY)
    return chart


def herself(chart: PatientRecord) -> PatientAccess:
    """Lily's own account, of long ago, with an email of her own."""
    mine = an_access(
        chart, Person("Lily", "Santos", chart.birth_date, HER_OWN), relationship=Relationship.SELF,
        level=AccessLevel.FULL,
    )  # fmt: skip
    long_ago = timezone.now() - timedelta(days=99)
    Account.objects.filter(pk=mine.account_id).update(created_at=long_ago, email_verified_at=long_ago)
    mine.account.refresh_from_db()
    return mine


def links(notice: str, key: str = "not_me") -> dict[str, bool]:
    """Who was told, and whether they may stop it."""
    return {one["to"]: bool(one[key]) for one in mail(notice)}


# --- The young patient's own account ----------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [14, 19])
def test_of_the_young_patients_own_account_the_family_is_told_and_stops_nothing(
    practice: Practice, age: int, *, task: bool
) -> None:
    chart = of_age(practice, age, task=task)
    Browser(practice).enroll(a_token(chart), username="lily-herself", email="")
    assert links("record_enrolled") == {FAMILY: False, PHONE_AT_HOME: False}


def test_nor_where_she_typed_the_familys_mailbox_as_hers(practice: Practice) -> None:
    chart = of_age(practice, 14, task=True)
    Browser(practice).enroll(a_token(chart), email=FAMILY)
    assert links("enrollment_complete") == {FAMILY: False}
    assert links("record_enrolled") == {PHONE_AT_HOME: False}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("notice", "key"),
    [("record_enrolled", "not_me"), ("proxy_claimed", "refuse"), ("proxy_named", "not_me"), ("email_replaced", "undo")],
)
def test_who_may_stop_nothing_reads_whom_to_call(practice: Practice, notice: str, key: str, language: str) -> None:
    context = {"practice": practice, key: ""}
    for channel in (Channel.EMAIL, Channel.SMS):
        said = render_notice(notice, context, language=language, zone="America/New_York", channel=channel)
        assert practice.phone in said.text.partition(" · ")[0].partition("---")[0]
        assert "/not-m" not in said.text + said.html
        assert "seven days" not in said.text + said.html


@pytest.mark.parametrize("days", [0, 99])
def test_her_new_password_is_not_taken_back_from_the_familys_mailbox(practice: Practice, days: int) -> None:
    chart = of_age(practice, 14, task=True)
    lily, new = Browser(practice), "Quiet-meadow-77"
    lily.enroll(a_token(chart), username="lily-herself", email="")
    Account.objects.filter(sign_in_name="lily-herself").update(created_at=timezone.now() - timedelta(days=days))
    lily.post("/settings/password/", {"current_password": PASSWORD, "password": new, "confirm_password": new})
    assert links("password_changed") == {FAMILY: False, PHONE_AT_HOME: False}


def test_the_email_of_her_record_is_not_put_back_from_the_familys_mailbox(practice: Practice) -> None:
    chart = of_age(practice, 14, task=True)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[HER_OWN], mobile_e164=HER_PHONE)
    chart.refresh_from_db()
    Growing.objects.filter(record=chart).update(own=[HER_OWN, HER_PHONE])  # confirmed by the desk, days ago
    letter, lily = an_activation_code(chart), Mailbox(practice)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[FAMILY])  # the roster brings the old one again
    lily.open_account(letter)
    lily.prove_phone(letter, HER_PHONE)
    assert links("email_replaced", "undo") == {FAMILY: False, HER_PHONE: True, HER_OWN: False}


# --- Whom she lets in -------------------------------------------------------------------------------------------------


def test_whom_a_young_adult_invites_she_alone_stops(practice: Practice, *, task: bool) -> None:
    chart = of_age(practice, 19, task=task)
    mine = herself(chart)
    naming.name(chart=chart, who=who(), source=NamedBy.PATIENT, by=mine.account)
    assert links("proxy_named") == {FAMILY: False, PHONE_AT_HOME: False, HER_OWN: True}


def test_her_fathers_claim_she_refuses_herself_and_so_she_does_by_text(practice: Practice, *, task: bool) -> None:
    chart = of_age(practice, 19, task=task)
    mine, letter = herself(chart), a_code_for(a_named_proxy(chart, A_STRANGER))
    option, long_ago = an_option(mine.account, HER_PHONE), timezone.now() - timedelta(days=99)
    type(option).objects.filter(pk=option.pk).update(created_at=long_ago)
    enroll(Browser(practice), in_hand(letter, FATHER.email), typed(FATHER), username="her-father")
    told = links("proxy_claimed", "refuse")
    assert told == {FAMILY: False, PHONE_AT_HOME: False, HER_OWN: True, HER_PHONE: True}


@pytest.mark.parametrize(("age", "stops"), [(9, True), (14, True), (19, False)])
def test_of_who_else_acts_for_a_minor_its_guardians_decide(
    practice: Practice, age: int, *, stops: bool, task: bool
) -> None:
    chart = of_age(practice, age, task=task)
    named = a_named_proxy(chart, A_STRANGER)
    enroll(Browser(practice), in_hand(a_code_for(named), A_STRANGER.email), typed(A_STRANGER))
    assert links("record_enrolled") == {FAMILY: stops, PHONE_AT_HOME: stops}


# --- What a roster brings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [14, 18, 19])
def test_a_parents_new_phone_that_a_roster_brought_opens_nothing_at_any_age(practice: Practice, age: int) -> None:
    """The mother tells the practice her new number; nothing says whose it is."""
    chart = a_patient(practice, years(TODAY, -14))
    growing_up.run(practice, TODAY)
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164=NEW_PHONE)
    born = years(TODAY, -age)
    at_eighteen = years(chart.birth_date, 18)
    for day in (TODAY + ONE_DAY, *((at_eighteen, at_eighteen + ONE_DAY) if age >= 18 else ())):
        growing_up.run(practice, day)
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=born)
    chart.refresh_from_db()
    assert guardians.own_phones(chart, practice) == []
    thief = Browser(practice)
    thief.enroll(a_token(chart, mailed=True), username="not-lily-at-all", email="")
    assert NEW_PHONE[-4:] not in words(thief.get(PHONE))
    thief.post(PHONE, {"birth_date": f"{born:%m/%d/%Y}", "way": f"sms-{NEW_PHONE[-4:]}"})
    assert opens_nothing(chart)


def test_what_her_own_account_verified_is_her_own_also_when_she_is_of_age(practice: Practice) -> None:
    chart = of_age(practice, 14, task=True)
    mine = herself(chart)
    an_option(mine.account, HER_PHONE)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[HER_OWN], mobile_e164=HER_PHONE)
    chart.refresh_from_db()
    assert guardians.own_phones(chart, practice) == [HER_PHONE]
    assert guardians.own_email(chart) == HER_OWN
    at_eighteen = years(chart.birth_date, 18)
    growing_up.run(practice, at_eighteen)
    assert guardians.contacts(chart, at_eighteen) == {FAMILY, PHONE_AT_HOME}


def test_who_types_the_familys_phone_into_her_account_does_not_make_it_hers(practice: Practice) -> None:
    """What was on the record on the day stays the guardians', whoever verified it since."""
    chart = of_age(practice, 14, task=True)
    an_option(herself(chart).account, PHONE_AT_HOME)
    assert guardians.own_phones(chart, practice) == []


# --- What was only typed ----------------------------------------------------------------------------------------------


def test_a_claimant_who_types_her_email_as_theirs_does_not_cut_her_off(practice: Practice) -> None:
    chart = of_age(practice, 14, task=True)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[HER_OWN])
    chart.refresh_from_db()
    guardians.confirm_own(chart=chart, contact=HER_OWN, by=front_desk(practice), request=a_request(practice))
    claim = an_access(chart, FATHER, state=AccessState.APPROVAL, opened_at=None)
    Account.objects.filter(pk=claim.account_id).update(
        email=HER_OWN, email_verified_at=None, sign_in_name=HER_OWN, sign_in_state="claimed"
    )
    assert guardians.own_email(chart) == HER_OWN
    Account.objects.filter(pk=claim.account_id).update(email_verified_at=timezone.now())
    assert guardians.own_email(chart) == ""
