"""The attacker: a parent with the family's phone and mailbox, once the child is a teenager, and once it is of age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, Account, PatientAccess, Relationship
from enrollment import codes, growing_up, guardians
from enrollment.growing import Growing
from enrollment.models import CodeState, EnrollmentCode
from enrollment.named_proxy import NamedProxy
from notifications.models import Message
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import PHONE, Mailbox, an_activation_code
from tests.enrollment.carers import a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.enrollment.people_kit import an_access
from tests.people import HOME, Browser, Person, a_chart, a_practice, a_token, words
from verification.models import Channel

if TYPE_CHECKING:
    from tests.people import Token

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
FAMILY, PHONE_AT_HOME = "santos.family@example.com", "+12125550177"
MOTHER = Person("Maria", "Santos", date(1984, 3, 12), FAMILY)
ONE_DAY = timedelta(days=1)


def years(day: date, count: int) -> date:
    return date(day.year + count, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + count)


def a_patient(practice: Practice, born: date, **changes: Any) -> PatientRecord:
    """A patient whom the practice has had from birth, with the family's email and phone."""
    facts = {"emails": [FAMILY], "mobile_e164": PHONE_AT_HOME, "home_e164": PHONE_AT_HOME, **changes}
    chart = a_chart(practice, Person("Lily", "Santos", born), **facts)
    at_birth = datetime(born.year, born.month, born.day, 15, tzinfo=UTC)
    PatientRecord.objects.filter(pk=chart.pk).update(created_at=at_birth)
    return PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)


def a_mother(chart: PatientRecord) -> PatientAccess:
    """Let in long ago, with full access."""
    long_ago = timezone.now() - timedelta(days=3000)
    mine = an_access(chart, MOTHER, relationship=Relationship.PARENT, level=AccessLevel.FULL, opened_at=long_ago)
    PatientAccess.objects.filter(pk=mine.pk).update(created_at=long_ago)
    return mine


def days_old(token: Token, days: int) -> Token:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(issued_at=timezone.now() - timedelta(days=days))
    return token


def opens_nothing(chart: PatientRecord) -> bool:
    own = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF)
    return not own.filter(opened_at__isnull=False).exists()


def was_sent_to_the_family(practice: Practice) -> set[str]:
    """Codes, of any kind, that left for the family's mailbox or phone."""
    found = Message.objects.filter(practice=practice, to__in=[FAMILY, PHONE_AT_HOME])
    return set(found.values_list("notice", flat=True)) & {"activation_code", "invitation", "code", "token"}


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture(params=["before the task", "after the task"])
def teen(request: pytest.FixtureRequest, practice: Practice) -> PatientRecord:
    """Thirteen today; with and without the daily task having run."""
    chart = a_patient(practice, years(TODAY, -13))
    a_mother(chart)
    if request.param == "after the task":
        growing_up.run(practice, TODAY)
    return chart


def test_a_letter_to_the_teenager_and_the_family_phone_open_nothing(teen: PatientRecord) -> None:
    thief = Browser(teen.practice, address="203.0.113.9")
    thief.enroll(a_token(teen, mailed=True), username="not-lily-at-all", email=FAMILY)
    page = thief.get(PHONE)
    assert PHONE_AT_HOME[-4:] not in words(page)
    for way in (Channel.SMS, Channel.VOICE):
        thief.post(PHONE, {"birth_date": f"{teen.birth_date:%m/%d/%Y}", "way": f"{way}-{PHONE_AT_HOME[-4:]}"})
    assert was_sent_to_the_family(teen.practice) == set()
    assert opens_nothing(teen)
    assert "Lily" not in words(thief.get("/home/"))


def test_a_token_that_was_handed_over_for_the_child_does_not_open_the_teenagers_record(practice: Practice) -> None:
    chart = a_patient(practice, years(TODAY, -13))
    token = days_old(a_token(chart), 2)
    thief = Browser(practice)
    thief.enroll(token, username="not-lily-at-all", email=FAMILY)
    assert opens_nothing(chart)
    growing_up.run(practice, TODAY)
    assert opens_nothing(chart)


def test_after_the_task_the_childs_token_is_cancelled(practice: Practice) -> None:
    chart = a_patient(practice, years(TODAY, -13))
    token = days_old(a_token(chart), 2)
    growing_up.run(practice, TODAY)
    assert "canceled" in words(Browser(practice).type_token(token))
    assert token.now().state == CodeState.REVOKED


def test_no_code_of_the_teenager_is_emailed_to_the_family(teen: PatientRecord) -> None:
    with pytest.raises(codes.CannotIssueError):
        an_activation_code(teen)
    assert was_sent_to_the_family(teen.practice) == set()


