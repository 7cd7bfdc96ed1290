"""Why somebody cannot get in: a pure table over what is known of them, in the order in which it stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from accounts.models import AccessState, EndReason
from enrollment.models import CodeState
from notifications.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DEAD_CODES = (CodeState.EXPIRED, CodeState.REVOKED, CodeState.SUPERSEDED, CodeState.REDEEMED)
NO_SUCH = frozenset({Trouble.BOUNCED, Trouble.WRONG_NUMBER})


class Cause(StrEnum):
    """All that the portal can put in somebody's way; what stands first comes first."""

    DECEASED = "deceased"
    INACTIVE = "inactive"
    LOCKED = "locked"
    STOPPED = "stopped"
    CAME_OF_AGE = "came_of_age"
    OVER = "over"
    APPROVAL = "approval"
    CLOSED_BY_RESET = "closed_by_reset"
    TOO_YOUNG = "too_young"
    CODE_LOCKED = "code_locked"
    CODE_REVOKED = "code_revoked"
    CODE_EXPIRED = "code_expired"
    ENDED = "ended"
    NO_EMAIL = "no_email"
    NO_CODE = "no_code"
    MAIL_BOUNCED = "mail_bounced"
    MAILBOX_FULL = "mailbox_full"
    WRONG_ANSWERS = "wrong_answers"
    SUPERSEDED = "superseded"
    CODE_UNUSED = "code_unused"
    VOUCH_ASKED = "vouch_asked"
    CONTACTS_REST = "contacts_rest"
    WRONG_DATES = "wrong_dates"
    NO_PHONE_ON_FILE = "no_phone_on_file"
    PHONE_UNREACHED = "phone_unreached"
    UNPROVEN = "unproven"
    WRONG_CODES = "wrong_codes"
    WRONG_AT_RESETS = "wrong_at_resets"
    SLOWED = "slowed"
    SLOWED_PLACE = "slowed_place"
    OPTION_LOCKED = "option_locked"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a cause
    TEXTS_STOPPED = "texts_stopped"
    LANDLINE = "landline"
    OPTION_UNREACHED = "option_unreached"
    RESETS_STOPPED = "resets_stopped"
    RESET_WAITS = "reset_waits"
    CLOSING_WAITS = "closing_waits"
    OPTION_MISSING = "option_missing"
    NAME_LOST = "name_lost"
    NAME_UNVERIFIED = "name_unverified"
    TERMS = "terms"
    CONSENT = "consent"
    CHANGES_STOPPED = "changes_stopped"
    CHANGES_REST = "changes_rest"
    SEES_LESS = "sees_less"
    LEFT_STAFF = "left_staff"


@dataclass(frozen=True)
class Facts:
    """What is known of one person and one record. `access`: None where the person has no account that holds it.

    `code`: the newest code of the person, `code_troubles` of the email it went to; `option_troubles` of phones and
    emails that two-step codes go to; `phone_troubles` of those on file, where every one of them has some.
    `link_goes`: the paw sends them a link for a new password. `reset_due`: when a new password that waits may be made,
    `closing_due`: when the account is closed.
    """

    deceased: bool = False
    active: bool = True
    too_young: bool = False
    has_email: bool = True
    access: AccessState | None = None
    ended_because: str = ""
    rests_with_record: bool = False
    is_over: bool = False
    came_of_age: bool = False
    locked: bool = False
    code: CodeState | None = None
    was_superseded: bool = False
    wrong_answers: int = 0
    code_troubles: frozenset[Trouble] = frozenset()
    vouch_asked: bool = False
    contacts_rest: bool = False
    wrong_dates: bool = False
    has_phone_on_file: bool = True
    phone_troubles: frozenset[Trouble] = frozenset()
    link_goes: bool = False
    has_verified_email: bool = False
    wrong_codes: bool = False
    wrong_at_resets: bool = False
    slowed: bool = False
    slowed_place: bool = False
    option_locked: bool = False
    wrong_password: bool = False
    option_troubles: frozenset[Trouble] = frozenset()
    has_other_option: bool = False
    resets_stopped: bool = False
    reset_due: datetime | None = None
    closing_due: datetime | None = None
    option_missing: bool = False
    name_lost: bool = False
    name_unverified: bool = False
    terms_due: bool = False
    consent_due: bool = False
    changes_stopped: bool = False
    changes_rest: bool = False
    sees_less: bool = False
    left_staff: bool = False

    @property
    def outside(self) -> bool:
        """Whether only a code leads in."""
        return self.access in {None, AccessState.ENDED}

    @property
    def waits(self) -> bool:
        return self.access == AccessState.WAITING

    @property
    def signs_in(self) -> bool:
        """Whether what stands at a sign-in is in the way at all."""
        return not self.outside and not self.locked


def _needs_code(facts: Facts) -> bool:
    return facts.outside and (facts.code is None or facts.code in DEAD_CODES)


def _has_code(facts: Facts) -> bool:
    return facts.outside and facts.code == CodeState.PENDING


