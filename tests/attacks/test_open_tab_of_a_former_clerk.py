"""The attacker: works here no more, and presses what stands in a tab that is still open.

Every route for staff, asked and pressed, by who was just deactivated, lowered, locked, or lost their second step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import locking, options_reset, staff_members
from accounts.models import Account
from guard.audience import Audience
from guard.models import Session
from practices.choices import StaffRole
from tests.contracts.first_practice import FirstPractice, words_in
from tests.contracts.routes import routes_for
from tests.contracts.test_other_practices_do_not_exist import TYPED, changed
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import member_of, with_email
from verification.models import Passkey

pytestmark = pytest.mark.django_db

STAFFS = routes_for(Audience.STAFF)
# What the front desk may open (docs/flows.md H). Whoever adds a page that is not a manager's adds it here.
DESKS = {
    f"staff:{name}" for name in (
        "index", "patients", "all_patients", "chart", "paw", "waiting", "vouch", "vouch_take_back", "results", "result",
        "lift_codes", "lift_stop", "lift_access", "end_access", "name_proxy", "proxy", "proxy_invite", "proxy_token",
        "proxy_token_made", "proxy_withdraw", "growing", "claims", "claim_approve", "claim_decline", "issue_token",
        "token_made", "letter", "email_code", "reset_token", "revoke_code", "unlock_code", "letters", "letters_run",
        "letters_pages", "letters_printed", "letters_revoke", "lock_account", "unlock_account", "sign_out_everywhere",
        "access_terms", "confirm_own", "update_contacts", "stop_phone", "use_phone", "undo_contacts", "conflicts",
        "conflict_keep", "conflict_take", "merges", "merge", "merge_leave", "invite_all", "invite_check",
        "invite_start", "invite_run", "invite_pause", "invite_resume", "invite_end", "deliveries", "delivery",
        "delivery_again", "opt_outs", "preview_colour",
    )
}  # fmt: skip


NOT_ALLOWED = 405
ONE_OF_EACH = ("staff:index", "staff:vouch", "staff:settings_section", "staff:roster")


@pytest.fixture
def first(settings: Any) -> FirstPractice:
    settings.TWILIO_CODES_SERVICE_SID = "MGshared"
    return FirstPractice()


def test_who_is_no_manager_or_no_staff_any_more_opens_and_changes_nothing(first: FirstPractice) -> None:
    """Both at every route; who was signed out by it, or has no second step any more, at one of each kind."""
    dismissed, was_there = at_a_tab(first, "dismissed")
    lowered, was_manager = at_a_tab(first, "lowered")
    dismissed.staff_memberships.update(active=False)  # deactivated, and signed in again since
    staff_members.change_role(member=member_of(lowered), role=StaffRole.FRONT_DESK, **by(first))
    outside = {name: signed_out(first, name, lose) for name, lose in losses(first).items()}
    before, wrong = first.facts(), []
    for route in STAFFS:
        tabs = {"dismissed": was_there, **({} if route.name in DESKS else {"lowered": was_manager})}
        for name, tab in {**tabs, **(outside if route.name in ONE_OF_EACH else {})}.items():
            address = first.address(route)
            answer = tab.post(address, {**TYPED, **first.ids()})
            if answer.status_code == NOT_ALLOWED:
                answer = tab.get(address)
            if not is_refused(answer, "/protect/" if name == "bare" else "/?next=" if name in outside else ""):
                wrong.append((route.name, name, answer.status_code, words_in(answer)))
    assert wrong == []
    assert changed(before, first.facts()) == []
    assert {route.name for route in STAFFS} >= DESKS.union(ONE_OF_EACH)


def at_a_tab(first: FirstPractice, name: str) -> tuple[Account, Client]:
    """A manager with a page open, in a browser that takes any answer: tests of the pages check those."""
    account = with_email(a_manager(first.practice, name), first.practice, name.capitalize(), "Marsh")
    browser, _key = at_work(account, first.practice)
    tab = Client(HTTP_HOST=first.practice.host)
    tab.cookies = browser.cookies
    assert tab.get("/staff/settings/").status_code == 200
    return account, tab


def signed_out(first: FirstPractice, name: str, lose: Callable[[Account], object]) -> Client:
    """The tab of who lost it just now."""
    account, tab = at_a_tab(first, name)
    lose(account)
    return tab


def losses(first: FirstPractice) -> dict[str, Callable[[Account], object]]:
    return {
        "deactivated": lambda one: staff_members.deactivate(member=member_of(one), **by(first)),
        "locked": lambda one: locking.lock(account=one, **by(first)),
        "reset": lambda one: reset_by_two(one, first),
        "bare": lambda one: Passkey.objects.filter(user_id=one.pk).delete(),
        "idle": lambda one: Session.objects.filter(owner_id=one.pk).update(expires_at=timezone.now()),
    }


def reset_by_two(account: Account, first: FirstPractice) -> None:
    member, second = member_of(account), a_manager(first.practice, "zq-approves")
    asked = options_reset.ask(member=member, **by(first))
    options_reset.approve(reset=asked, member=member, by=second, known_by="in_person", request=first.request)


def by(first: FirstPractice) -> dict[str, Any]:
    return {"by": first.manager, "reason": "left", "request": first.request}


def is_refused(answer: Any, leads_to: str) -> bool:
    """As a stranger is: sent to the sign-in, or told that there is no such page, with nothing of anybody on it."""
    if leads_to:
        return bool(answer.status_code == 302 and answer["Location"].startswith(leads_to))
    return answer.status_code == 404 and not {*words_in(answer)} - {"quince"}