def test_where_code_and_check_are_enough_the_childs_emailed_code_is_not() -> None:
    practice = a_practice(proof="code_and_check")
    chart = a_patient(practice, years(TODAY, -13) + ONE_DAY)
    letter = an_activation_code(chart)
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years(TODAY, -13))  # the day after
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(issued_at=timezone.now() - ONE_DAY)
    letter.chart.refresh_from_db()
    thief = Mailbox(practice)
    thief.open_account(letter)
    assert opens_nothing(chart)
    assert "Lily" not in words(thief.get("/home/"))


def test_send_me_a_new_one_sends_the_family_nothing(teen: PatientRecord) -> None:
    letter = a_token(teen, mailed=True)
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    thief = Browser(teen.practice)
    thief.type_token(letter)
    assert thief.post("/enroll/new-code/").url == "/enroll/new-code/sent/"
    assert was_sent_to_the_family(teen.practice) == set()


def test_the_childs_code_added_to_the_mothers_own_account_makes_her_nobody_else(practice: Practice) -> None:
    chart = a_patient(practice, years(TODAY, -13) + ONE_DAY)
    letter = an_activation_code(chart)
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years(TODAY, -13))
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(issued_at=timezone.now() - ONE_DAY)
    letter.chart.refresh_from_db()
    mother = a_mother(a_chart(practice, Person("Ben", "Santos", years(TODAY, -5))))
    browser = Mailbox(practice)
    browser.sign_in(mother.account.sign_in_name)
    browser.post("/settings/code/", letter.typed())
    browser.post("/settings/code/whose/", {"whose": "self"})
    browser.get(PHONE)
    browser.post(PHONE, {"birth_date": letter.born, "way": f"sms-{PHONE_AT_HOME[-4:]}"})
    assert opens_nothing(chart)
    assert not Message.objects.filter(practice=practice, to=PHONE_AT_HOME, notice="code").exists()


def test_the_family_email_on_the_teenagers_own_account_is_flagged(teen: PatientRecord) -> None:
    growing_up.run(teen.practice, TODAY)
    desk = a_token(teen)  # handed to the teenager, who typed the family's email
    Browser(teen.practice).enroll(desk, email=FAMILY)
    assert not opens_nothing(teen)
    growing_up.run(teen.practice, TODAY + ONE_DAY)
    assert [one.record for one in guardians.flagged(teen.practice)] == [teen]
    told = Message.objects.get(practice=teen.practice, notice="growing_up_flagged")
    assert told.to == teen.practice.email


def test_a_teenager_enrolls_with_a_phone_that_the_desk_knows_to_be_their_own(teen: PatientRecord) -> None:
    growing_up.run(teen.practice, TODAY)
    PatientRecord.objects.filter(pk=teen.pk).update(mobile_e164="+12125550178", emails=["lily@example.com"])
    teen = PatientRecord.objects.select_related("practice__settings").get(pk=teen.pk)
    with pytest.raises(codes.CannotIssueError):
        an_activation_code(teen)
    Growing.objects.filter(record=teen).update(own=["+12125550178", "lily@example.com"])  # confirmed days ago
    letter, lily = an_activation_code(teen), Mailbox(teen.practice)
    assert lily.open_account(letter).url == PHONE
    lily.prove_phone(letter, "+12125550178")
    assert not opens_nothing(teen)


def test_after_the_eighteenth_birthday_the_parents_old_session_opens_nothing_on_the_next_click(
    practice: Practice,
) -> None:
    chart = a_patient(practice, years(TODAY, -18) + ONE_DAY)
    mother = a_mother(chart)
    browser = Browser(practice, address=HOME)
    browser.sign_in(mother.account.sign_in_name)
    assert "Record of Lily" in words(browser.get("/home/"))
    assert browser.get("/results/").status_code == 200
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years(TODAY, -18))  # midnight has passed; no task ran
    assert browser.get("/results/").url == "/home/"
    assert "Record of Lily" not in words(browser.get("/home/"))
    growing_up.run(practice, TODAY)
    assert "Record of Lily" not in words(browser.get("/home/"))
    assert Account.objects.get(pk=mother.account_id).is_active


@pytest.mark.parametrize(("days_to_go", "opened"), [(0, False), (1, True)])
def test_who_was_named_while_she_was_a_minor_does_not_come_in_by_an_old_code_on_her_birthday(
    practice: Practice, days_to_go: int, *, opened: bool
) -> None:
    """Before the daily task has withdrawn it, too; on the day before, it lets her parent in."""
    chart = a_patient(practice, years(TODAY, -18) + timedelta(days=days_to_go))
    named = a_named_proxy(chart, MOTHER)
    NamedProxy.objects.filter(pk=named.pk).update(named_at=timezone.now() - timedelta(days=20))
    enroll(Browser(practice), in_hand(a_code_for(named), FAMILY), typed(MOTHER))
    assert PatientAccess.objects.filter(record=chart, state="active").exists() is opened