RULES: dict[Cause, Callable[[Facts], bool]] = {
    Cause.DECEASED: lambda one: one.deceased,
    Cause.INACTIVE: lambda one: not one.active,
    Cause.LOCKED: lambda one: one.locked and not one.outside,
    Cause.STOPPED: lambda one: one.access == AccessState.SUSPENDED and not one.rests_with_record,
    Cause.CAME_OF_AGE: lambda one: one.is_over and one.came_of_age,
    Cause.OVER: lambda one: one.is_over and not one.came_of_age,
    Cause.APPROVAL: lambda one: one.access == AccessState.APPROVAL,
    Cause.CLOSED_BY_RESET: lambda one: one.access == AccessState.ENDED and one.ended_because == EndReason.RESET,
    Cause.TOO_YOUNG: lambda one: one.outside and one.too_young,
    Cause.CODE_LOCKED: lambda one: one.outside and one.code == CodeState.LOCKED,
    Cause.CODE_REVOKED: lambda one: one.outside and one.code == CodeState.REVOKED,
    Cause.CODE_EXPIRED: lambda one: one.outside and one.code == CodeState.EXPIRED,
    Cause.ENDED: lambda one: one.access == AccessState.ENDED and _needs_code(one),
    Cause.NO_EMAIL: lambda one: _needs_code(one) and not one.has_email,
    Cause.NO_CODE: lambda one: (
        one.access is None and one.code in {None, CodeState.REDEEMED, CodeState.SUPERSEDED} and one.has_email
    ),
    Cause.MAIL_BOUNCED: lambda one: _has_code(one) and bool(one.code_troubles & NO_SUCH),
    Cause.MAILBOX_FULL: lambda one: _has_code(one) and Trouble.MAILBOX_FULL in one.code_troubles,
    Cause.WRONG_ANSWERS: lambda one: _has_code(one) and one.wrong_answers > 0,
    Cause.SUPERSEDED: lambda one: _has_code(one) and one.was_superseded,
    Cause.CODE_UNUSED: _has_code,
    Cause.VOUCH_ASKED: lambda one: one.waits and one.vouch_asked,
    Cause.CONTACTS_REST: lambda one: one.waits and one.contacts_rest,
    Cause.WRONG_DATES: lambda one: one.waits and one.wrong_dates,
    Cause.NO_PHONE_ON_FILE: lambda one: one.waits and not one.contacts_rest and not one.has_phone_on_file,
    Cause.PHONE_UNREACHED: lambda one: one.waits and bool(one.phone_troubles),
    Cause.UNPROVEN: lambda one: one.waits,
    Cause.WRONG_CODES: lambda one: one.signs_in and one.wrong_codes,
    Cause.WRONG_AT_RESETS: lambda one: one.signs_in and one.wrong_at_resets and not one.wrong_codes,
    Cause.SLOWED: lambda one: one.signs_in and one.slowed,
    Cause.SLOWED_PLACE: lambda one: one.signs_in and one.slowed_place and not one.slowed,
    Cause.OPTION_LOCKED: lambda one: one.signs_in and one.option_locked,
    Cause.WRONG_PASSWORD: lambda one: one.signs_in and one.wrong_password and not (one.slowed or one.slowed_place),
    Cause.TEXTS_STOPPED: lambda one: one.signs_in and Trouble.STOPPED in one.option_troubles,
    Cause.LANDLINE: lambda one: one.signs_in and Trouble.LANDLINE in one.option_troubles,
    Cause.OPTION_UNREACHED: lambda one: (
        one.signs_in and bool(one.option_troubles - {Trouble.STOPPED, Trouble.LANDLINE})
    ),
    Cause.RESETS_STOPPED: lambda one: one.signs_in and one.resets_stopped,
    Cause.RESET_WAITS: lambda one: one.signs_in and one.reset_due is not None,
    Cause.CLOSING_WAITS: lambda one: one.signs_in and one.closing_due is not None,
    Cause.OPTION_MISSING: lambda one: one.signs_in and one.option_missing,
    Cause.NAME_LOST: lambda one: one.signs_in and one.name_lost,
    Cause.NAME_UNVERIFIED: lambda one: one.signs_in and one.name_unverified,
    Cause.TERMS: lambda one: one.signs_in and one.terms_due,
    Cause.CONSENT: lambda one: one.signs_in and one.consent_due,
    Cause.CHANGES_STOPPED: lambda one: one.signs_in and one.changes_stopped,
    Cause.CHANGES_REST: lambda one: one.signs_in and one.changes_rest and not one.changes_stopped,
    Cause.SEES_LESS: lambda one: one.sees_less,
    Cause.LEFT_STAFF: lambda one: one.signs_in and one.left_staff,
}
# In nobody's way into the portal, and yet what somebody may mean who calls.
WORTH_KNOWING = frozenset({Cause.CHANGES_STOPPED, Cause.CHANGES_REST, Cause.SEES_LESS, Cause.LEFT_STAFF})
# Said only where nothing else is: each is so of everybody who is on the way.
WHEN_ALONE = frozenset({Cause.CODE_UNUSED, Cause.UNPROVEN})


def in_the_way(facts: Facts) -> list[Cause]:
    """What keeps somebody out, what stands first in the way first; [] where nothing does."""
    found = [cause for cause in Cause if cause not in WORTH_KNOWING and RULES[cause](facts)]
    if found and found[0] in {Cause.DECEASED, Cause.INACTIVE}:
        return found[:1]  # nothing else can be mended before
    told = [cause for cause in found if cause not in WHEN_ALONE]
    return told or found


def worth_knowing(facts: Facts) -> list[Cause]:
    """What keeps nobody out, and may be what they call about."""
    is_closed = facts.deceased or not facts.active
    return [] if is_closed else [cause for cause in Cause if cause in WORTH_KNOWING and RULES[cause](facts)]
