"""Which texts may go to a phone: codes that were asked for, warnings, and, to who agreed, everything else.

A yes belongs to a number at a practice. Several people may speak for one (a family's phone): it gets reminders and
notices where at least one said yes and nobody said no (docs/decisions/0024-consents.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import Q
from django.utils import timezone

from notifications import optout
from notifications.models import Message, TextingConsent

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from practices.models import PatientRecord, Practice


class Matter(Enum):
    """What a text is about. All of them end where the phone said STOP."""

    CODE = "a code that the person asked for: no consent is needed"
    WARNING = "a change that its owner may have to stop (docs/flows.md, rule 12): no consent is needed"
    NOTICE = "a reminder or notice: only to who agreed, and stopped by a no at once"


# By notice. What is not named here is a notice: nobody is texted because a line was forgotten.
MATTERS = {
    "account_closed_told": Matter.WARNING,
    "account_locked": Matter.WARNING,
    "account_reset_asked": Matter.WARNING,
    "account_unlocked": Matter.WARNING,
    "access_stopped": Matter.WARNING,
    "access_terms": Matter.WARNING,
    "activation_code": Matter.CODE,  # by text only to who pressed **Send me a new one**
    "chart_moved": Matter.WARNING,
    "code": Matter.CODE,
    "code_given": Matter.WARNING,
    "code_revoked": Matter.WARNING,
    "code_unlocked": Matter.WARNING,
    "contact_changed": Matter.WARNING,
    "contact_confirmed": Matter.WARNING,
    "email_changed": Matter.WARNING,
    "email_replaced": Matter.WARNING,
    "growing_up_adult_soon": Matter.NOTICE,
    "growing_up_teen": Matter.NOTICE,
    "growing_up_teen_soon": Matter.NOTICE,
    "lifted_access": Matter.WARNING,
    "lifted_codes": Matter.WARNING,
    "lifted_stop": Matter.WARNING,
    "option_added": Matter.WARNING,
    "option_change_asked": Matter.WARNING,
    "option_removed": Matter.WARNING,
    "password_changed": Matter.WARNING,
    "reset_token_given": Matter.WARNING,
    "wrong_reset_codes": Matter.WARNING,
    "options_reset": Matter.WARNING,
    "password_reset": Matter.WARNING,
    "password_reset_waits": Matter.WARNING,
    "phone_stopped": Matter.WARNING,
    "proxy_ended": Matter.WARNING,
    "proxy_named": Matter.WARNING,
    "proxy_claimed": Matter.WARNING,
    "record_enrolled": Matter.WARNING,
    "reset_cancelled": Matter.WARNING,
    "signed_out_by_desk": Matter.WARNING,
    "staff_told": Matter.WARNING,
    "texting_off": Matter.WARNING,  # the last one, which carriers ask for: it also warns who did not say no
    "texting_on": Matter.NOTICE,
}


def refusal(message: Message, sender: str) -> str:
    """Why a text may not be sent, as a failure's name; "" where it may. Asked right before it leaves."""
    if optout.is_stopped(message.to, sender):
        return "stopped"
    if MATTERS.get(message.notice, Matter.NOTICE) is Matter.NOTICE and not agreed(message.practice, message.to):
        return "no_consent"
    return ""


def agreed(practice: Practice, number: str) -> bool:
    """Whether reminders and notices may be texted to a number: a yes, and no no."""
    said = TextingConsent.objects.filter(practice=practice, number=number)
    return said.aggregate(all=BoolAnd("agreed"))["all"] is True


def allow(
    *, practice: Practice, account: AbstractBaseUser, record: PatientRecord | None, numbers: Iterable[str]
) -> None:
    """Note a yes for these numbers (E.164). In the caller's transaction, which records the answer.

    A yes for themselves replaces the account's own no for a record, and the other way round.
    """
    numbers = set(numbers)
    said = TextingConsent.objects.filter(practice=practice, account_id=account.pk, number__in=numbers, agreed=False)
    said.filter(record__isnull=record is not None).delete()
    _say(practice, account, record, numbers, agreed=True)


def refuse(
    *, practice: Practice, account: AbstractBaseUser, record: PatientRecord | None, numbers: Iterable[str]
) -> list[str]:
    """Note a no for these numbers and all that the account once said yes for; gives those that had a yes.

    A no for themselves is one for every record, and a no for a record ends a yes for themselves: the form may have been
    asked the other way before.
    """
    said = TextingConsent.objects.filter(practice=practice, account_id=account.pk, agreed=True)
    if record is not None:
        said = said.filter(Q(record=record) | Q(record=None))
    had = set(said.values_list("number", flat=True))
    said.update(agreed=False, since=timezone.now())
    _say(practice, account, record, numbers, agreed=False)
    return sorted(had)


def end_all(practice: Practice) -> None:
    """End every yes at a practice, where no form is left on which it could be taken back; a no stays."""
    TextingConsent.objects.filter(practice=practice, agreed=True).delete()


def forget(*, practice: Practice, account: AbstractBaseUser, record: PatientRecord | None) -> None:
    """Let go of what an account said for a record that it no longer opens, or (None) of all it said at a practice."""
    said = TextingConsent.objects.filter(practice=practice, account_id=account.pk)
    (said.filter(record=record) if record else said).delete()


def _say(
    practice: Practice,
    account: AbstractBaseUser,
    record: PatientRecord | None,
    numbers: Iterable[str],
    *,
    agreed: bool,
) -> None:
    now = timezone.now()
    TextingConsent.objects.bulk_create(
        [
            TextingConsent(
                practice=practice, account_id=account.pk, record=record, number=one, agreed=agreed, since=now
            )
            for one in sorted(set(numbers))
        ],
        update_conflicts=True,
        unique_fields=["practice", "number", "account", "record"],
        update_fields=["agreed", "since"],
    )
