"""Families share an email and a phone: it never blocks an enrollment, and opens nobody another's record (flows.md, I).

Four people behind one of each; two parents and one child; a daughter for her father; a couple at two practices.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, Account, PatientAccess
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import PHONE, PHONE_CODE, Mailbox, an_activation_code
from tests.enrollment.carers import a_code_for, a_named_proxy, enroll, in_hand, typed
from tests.people import (
    ANNA,
    BEN,
    Browser,
    Person,
    a_chart,
    a_practice,
    a_token,
    an_account,
    h1,
    mail,
    opens,
    someone_like,
    words,
)

pytestmark = pytest.mark.django_db
EMAIL, PHONE_OF_ALL = "kellers@example.com", "+12125550142"
EVA = Person("Eva", "Keller", timezone.localdate() - timedelta(days=15 * 366), EMAIL)
LENA = Person("Lena", "Keller", timezone.localdate() - timedelta(days=6 * 366), EMAIL)
FAMILY = (ANNA, BEN, EVA, LENA)


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def charts(practice: Practice) -> dict[str, PatientRecord]:
    return {one.given: a_chart(practice, one, mobile_e164=PHONE_OF_ALL) for one in FAMILY}


def who_opens_what(charts: dict[str, PatientRecord]) -> set[tuple[str, str]]:
    """Account (by its first name) and record, of every access that is active."""
    ids = [chart.pk for chart in charts.values()]
    active = PatientAccess.objects.filter(record__in=ids, state="active").select_related("account", "record")
    return {(one.account.first_name, one.record.given_names) for one in active}


def test_four_people_behind_one_email_and_one_phone_each_enroll_for_themselves(
    practice: Practice, charts: dict[str, PatientRecord]
) -> None:
    Browser(practice).enroll(a_token(charts["Anna"]))
    Browser(practice).enroll(a_token(charts["Ben"]), username="ben.keller")
    Browser(practice).enroll(a_token(charts["Eva"]), username="eva.keller")
    mother = Account.objects.get(first_name="Anna")
    child, browser = a_named_proxy(charts["Lena"], ANNA), Browser(practice)
    assert browser.type_token(in_hand(a_code_for(child), EMAIL)).url == "/enroll/account/"
    browser.post("/enroll/account/", {"whose": "other", "account": "existing"})
    browser.post("/enroll/carer/", typed(ANNA))
    assert browser.use_account(mother.sign_in_name).status_code == 302
    assert who_opens_what(charts) == {("Anna", "Anna"), ("Ben", "Ben"), ("Eva", "Eva"), ("Anna", "Lena")}


@pytest.mark.parametrize("wanted", FAMILY[:2], ids=lambda one: one.given)
@pytest.mark.parametrize("who", FAMILY[:2], ids=lambda one: one.given)
def test_shared_phone_and_mailbox_open_only_the_record_whose_date_of_birth_is_known(
    practice: Practice, charts: dict[str, PatientRecord], who: Person, wanted: Person
) -> None:
    """With the family's mailbox and phone in hand, the date of birth is what tells them apart."""
    letter, browser = an_activation_code(charts[wanted.given]), Mailbox(practice)
    browser.accept_terms()
    answer = browser.activate(letter, check=f"{who.born:%m/%d/%Y}")
    assert (answer.status_code == 302) == (who is wanted)
    assert who_opens_what(charts) == set()


def test_teenager_does_not_enroll_by_the_phone_of_the_family(
    practice: Practice, charts: dict[str, PatientRecord]
) -> None:
    """Nor does a parent in her place: what was on the record before she was thirteen is the family's."""
    browser = Browser(practice)
    assert browser.enroll(a_token(charts["Eva"], mailed=True), username="eva.keller").url == PHONE
    assert "Ask the practice to vouch for me" in words(browser.get(PHONE))
    assert browser.get(PHONE_CODE).status_code in {200, 302}
    assert who_opens_what(charts) == set()


def test_both_parents_open_their_childs_record_and_nothing_of_each_others(
    practice: Practice, charts: dict[str, PatientRecord]
) -> None:
    for parent, username in ((ANNA, "anna.keller"), (BEN, "ben.keller")):
        named = a_named_proxy(charts["Lena"], parent)
        enroll(Browser(practice), in_hand(a_code_for(named), EMAIL), typed(parent), username)
    assert who_opens_what(charts) == {("Anna", "Lena"), ("Ben", "Lena")}
    first, second = PatientAccess.objects.filter(record=charts["Lena"]).order_by("pk")
    assert first.account_id != second.account_id


def test_second_parent_ends_nothing_of_the_firsts(practice: Practice, charts: dict[str, PatientRecord]) -> None:
    """Also not while the first one's claim still waits for the practice."""
    enroll(Browser(practice), replace(a_token(charts["Lena"]), email=EMAIL), typed(BEN), "ben.keller")
    named = a_named_proxy(charts["Lena"], ANNA)
    enroll(Browser(practice), in_hand(a_code_for(named), EMAIL), typed(ANNA), "anna.keller")
    states = PatientAccess.objects.filter(record=charts["Lena"]).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["approval", "active"]


def test_daughter_looks_after_her_father_who_has_no_email(practice: Practice) -> None:
    father = a_chart(practice, Person("Rafael", "Santos", date(1955, 7, 1)), home_e164="+12125550153", language="es")
    daughter = Person("Julia", "Santos", date(1984, 3, 12), "julia@example.com")
    hers = an_account(practice, daughter)
    named = a_named_proxy(father, daughter, level=AccessLevel.VIEW)
    browser = Browser(practice)
    browser.type_token(in_hand(a_code_for(named), daughter.email))
    browser.post("/enroll/account/", {"whose": "other", "account": "existing"})
    browser.post("/enroll/carer/", typed(daughter))
    browser.use_account(hers.sign_in_name)
    held = PatientAccess.objects.get(account=hers, record=father)
    assert (held.state, held.level) == ("active", "view")
    assert mail("record_enrolled", to=daughter.email)[-1]["language"] == "en"  # hers, and not her father's
    home = words(browser.get("/home/"))
    assert "Julia Santos" in home
    assert "Rafael Santos" in home


def test_couple_at_two_practices_keeps_its_records_apart(practice: Practice) -> None:
    there, shared = a_practice("oak"), "couple@example.com"
    her, him = someone_like(ANNA, email=shared), someone_like(BEN, email=shared)
    hers = an_account(practice, her)
    his = an_account(practice, him, name="ben.keller")
    for account, person in ((hers, her), (his, him)):
        token, browser = a_token(a_chart(there, person)), Browser(there)
        browser.walk_to_credentials(token, account="existing")
        assert browser.use_account(account.sign_in_name).status_code == 302
    for account, own, other in ((hers, "Anna", "Ben"), (his, "Ben", "Anna")):
        opened = PatientAccess.objects.filter(account=account, state="active").select_related("record")
        assert {(one.record.given_names, one.practice_id) for one in opened} == {(own, practice.pk), (own, there.pk)}
        assert not any(opens(account, one.record) for one in PatientAccess.objects.exclude(account=account))
        browser = Browser(there)
        browser.sign_in(account.sign_in_name)
        assert other not in words(browser.get("/home/"))


def test_couple_cannot_swap_accounts(practice: Practice) -> None:
    """His token does not go into her account, whoever types her password: an account is one person's."""
    hers = an_account(practice, ANNA)
    browser = Browser(practice)
    browser.walk_to_credentials(a_token(a_chart(practice, BEN)), account="existing")
    assert h1(browser.use_account(hers.sign_in_name)) == "This account belongs to somebody else"
