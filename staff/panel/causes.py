"""Why somebody cannot get in: a pure table over what is known of them, in the order in which it stands in the way."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from accounts.models import AccessState, EndReason
from enrollment.models import CodeState
from notifications.trouble import Trouble
from staff.panel.person import DEAD_CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from staff.panel.person import Facts

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
    CODE_IN_USE = "code_in_use"
    NEWER_CODE = "newer_code"
    ENDED = "ended"
    LAPSED = "lapsed"
    NO_EMAIL = "no_email"
    GUARDIANS_EMAIL = "guardians_email"
    NO_CODE = "no_code"
    MAIL_BOUNCED = "mail_bounced"
    MAILBOX_FULL = "mailbox_full"
    MAIL_NOT_SENT = "mail_not_sent"
    WRONG_ANSWERS = "wrong_answers"
    SUPERSEDED = "superseded"
    OTHER_ACCOUNT = "other_account"
    BEGUN = "begun"
    CODE_UNUSED = "code_unused"
    UNSAID = "unsaid"
    VOUCH_ASKED = "vouch_asked"
    CONTACTS_REST = "contacts_rest"
    NAME_RESTS = "name_rests"
    WRONG_DATES = "wrong_dates"
    PHONES_OFF = "phones_off"
    PHONE_NOT_USED = "phone_not_used"
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


def _needs_code(facts: Facts) -> bool:
    return facts.outside and (facts.code is None or facts.code in DEAD_CODES)


def _is_asked(facts: Facts) -> bool:
    """Whether a code of their own is what they need; a child's parents need one."""
    return _needs_code(facts) and not facts.too_young


def _has_code(facts: Facts) -> bool:
    return facts.outside and facts.code == CodeState.PENDING


RULES: dict[Cause, Callable[[Facts], bool]] = {
    Cause.DECEASED: lambda one: one.deceased,
    Cause.INACTIVE: lambda one: not one.active,
    Cause.LOCKED: lambda one: one.locked and not one.outside,
    Cause.STOPPED: lambda one: one.access == AccessState.SUSPENDED,
    Cause.CAME_OF_AGE: lambda one: one.is_over and one.came_of_age,
    Cause.OVER: lambda one: one.is_over and not one.came_of_age,
    Cause.APPROVAL: lambda one: one.access == AccessState.APPROVAL and not one.locked,
    Cause.CLOSED_BY_RESET: lambda one: one.access == AccessState.ENDED and one.ended_because == EndReason.RESET,
    Cause.TOO_YOUNG: lambda one: one.outside and one.too_young,
    Cause.CODE_LOCKED: lambda one: (one.outside or one.waits) and one.code == CodeState.LOCKED,
    Cause.CODE_REVOKED: lambda one: (one.outside or one.waits) and one.code == CodeState.REVOKED,
    Cause.CODE_EXPIRED: lambda one: one.outside and one.code == CodeState.EXPIRED,
    Cause.CODE_IN_USE: lambda one: one.outside and one.code == CodeState.RESERVED,
    Cause.NEWER_CODE: lambda one: one.waits and one.code == CodeState.SUPERSEDED,
    Cause.ENDED: lambda one: one.access == AccessState.ENDED and _needs_code(one),
    Cause.LAPSED: lambda one: one.outside and one.has_lapsed,
    Cause.NO_EMAIL: lambda one: _is_asked(one) and not one.has_email and not one.is_guardians,
    Cause.GUARDIANS_EMAIL: lambda one: _is_asked(one) and one.is_guardians,
    Cause.NO_CODE: lambda one: (
        _is_asked(one)
        and one.access is None
        and one.code in {None, CodeState.REDEEMED, CodeState.SUPERSEDED}
        and one.has_email
    ),
    Cause.MAIL_BOUNCED: lambda one: _has_code(one) and bool(one.code_troubles & NO_SUCH),
    Cause.MAILBOX_FULL: lambda one: _has_code(one) and Trouble.MAILBOX_FULL in one.code_troubles,
    Cause.MAIL_NOT_SENT: lambda one: _has_code(one) and Trouble.OURS in one.code_troubles,
    Cause.WRONG_ANSWERS: lambda one: _has_code(one) and one.wrong_answers > 0,
    Cause.SUPERSEDED: lambda one: _has_code(one) and one.was_superseded,
    Cause.OTHER_ACCOUNT: lambda one: _has_code(one) and one.was_refused,
    Cause.BEGUN: lambda one: _has_code(one) and bool(one.stopped_at) and not one.was_refused,
    Cause.CODE_UNUSED: _has_code,
    Cause.UNSAID: lambda one: one.waits and one.unsaid,
    Cause.VOUCH_ASKED: lambda one: one.proves and one.vouch_asked,
    Cause.CONTACTS_REST: lambda one: one.proves and one.contacts_rest,
    Cause.NAME_RESTS: lambda one: one.proves and one.name_rests,
    Cause.WRONG_DATES: lambda one: one.proves and one.wrong_dates,
    Cause.PHONES_OFF: lambda one: one.proves and one.phones_off,
    Cause.PHONE_NOT_USED: lambda one: one.proves and bool(one.phone_not_used),
    Cause.NO_PHONE_ON_FILE: lambda one: (
        one.proves
        and not (one.contacts_rest or one.name_rests or one.phones_off or one.phone_not_used or one.has_phone_on_file)
    ),
    Cause.PHONE_UNREACHED: lambda one: one.proves and bool(one.phone_troubles),
    Cause.UNPROVEN: lambda one: one.proves,
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
