"""Two tabs, two clicks: what staff press on a page that is no longer true undoes no work, and hits nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import PatientAccess, Relationship
from agreements import terms
from agreements.models import Kind
from enrollment import contact_changes, guardians, naming, vouching
from enrollment.contact_fields import Typed
from enrollment.growing import Growing
from enrollment.models import Enrollment, IdSeen
from enrollment.named_proxy import NamedBy
from practices.models import Practice
from tests.people import (
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_request,
    a_token,
    a_token_for,
    an_account,
    an_option,
    front_desk,
    someone_like,
    words,
)
from tests.staff.desk_kit import NEW_TYPED, a_full_chart, claim_of, contacts_page, now, typed
from tests.staff.kit import a_manager, at_work
from tests.staff.test_portal_settings import page_of as settings_page
from tests.staff.test_portal_settings import typed as settings

pytestmark = pytest.mark.django_db
PHONE, PARENTS = "+12125550142", "+12125550177"
LILY = someone_like(MARIA, given="Lily", born=timezone.localdate() - timedelta(days=14 * 366), email="lily@example.com")


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


@pytest.fixture
def manager(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


def shown(browser: Browser, page: str) -> dict[str, str]:
    """What a tab that shows the page now sends with its form, beside what is typed."""
    return {"seen": re.findall(r'name="seen" value="(\w+)"', browser.get(page).content.decode())[0]}


def test_second_tab_of_the_settings_takes_nothing_back(manager: Browser, practice: Practice) -> None:
    page = settings_page("help-line")
    old = {**settings(practice, "help-line"), **shown(manager, page)}
    manager.post(page, {**old, "phone": "(212) 555-0199"})
    answer = manager.post(page, {**old, "hours": "Never"})
    assert (answer.status_code, "Somebody changed this since" in words(answer)) == (400, True)
    now = Practice.objects.get(pk=practice.pk)
    assert (now.phone, now.hours) == ("(212) 555-0199", practice.hours)
    again = {**old, **dict(re.findall(r'name="(seen)" value="(\w+)"', answer.content.decode())), "hours": "Never"}
    assert manager.post(page, again).status_code == 302, "who was told may save it"
    assert 'value="Never"' in answer.content.decode(), "what was typed is kept"


def test_second_tab_of_the_contacts_takes_nothing_back(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice)
    page = contacts_page(chart)
    old = {**typed(chart), **shown(desk, page)}
    desk.post(page, {**old, "mobile": NEW_TYPED})
    answer = desk.post(page, {**old, "email": "new@example.com"})
    assert (answer.status_code, "Somebody changed this since" in words(answer)) == (400, True)
    assert (now(chart).mobile_phone, now(chart).email) == (NEW_TYPED, MARIA.email)


def test_contacts_that_change_while_they_are_saved_are_kept(practice: Practice) -> None:
    """Between the look of the page and its lock."""
    chart, why = a_full_chart(practice), contact_changes.Why(front_desk(practice), "asked", a_request(practice))
    contact_changes.update(chart=now(chart), to=Typed((MARIA.email,), NEW_TYPED, chart.home_phone), why=why)
    with pytest.raises(contact_changes.ChangedMeanwhile):
        contact_changes.update(chart=chart, to=Typed(("new@example.com",), chart.mobile_phone), why=why)


def test_second_tab_takes_no_last_day_back(desk: Browser, practice: Practice) -> None:
    helper = PatientAccess.objects.get(account=a_proxy(a_chart(practice), name="helper"))
    page, day = reverse("staff:access_terms", args=[helper.pk]), timezone.localdate() + timedelta(days=9)
    old = {"level": helper.level, "reason": "asked", **shown(desk, page)}
    assert desk.post(page, {**old, "last_day": f"{day:%m/%d/%Y}"}).status_code == 302
    assert desk.post(page, {**old, "level": "full"}).status_code == 400
    helper.refresh_from_db()
    assert helper.ends_on


def test_second_tab_takes_nothing_of_a_consent_form_back(manager: Browser, practice: Practice) -> None:
    manager.post(reverse("staff:consent_new"), {"title": "Photos", "governs": ""})
    page = reverse("staff:consent_text", args=[practice.consent_forms.get().pk, "en"])
    old = {"title": "Photos", "body": "Old words.", **shown(manager, page)}
    assert manager.post(page, {**old, "body": "New words."}).status_code == 302
    assert "Somebody changed this since" in words(manager.post(page, old))
    assert "New words." in manager.get(page).content.decode()


def test_second_click_does_not_confirm_the_parents_phone(desk: Browser, practice: Practice) -> None:
    """The first one took the young person's own off the list: the parent's has its place there."""
    chart = a_chart(practice, LILY, emails=[], mobile_e164=PHONE, home_e164=PARENTS)
    Growing.objects.create(record=chart, practice=practice, contacts=[PHONE, PARENTS], teen_at=timezone.now())
    account = an_account(practice, LILY, token=a_token(chart))
    an_option(account, PHONE)
    page = reverse("staff:confirm_own", args=[claim_of(account).pk])
    first = re.findall(r'name="contact" value="([^"]+)"', desk.get(page).content.decode())[0]
    statuses = [desk.post(page, {"contact": first, "reason": "showed"}).status_code for _click in range(2)]
    assert statuses == [302, 400]
    assert len(Growing.objects.get(pk=chart.pk).own) == 1


def test_noted_twice_is_told_once(practice: Practice) -> None:
    chart = a_chart(practice, LILY, mobile_e164=PHONE)
    by: dict[str, Any] = {"by": front_desk(practice), "request": a_request(practice)}
    assert [guardians.confirm_own(chart=chart, contact=PHONE, **by) for _click in range(2)] == [True, False]


def test_one_take_back_takes_every_vouch_back(practice: Practice) -> None:
    """Of two clicks, and of two clerks: the desk reads that it is taken back, and it is."""
    account = an_account(practice, token=a_token_for(practice, mailed=True))
    journey, request = Enrollment.objects.get(account=account), a_request(practice)
    vouching.ask(journey=journey, request=request)
    for name in ("one", "one", "two"):
        clerk = practice.staff.filter(account__sign_in_name__startswith=name).first()
        by = clerk.account if clerk else front_desk(practice, name)
        vouching.vouch(journey=journey, by=by, id_seen=IdSeen.PASSPORT, request=request)
    assert vouching.take_back(journey=journey, by=by, request=request)
    assert vouching.open_vouch(journey) is None
    assert not vouching.take_back(journey=journey, by=by, request=request)


def test_terms_are_published_once(practice: Practice) -> None:
    """Two who have both been let past the form: it was right when it looked."""
    said: dict[str, Any] = {"practice": practice, "kind": Kind.TERMS, "texts": {"en": "New."}, "by": None, "follows": 1}
    terms.publish(**said)
    with pytest.raises(terms.PublishedMeanwhileError):
        terms.publish(**said)


def test_number_that_another_click_replaced_is_not_handed_out(desk: Browser, practice: Practice) -> None:
    """Of two clicks at once the session may keep the number that came first."""
    chart = a_chart(practice)
    said = {"handover": "handed", "id_seen": "passport", "reason": "asked"}
    desk.post(reverse("staff:issue_token", args=[chart.pk]), said)
    made = reverse("staff:token_made", args=[chart.pk])
    assert desk.get(made).status_code == 200
    a_token(chart)
    assert desk.get(made).url == reverse("staff:chart", args=[chart.pk])


def test_naming_twice_names_one(practice: Practice) -> None:
    chart, clerk = a_chart(practice), front_desk(practice)
    who = naming.Who("Eve", "Stone", MARIA.born, Relationship.CAREGIVER)
    naming.name(chart=chart, who=who, source=NamedBy.STAFF, by=clerk, request=a_request(practice))
    with pytest.raises(naming.NamedAlready):
        naming.name(chart=chart, who=who, source=NamedBy.STAFF, by=clerk, request=a_request(practice))
