"""What an account has to agree to before it goes on, at the practice of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from accounts.models import AccessState, Account, PatientAccess
from agreements import consents

if TYPE_CHECKING:
    from agreements.consents import Ask, Standing
    from practices.current import PracticeRequest

NEXT_KEY = "agreements_next"  # the route that a session goes on to once nothing waits; home unless said


def standing(request: PracticeRequest) -> Standing:
    """Where the account of the request stands; looked up once a request, in one query."""
    known: Standing | None = getattr(request, "agreements_standing", None)
    if known is None:
        account = cast("Account", request.user)
        opened = PatientAccess.objects.filter(account=account, practice=request.practice, state=AccessState.ACTIVE)
        known = consents.standing(account, request.practice, opened.values("record_id"))
        request.agreements_standing = known  # type: ignore[attr-defined]
    return known


def names(request: PracticeRequest, asks: list[Ask]) -> dict[int, str]:
    """The full names of the patients whom forms are answered for, in one query."""
    charts = request.practice.patients.filter(pk__in={ask.record for ask in asks if ask.record})
    return {chart.pk: chart.full_name for chart in charts.only("given_names", "family_name")}


def next_route(request: PracticeRequest) -> str:
    """Where to go on; asked for once."""
    route: str = request.session.pop(NEXT_KEY, "home")
    return route
