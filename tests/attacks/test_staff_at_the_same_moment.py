"""Staff who press at the same instant, each on a connection of their own, with real commits."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from accounts import staff_members
from accounts.models import Account
from agreements import drafts
from enrollment import contact_changes, contacts, desk_codes
from enrollment.contact_fields import Typed
from enrollment.models import CodeState, IdSeen
from practices import changing
from practices.choices import StaffRole
from practices.models import Practice
from staff.setup import saving
from tests.enrollment.test_at_once import at_once
from tests.enrollment.test_nobody_waits_in_a_circle import in_turn
from tests.people import a_practice, a_request, a_token, front_desk
from tests.staff.desk_kit import NEW_TYPED, a_full_chart, now
from tests.staff.kit import a_manager
from tests.staff.test_staff_list_member import member_of, with_email

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("moment")


def managers(practice: Practice, many: int) -> list[Account]:
    names = [("Morgan", "Lee"), ("Robin", "Marsh"), ("Alex", "Pine"), ("Kim", "Ford")]
    with transaction.atomic():
        return [with_email(a_manager(practice, f"manager-{n}"), practice, *names[n]) for n in range(many)]


def outcome(do: Any, *refusals: type[Exception]) -> str:
    try:
        do()
    except refusals as why:
        return type(why).__name__
    return "done"


def test_managers_who_throw_each_other_out_leave_two(practice: Practice) -> None:
    everybody = managers(practice, 4)
    request = a_request(practice)

    def throws_out(by: Account, whom: Account) -> str:
        said: dict[str, Any] = {"member": member_of(whom), "by": by, "reason": "left", "request": request}
        return outcome(lambda: staff_members.deactivate(**said), staff_members.CannotChange)

    def lowers(by: Account, whom: Account) -> str:
        said: dict[str, Any] = {"member": member_of(whom), "by": by, "reason": "role", "request": request}
        return outcome(lambda: staff_members.change_role(role=StaffRole.FRONT_DESK, **said), staff_members.CannotChange)

    a, b, c, d = everybody
    at_once(lambda: throws_out(a, b), lambda: throws_out(b, a), lambda: lowers(c, d), lambda: lowers(d, c))
    assert practice.staff.filter(active=True, role=StaffRole.MANAGER).count() == 2


def test_who_changes_a_contact_hands_no_token_over_at_the_same_moment(practice: Practice) -> None:
    """Both pages were right when they looked; the token would be heard of at the address that was just put there."""
    with transaction.atomic():
        chart, clerk = a_full_chart(practice), front_desk(practice)
        code = a_token(chart, mailed=True).code
    request = a_request(practice)
    why = contact_changes.Why(clerk, "asked", request)
    to = Typed(tuple(chart.emails), NEW_TYPED, chart.home_phone)
    said: dict[str, Any] = {"chart": now(chart), "by": clerk, "reason": "asked", "id_seen": IdSeen.PASSPORT}
    done = in_turn(
        code,
        lambda: contact_changes.update(chart=now(chart), to=to, why=why),
        lambda: outcome(lambda: desk_codes.hand_over(**said, request=request), desk_codes.ChangedAContact),
    )
    assert done[1] == "ChangedAContact"
    assert contacts.changed_by(clerk.pk, now(chart))
    assert list(chart.codes.values_list("state", flat=True)) == [CodeState.PENDING]


def test_undo_takes_back_no_change_that_came_between(practice: Practice) -> None:
    first, second = managers(practice, 2)
    change(practice, first, "Two")
    event = changing.lately(practice, 1)[0]
    undone = at_once(
        lambda: outcome(lambda: saving.undo(event=event, by=first, request=a_request(practice)), saving.ChangedSince),
        lambda: outcome(lambda: change(practice, second, "Three")),
    )
    assert undone[1] == "done"
    assert Practice.objects.get(pk=practice.pk).hours == "Three"


def change(practice: Practice, by: Account, hours: str) -> list[changing.Change]:
    return changing.change(practice=practice, values={"hours": hours}, by=by, request=None)


def test_four_begin_a_form_of_one_title(practice: Practice) -> None:
    begun = at_once(
        *(lambda: outcome(lambda: drafts.begin_form(practice=practice, title="Photos")) for _manager in range(4))
    )
    assert Counter(begun) == {"done": 4}
    assert len(set(practice.consent_forms.values_list("slug", flat=True))) == 4
