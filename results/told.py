"""Who is told of reports of one patient record, at which address: nobody who could not see them (docs/flows.md C.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from accounts import access, names, rights
from accounts.models import AccessState, PatientAccess, Relationship
from accounts.rights import Stage
from enrollment import guardians

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import PatientRecord, Practice
    from results.models import Report


class Told(NamedTuple):
    """An address, its language, and the newest of the reports that are there to see; `account` is None for a record."""

    to: str
    language: str
    report: Report
    account: Account | None


def people(chart: PatientRecord, reports: Sequence[Report], practice: Practice) -> list[Told]:
    """Each address once: of the accounts that see the reports; where the patient has none, the record's own, too."""
    opened = _opened(chart)
    found = list(_of_accounts(opened, reports, practice))
    if not _is_theirs(opened, chart, practice):
        found += _of_record(chart, reports, practice)
    once: dict[str, Told] = {}
    for one in found:
        once.setdefault(names.fold(one.to), one)
    return list(once.values())


def has_account(chart: PatientRecord, practice: Practice) -> bool:
    """Whether whoever the record's own address belongs to has an account, and is not invited there."""
    return _is_theirs(_opened(chart), chart, practice)


def _is_theirs(opened: Sequence[PatientAccess], chart: PatientRecord, practice: Practice) -> bool:
    """Whether the patient opened the record; of a child, whose address is its parents', whether anybody did."""
    is_child = _is_child(chart, practice)
    return any(is_child or one.relationship == Relationship.SELF for one in opened)


def _is_child(chart: PatientRecord, practice: Practice) -> bool:
    return rights.stage(chart.birth_date, practice.today(), practice.settings) == Stage.CHILD


def _opened(chart: PatientRecord) -> list[PatientAccess]:
    """A stopped access counts: somebody has an account, and its owner was told why it is stopped."""
    found = PatientAccess.objects.filter(record=chart, state__in=access.PROVEN)
    return list(found.select_related("account", "record").order_by("pk"))


def _of_accounts(opened: Sequence[PatientAccess], reports: Sequence[Report], practice: Practice) -> Iterator[Told]:
    for one in opened:
        one.practice = practice
        account, newest = one.account, _newest(report for report in reports if _sees(one, report))
        if newest and account.is_active and account.verified_email and one.state == AccessState.ACTIVE:
            yield Told(account.verified_email, account.language, newest, account)


def _sees(one: PatientAccess, report: Report) -> bool:
    is_self = one.relationship == Relationship.SELF
    return (is_self or not report.patient_only) and rights.of(one).sees_results


def _of_record(chart: PatientRecord, reports: Sequence[Report], practice: Practice) -> Iterator[Told]:
    """To an address of the patient's own. A child's contacts are its parents': they hear of all but what is private."""
    chart.practice = practice
    is_child = _is_child(chart, practice)
    to = chart.email if is_child else guardians.own_email(chart)
    newest = _newest(report for report in reports if not (is_child and report.patient_only))
    if to and newest and chart.can_enroll:
        yield Told(to, chart.language.partition("-")[0], newest, None)


def _newest(reports: Iterator[Report]) -> Report | None:
    return max(reports, key=lambda report: (report.collected_at, report.pk), default=None)
