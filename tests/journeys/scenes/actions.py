"""What the desk does to a patient's account and contacts (docs/flows.md H, Contacts and accounts)."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, PatientAccess, Relationship
from enrollment import contact_changes
from enrollment.contact_changes import Why
from enrollment.contact_fields import Typed
from enrollment.growing import Growing
from practices.models import PatientRecord, Practice
from tests import people
from tests.journeys.cast import new_address
from tests.journeys.scenes.stage import Stage, an_owner, sent, shows, somebody
from tests.staff.kit import at_work

MOBILE, HOME = "+12125550142", "+12125550143"


def a_full_chart(practice: Practice, person: people.Person, **changes: object) -> PatientRecord:
    phones = {"mobile_phone": "(212) 555-0142", "mobile_e164": MOBILE, "home_phone": "212-555-0143", "home_e164": HOME}
    return people.a_chart(practice, person, **{**phones, **changes})


def changed(chart: PatientRecord, by: Account) -> None:
    """The desk puts another email on the record."""
    why = Why(by, "asked", people.a_request(chart.practice))
    contact_changes.update(chart=chart, to=Typed((new_address("new"),), chart.mobile_phone, chart.home_phone), why=why)


@shows(
    "staff:update_contacts", "staff:stop_phone", "staff:use_phone", "staff:undo_contacts", "staff:lock_account",
    "staff:sign_out_everywhere", "staff:access_terms", "staff:end_access", "staff:chart",
)  # fmt: skip
def acts_at_the_desk(practice: Practice) -> Stage:
    chart = a_full_chart(practice, somebody())
    own = PatientAccess.objects.get(account=an_owner(practice, token=people.a_token(chart)))
    proxy = people.a_proxy(chart, name="helper", relationship=Relationship.CAREGIVER)
    theirs = PatientAccess.objects.get(account=proxy)
    clerk = people.front_desk(practice)
    contact_changes.stop_phone(chart=chart, which="home", why=Why(clerk, "lost", people.a_request(practice)))
    chart.refresh_from_db()
    changed(chart, clerk)
    desk, _key = at_work(clerk, practice)
    record, change = [chart.pk], chart.contact_changes.latest("pk").pk
    return Stage(
        desk,
        {
            "staff:chart": reverse("staff:chart", args=record),
            "staff:update_contacts": reverse("staff:update_contacts", args=record),
            "staff:stop_phone": reverse("staff:stop_phone", args=[chart.pk, "mobile"]),
            "staff:use_phone": reverse("staff:use_phone", args=[chart.pk, "home"]),
            "staff:undo_contacts": reverse("staff:undo_contacts", args=[change]),
            "staff:access_terms": reverse("staff:access_terms", args=[theirs.pk]),
            **{
                f"staff:{name}": reverse(f"staff:{name}", args=[own.pk])
                for name in ("lock_account", "sign_out_everywhere", "end_access")
            },
        },
    )


@shows("staff:unlock_account", "staff:confirm_own")
def helps_a_teenager(practice: Practice) -> Stage:
    lily = people.someone_like(somebody(), given="Lily", born=timezone.localdate().replace(day=1, year=2012))
    chart = a_full_chart(practice, lily, emails=[])
    Growing.objects.create(record=chart, practice=practice, contacts=[MOBILE], teen_at=timezone.now())
    account = people.an_account(practice, lily, token=people.a_token(chart))
    Account.objects.filter(pk=account.pk).update(is_active=False, locked_at=timezone.now())
    claim = PatientAccess.objects.get(account=account)
    desk, _key = at_work(people.front_desk(practice), practice)
    paths = {name: reverse(name, args=[claim.pk]) for name in ("staff:unlock_account", "staff:confirm_own")}
    return Stage(desk, paths)


@shows("not_my_contacts")
def was_told_of_other_contacts(practice: Practice) -> Stage:
    chart = a_full_chart(practice, somebody())
    changed(chart, people.front_desk(practice))
    browser = people.Browser(practice)
    browser.get(sent("contact_changed", "not_me", practice, to=chart.email))
    return Stage(browser)


@shows("not_my_contacts")
def put_the_old_contacts_back(practice: Practice) -> Stage:
    told = was_told_of_other_contacts(practice)
    told.browser.post("/not-my-contacts/")
    return told
