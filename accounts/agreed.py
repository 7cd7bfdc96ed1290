"""What an account has to agree to before it goes on, at the practice of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from accounts import access, rights
from accounts.models import Account
from agreements import consents

if TYPE_CHECKING:
    from agreements.consents import Ask, Standing
    from practices.current import PracticeRequest

NOTHING = consents.Standing(terms_due=False, asks=())
NEXT_KEY = "agreements_next"  # the route that a session goes on to once nothing waits; home unless said


def standing(request: PracticeRequest) -> Standing:
    """Where the account of the request stands; looked up once a request, in two queries.

    Who opens no record owes nothing: staff, and patients whose record waits for its proof. Who only looks at one
    answers no form for its patient.
    """
    known: Standing | None = getattr(request, "agreements_standing", None)
    if known is None:
        here = [one for one in access.held_by(request) if one.practice_id == request.practice.pk]
        opened = [one for one in here if rights.of(one).opens]
        acts_for = [one.record_id for one in opened if rights.of(one).acts]
        known = consents.standing(cast("Account", request.user), request.practice, acts_for) if opened else NOTHING
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
