"""What tests of growing up need: families whose children the practice has had from birth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts import rights
from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from accounts.rights import Rights
from enrollment.named_proxy import NamedBy, NamedProxy
from notifications.models import Message
from practices.models import PatientRecord, Practice
from tests import people
from tests.people import Person

FAMILY = "family@example.com"
FAMILY_PHONE = "+12125550170"
OWN_PHONE = "+12125550171"
ONE_DAY = timedelta(days=1)
TODAY = timezone.localdate()
LOOKS = Rights(opens=True, sees_results=False)


def years(day: date, count: int) -> date:
    """The same day so many years on; 1 March for 29 February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + count, 3, 1) if is_leap_day else day.replace(year=day.year + count)


def a_child(practice: Practice, born: date, given: str = "Lily Rose", **changes: Any) -> PatientRecord:
    """A record that came to the practice when its patient was born."""
    facts = {"emails": [FAMILY], "mobile_e164": FAMILY_PHONE, "home_e164": FAMILY_PHONE, **changes}
    chart = people.a_chart(practice, Person(given, "Santos", born), **facts)
    at_birth = datetime(born.year, born.month, born.day, 15, tzinfo=UTC)
    PatientRecord.objects.filter(pk=chart.pk).update(created_at=at_birth)
    return fresh(chart)


def fresh(chart: PatientRecord) -> PatientRecord:
    return PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)


def a_parent(*charts: PatientRecord, level: str = AccessLevel.FULL, since: int = 3000, name: str = "") -> Account:
    """An account with the family's email; `since`: how many days ago it was let in."""
    name = name or f"parent-{charts[0].pk}"
    account = Account.objects.create_account(sign_in_name=name, password=people.PASSWORD, email=FAMILY)
    Account.objects.filter(pk=account.pk).update(email_verified_at=timezone.now())
    opened = timezone.now() - timedelta(days=since)
    for chart in charts:
        facts = {"relationship": Relationship.PARENT, "level": level, "state": AccessState.ACTIVE}
        one = PatientAccess.objects.create(
            account=account, practice=chart.practice, record=chart, opened_at=opened, **facts
        )
        PatientAccess.objects.filter(pk=one.pk).update(created_at=opened)
    return account


def of(account: Account, chart: PatientRecord, today: date = TODAY) -> Rights:
    found = PatientAccess.objects.filter(account=account, record=chart)
    return rights.of(found.select_related("record", "practice__settings").get(), today)


def sent(practice: Practice) -> list[tuple[str, str]]:
    found = Message.objects.filter(practice=practice, notice__startswith="growing_up").order_by("pk")
    return list(found.values_list("notice", "to"))


def a_named_parent(chart: PatientRecord, **changes: Any) -> NamedProxy:
    facts = {
        "first_name": "Maria", "last_name": "Santos", "birth_date": date(1984, 3, 12), "email": "maria.new@example.com",
        "relationship": Relationship.PARENT, "source": NamedBy.STAFF, **changes,
    }  # fmt: skip
    named = NamedProxy.objects.create(practice=chart.practice, record=chart, **facts)
    long_ago = timezone.now() - timedelta(days=300)
    NamedProxy.objects.filter(pk=named.pk).update(named_at=changes.get("named_at", long_ago))
    return named
