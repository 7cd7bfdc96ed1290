"""Home: whose record, its newest results, what waits, how to reach the practices. It shows parts of several apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render

from accounts import agreed as agreements
from accounts import email_address, landing, open_record
from accounts.gates import account_of, agreed, signed_in
from accounts.models import AccessState
from accounts.second_step import is_staff
from portal import changes
from results import seen

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import Account, PatientAccess
    from accounts.open_record import Held
    from portal.changes import Narrowed
    from practices.current import PracticeRequest
    from results.models import Report

NEWEST = 3


@dataclass(frozen=True)
class OtherRecord:
    """A record that can be switched to, with how many new results wait there."""

    access: PatientAccess
    new: int
    narrowed: Narrowed | None


@signed_in
@agreed
@landing.lands
def home(request: PracticeRequest) -> HttpResponse:
    """The open record, what the account has to do, and its practices with how to reach them."""
    account, held = account_of(request), open_record.look(request)
    open_record.settle(request, held)
    states = {one.state for one in held.here}
    context = {
        "account": account,
        "held": held,
        "agreements": agreements.standing(request),
        "email": email_address.unverified(account),
        "is_staff": is_staff(account, request.practice),
        "is_waiting": AccessState.WAITING in states,
        "is_stopped": AccessState.SUSPENDED in states,
        "is_claimed": AccessState.APPROVAL in states,
        "endings": changes.endings(held.here, changes.ended_lately(account, request.practice)),
        "welcome": account.welcomed_at is None,
        **_records(held, account),
    }
    return render(request, "portal/home.html", context)


def _records(held: Held, account: Account) -> dict[str, object]:
    """The newest results of the open record, and what is new in the others: two queries however many there are."""
    narrowed = changes.narrowed(held.here)
    new = seen.count_new(held.here)
    others = [OtherRecord(one, new.get(one.pk, 0), narrowed.get(one.pk)) for one in held.others]
    if held.open is None:
        return {"others": others}
    return {
        "others": others,
        "newest": _newest(held.open, account),
        "new": new.get(held.open.pk, 0),
        "narrowed": narrowed.get(held.open.pk),
    }


def _newest(access: PatientAccess, account: Account) -> list[Report]:
    return list(seen.marked(seen.reports_of(access), account)[:NEWEST])
