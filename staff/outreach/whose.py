"""Whose an address is: the practice's patients who have it, on their record or by their account."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts import names
from accounts.models import AccessState, Relationship
from practices.searching import PHONES, from_its_end

if TYPE_CHECKING:
    from collections.abc import Collection

    from practices.models import PatientRecord, Practice

MOST = 200  # charts of a page: a mailbox that a whole home for the elderly shares is shown in part


def of(practice: Practice, addresses: Collection[str]) -> dict[str, list[PatientRecord]]:
    """The charts that have each of the addresses (emails and E.164 numbers), in the order of their names.

    Three queries at most, whatever the number of addresses.
    """
    emails = {one for one in addresses if "@" in one}
    numbers = {one for one in addresses if one.startswith("+")}
    found: dict[str, dict[int, PatientRecord]] = defaultdict(dict)
    for address, chart in [*_by_email(practice, emails), *_by_account(practice, emails), *_by_phone(practice, numbers)]:
        found[address].setdefault(chart.pk, chart)
    return {one: sorted(charts.values(), key=_name) for one, charts in found.items()}


def _by_email(practice: Practice, emails: set[str]) -> list[tuple[str, PatientRecord]]:
    if not emails:
        return []
    low = {email.lower() for email in emails}
    others = [f"{practice.pk} {email}" for email in low]
    on_record = Q(search_email__in=low) | Q(search_other__overlap=others)
    charts = practice.patients.filter(on_record).defer("addresses")[:MOST]
    return [(email, chart) for chart in charts for email in emails if email.lower() in map(str.lower, chart.emails)]


def _by_account(practice: Practice, emails: set[str]) -> list[tuple[str, PatientRecord]]:
    """Patients' own accounts: what a proxy has is not the patient's."""
    if not emails:
        return []
    folded = {names.fold(email): email for email in emails}
    own = practice.accesses.filter(relationship=Relationship.SELF, account__sign_in_name__in=folded)
    own = own.exclude(state=AccessState.ENDED).select_related("record", "account")[:MOST]
    return [(folded[one.account.sign_in_name], one.record) for one in own]


def _by_phone(practice: Practice, numbers: set[str]) -> list[tuple[str, PatientRecord]]:
    if not numbers:
        return []
    turned = [number[::-1] for number in numbers]
    charts = practice.patients.alias(**{f"turned_{phone}": from_its_end(phone) for phone in PHONES})
    has = Q()
    for phone in PHONES:
        has |= Q(**{f"turned_{phone}__in": turned}) & ~Q(**{phone: ""})
    found = charts.filter(has).defer("addresses")[:MOST]
    return [(number, one) for one in found for number in {getattr(one, phone) for phone in PHONES} & numbers]


def _name(chart: PatientRecord) -> tuple[str, str, int]:
    return chart.family_name, chart.given_names, chart.pk
