"""What tests of people with access need: who acts for a patient, and browsers in which they are signed in."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from agreements import terms
from enrollment import naming
from enrollment.models import Enrollment, EnrollmentCode
from enrollment.named_proxy import NamedBy, NamedProxy
from enrollment.naming import Who
from practices.models import PatientRecord, Practice
from tests.people import PASSWORD, Browser, Person, a_request, a_token

PEOPLE = "/settings/people/"
DAUGHTER = Person("Julia", "Santos", date(1998, 5, 20), "julia@example.com")


def an_access(
    chart: PatientRecord, person: Person = DAUGHTER, *, state: AccessState = AccessState.ACTIVE, **facts: Any
) -> PatientAccess:
    """An account of this person, tied to the record as a caregiver who looks only, unless told otherwise."""
    account = Account.objects.create_account(
        sign_in_name=f"{person.given.lower()}.{secrets.token_hex(4)}",
        password=PASSWORD,
        email=person.email,
        first_name=person.given,
        last_name=person.family,
    )
    Account.objects.filter(pk=account.pk).update(email_verified_at=timezone.now())
    terms.accept(
        account=account,
        practice=chart.practice,
        shown=terms.current(chart.practice, "en").ids,
        at=timezone.now(),
        request=a_request(chart.practice),
    )
    given = {"relationship": Relationship.CAREGIVER, "level": AccessLevel.VIEW, "opened_at": timezone.now(), **facts}
    return PatientAccess.objects.create(account=account, practice=chart.practice, record=chart, state=state, **given)


def a_claim(chart: PatientRecord, name: str = "Maria Elena") -> Enrollment:
    """Somebody with the father's token says that she acts for him."""
    browser, email = Browser(chart.practice), f"claim.{chart.pk}@example.com"
    browser.type_token(a_token(chart), email=email)
    browser.post("/enroll/account/", {"whose": "other", "account": "new"})
    about = {"first_name": name, "last_name": "Santos", "birth_date": "03/12/1984", "relationship": "caregiver"}
    browser.post("/enroll/carer/", about)
    browser.create_account()
    return Enrollment.objects.get(account__email=email)


def who(person: Person = DAUGHTER, **facts: Any) -> Who:
    said = {"relationship": Relationship.CAREGIVER, "level": AccessLevel.VIEW, "email": person.email, **facts}
    return Who(first_name=person.given, last_name=person.family, birth_date=person.born, **said)


def named(chart: PatientRecord, person: Person = DAUGHTER, **facts: Any) -> NamedProxy:
    """Named by the practice, and given nothing yet."""
    return naming.name(chart=chart, who=who(person, **facts), source=NamedBy.STAFF, by=None)


def a_code_of(proxy: NamedProxy) -> EnrollmentCode:
    return proxy.codes.latest("pk")


def signed_in(account: Account, practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def typed(person: Person = DAUGHTER, /, **changes: str) -> dict[str, str]:
    """**Invite someone** as a patient fills it in."""
    return {
        "first_name": person.given,
        "last_name": person.family,
        "birth_date": f"{person.born:%m/%d/%Y}",
        "relationship": "caregiver",
        "level": "view",
        "last_day": "",
        "email": person.email,
        "phone": "(212) 555-0177",
        **changes,
    }
