"""Whose contacts are a guardian's, and prove nothing of a teenager's (docs/flows.md, I)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess, Relationship
from enrollment import claims, codes, growing_up, guardians
from enrollment.growing import Growing
from enrollment.journey import Step
from enrollment.models import CodeKind, Enrollment, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from practices.models import PatientRecord
from tests import people
from tests.enrollment.carers import enroll, typed
from tests.enrollment.growing_kit import (
    FAMILY,
    FAMILY_PHONE,
    OWN_PHONE,
    TODAY,
    a_child,
    a_named_parent,
    a_parent,
    fresh,
    years,
)

pytestmark = pytest.mark.django_db
# --- Whose contacts ---------------------------------------------------------------------------------------------------


def test_all_contacts_of_a_child_are_its_parents() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -9))
    assert guardians.contacts(chart) == {FAMILY, FAMILY_PHONE}
    assert guardians.own_phones(chart, practice) == []
    assert guardians.own_email(chart) == ""


def test_all_contacts_of_a_teenager_count_as_the_parents_until_somebody_knows_better() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -15))
    assert guardians.own_phones(chart, practice) == []
    growing_up.run(practice, TODAY)
    assert guardians.own_phones(chart, practice) == []
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164=OWN_PHONE, emails=["lily@example.com"])
    assert guardians.own_phones(fresh(chart), practice) == []
    assert guardians.own_email(fresh(chart)) == ""
    clerk, request = people.front_desk(practice), people.a_request(practice)
    for contact in (OWN_PHONE, "lily@example.com"):
        guardians.confirm_own(chart=chart, contact=contact, by=clerk, request=request)
    assert guardians.own_phones(fresh(chart), practice) == [OWN_PHONE]
    assert guardians.own_email(fresh(chart)) == "lily@example.com"


def test_a_parents_phone_does_not_prove_a_young_adult() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -17))
    growing_up.run(practice, TODAY)
    at_nineteen = years(chart.birth_date, 19)
    growing_up.run(practice, at_nineteen)
    assert guardians.own_phones(chart, practice, at_nineteen) == []
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164=OWN_PHONE)
    assert guardians.own_phones(fresh(chart), practice, at_nineteen) == [OWN_PHONE]


def test_a_phone_that_a_proxy_of_childhood_has_proves_nothing_wherever_it_is_written_later() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -14), mobile_e164="", home_e164="", emails=[])
    growing_up.run(practice, TODAY)
    people.an_option(a_parent(chart), OWN_PHONE)
    a_named_parent(chart, phone_e164="+12125550172")
    PatientRecord.objects.filter(pk=chart.pk).update(
        mobile_e164=OWN_PHONE, home_e164="+12125550172", emails=["Maria.New@example.com"]
    )
    assert guardians.own_phones(fresh(chart), practice) == []
    assert guardians.own_email(fresh(chart)) == ""


def a_claimant(chart: PatientRecord, state: AccessState) -> None:
    """Somebody who says to act for the patient, with an email and a phone of their own, and what became of it."""
    claim = NamedProxy.objects.create(
        practice=chart.practice, record=chart, first_name="Sam", birth_date=people.A_STRANGER.born,
        email="lily@example.com", phone_e164=OWN_PHONE, relationship=Relationship.CAREGIVER, source=NamedBy.CLAIM,
    )  # fmt: skip
    account = people.a_proxy(chart, state=state, opened_at=None)
    code = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None).code
    Enrollment.objects.create(
        practice=chart.practice, record=chart, code=code, proxy=claim, account=account, step=Step.APPROVAL,
        relationship=Relationship.CAREGIVER,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "counts"), [(AccessState.APPROVAL, True), (AccessState.ACTIVE, True), (AccessState.ENDED, False)]
)
def test_contacts_of_a_claimant_count_while_they_wait_and_once_they_are_in(state: AccessState, *, counts: bool) -> None:
    """Who was declined is a stranger: else anybody would make the patient's own phone a guardian's by typing it."""
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -15))
    growing_up.run(practice, TODAY)
    a_claimant(chart, state)
    if state == AccessState.ACTIVE:
        PatientAccess.objects.filter(record=chart).update(opened_at=timezone.now())
    assert ({"lily@example.com", OWN_PHONE} <= guardians.contacts(fresh(chart))) == counts
    PatientAccess.objects.filter(record=chart, state=AccessState.ACTIVE).update(state=AccessState.ENDED)
    assert ({"lily@example.com", OWN_PHONE} <= guardians.contacts(fresh(chart))) == counts


def test_claim_that_is_declined_leaves_the_patients_own_phone_a_proof() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -17), mobile_e164=OWN_PHONE, home_e164="")
    Growing.objects.create(record=chart, practice=practice, own=[OWN_PHONE], teen_at=timezone.now())
    assert guardians.own_phones(fresh(chart), practice) == [OWN_PHONE]
    enroll(people.Browser(practice), people.a_token(chart), typed(people.A_STRANGER))
    [run] = claims.waiting(practice)
    NamedProxy.objects.filter(enrollments=run).update(phone_e164=OWN_PHONE)
    assert guardians.own_phones(fresh(chart), practice) == []
    request = people.a_request(practice)
    claims.decline(journey=run, by=people.front_desk(practice), reason="unknown", request=request)
    assert guardians.own_phones(fresh(chart), practice) == [OWN_PHONE]


def test_contacts_of_who_came_grown_up_are_nobody_elses() -> None:
    practice = people.a_practice()
    father = people.a_chart(practice, people.HER_FATHER, mobile_e164=FAMILY_PHONE)
    people.an_option(people.a_proxy(father), FAMILY_PHONE)
    assert guardians.contacts(father) == set()
    assert guardians.own_phones(father, practice) == [FAMILY_PHONE]


def test_a_work_phone_proves_where_the_practice_says_so_and_no_guardian_has_it() -> None:
    practice = people.a_practice(work_phone_proves=True)
    chart = people.a_chart(practice, work_e164=OWN_PHONE)
    assert guardians.own_phones(chart, practice) == [OWN_PHONE]
    assert guardians.own_phones(a_child(practice, years(TODAY, -9), work_e164=OWN_PHONE), practice) == []


def test_staff_confirm_a_contact_as_the_teenagers_own_and_it_rests() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -14), home_e164="")
    growing_up.run(practice, TODAY)
    clerk, request = people.front_desk(practice), people.a_request(practice)
    guardians.confirm_own(chart=chart, contact=FAMILY_PHONE, by=clerk, request=request)
    assert guardians.own_phones(chart, practice) == [FAMILY_PHONE]
    assert people.trail(practice, "contact.changed") == [str(chart.pk)]  # for 72 hours it proves nothing
    people.an_option(a_parent(chart), FAMILY_PHONE)
    assert guardians.own_phones(chart, practice) == []


# --- A guardian's address on the teenager's own account ---------------------------------------------------------------


@pytest.mark.parametrize("address", ["email", "option"])
def test_a_parents_address_on_a_teenagers_own_account_is_flagged_until_it_is_gone(address: str) -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -14))
    people.an_option(a_parent(chart), OWN_PHONE)
    own = people.a_proxy(chart, relationship=Relationship.SELF)
    if address == "email":
        Account.objects.filter(pk=own.pk).update(email=FAMILY.title())
    else:
        option = people.an_option(own, OWN_PHONE)
    growing_up.run(practice, TODAY)
    growing_up.run(practice, TODAY)
    assert [one.record for one in guardians.flagged(practice)] == [chart]
    assert people.trail(practice, "guardian.flagged") == [str(chart.pk)]
    [told] = people.mail("growing_up_flagged", practice=practice)
    assert (told["to"], told["count"]) == (practice.email, 1)
    if address == "email":
        Account.objects.filter(pk=own.pk).update(email="lily@example.com")
    else:
        option.delete()
    growing_up.run(practice, TODAY)
    assert not guardians.flagged(practice).exists()


def test_a_teenagers_account_with_own_addresses_is_not_flagged() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -14))
    a_parent(chart)
    people.an_option(people.a_proxy(chart, relationship=Relationship.SELF), OWN_PHONE)
    growing_up.run(practice, TODAY)
    assert not guardians.flagged(practice).exists()
    assert not people.mail("growing_up_flagged", practice=practice)
