"""Setting up a practice, together with the manager who does the rest."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction

from audit.events import Event
from audit.record import record
from practices import current
from practices.choices import StaffRole
from practices.models import Practice, StaffMembership


@dataclass(frozen=True)
class Manager:
    """Who the first manager is; the email, folded, is the sign-in name."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""


@transaction.atomic
def create(*, practice: Practice, manager: Manager) -> StaffMembership:
    """Save a new practice, the account of its first manager and the membership: all three or none."""
    practice.save()
    record(Event.PRACTICE_CREATED, actor=None, practice=practice, subject=practice, request=None)
    account = get_user_model().objects.create_account(
        sign_in_name=manager.email,
        email=manager.email,
        password=manager.password,
        first_name=manager.first_name,
        last_name=manager.last_name,
        language=practice.language,
    )
    record(Event.ACCOUNT_CREATED, actor=None, practice=practice, subject=account, request=None)
    membership = StaffMembership.objects.create(practice=practice, account=account, role=StaffRole.MANAGER)
    record(Event.STAFF_ADDED, actor=None, practice=practice, subject=account, request=None, role=membership.role)
    transaction.on_commit(current.forget)
    return membership
