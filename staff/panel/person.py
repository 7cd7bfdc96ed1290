"""What is known of one person and one record: plain values, which the table of causes decides on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import AccessState
from enrollment.models import CodeState

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from notifications.trouble import Trouble

DEAD_CODES = (CodeState.EXPIRED, CodeState.REVOKED, CodeState.SUPERSEDED, CodeState.REDEEMED)


@dataclass(frozen=True)
class Facts:
    """What is known of one person and one record. `access`: None where the person has no account that holds it.

    `code`: the newest code of the person, or the one that they enrolled with, `code_troubles` of the email it went to;
    `is_guardians`: the only email is not the patient's own. `stopped_at`: the page that who began with the code left.
    `phone_not_used`: which phone of the record that is. `option_troubles` of phones and emails that two-step codes go
    to; `phone_troubles` of those on file, where every one of them has some. `link_goes`: the paw sends them a link for
    a new password. `reset_due`: when a new password that waits may be made, `closing_due`: when the account is closed.
    """

    deceased: bool = False
    active: bool = True
    too_young: bool = False
    has_email: bool = True
    is_guardians: bool = False
    access: AccessState | None = None
    ended_because: str = ""
    has_lapsed: bool = False
    is_over: bool = False
    came_of_age: bool = False
    locked: bool = False
    code: CodeState | None = None
    was_superseded: bool = False
    wrong_answers: int = 0
    code_troubles: frozenset[Trouble] = frozenset()
    stopped_at: StrOrPromise = ""
    was_refused: bool = False
    unsaid: bool = False
    vouch_asked: bool = False
    contacts_rest: bool = False
    name_rests: bool = False
    wrong_dates: bool = False
    phones_off: bool = False
    phone_not_used: str = ""
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
        """Whether they have an account, and only the proof of who they are is missing."""
        return self.access == AccessState.WAITING and not self.locked

    @property
    def proves(self) -> bool:
        """Whether a phone on file is what would prove it: their code is as good as it was."""
        return self.waits and not self.unsaid and self.code not in {*DEAD_CODES, CodeState.LOCKED}

    @property
    def signs_in(self) -> bool:
        """Whether what stands at a sign-in is in the way at all."""
        return not self.outside and not self.locked
