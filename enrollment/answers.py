"""What is typed beside the number of a code, and whether it is the patient's: one class for each kind of check.

An unknown number is answered in the same time as a wrong answer: every comparison is made, against nobody's record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from enrollment import holders
from enrollment.identity import NOBODY, birth_date_matches
from enrollment.models import CodeKind
from guard import secrets
from pages.fields import fold_email
from practices import phones
from practices.choices import ActivationCheck
from practices.matching import fold_name, same_family_name

if TYPE_CHECKING:
    from datetime import date

    from enrollment.models import EnrollmentCode

LAST_DIGITS = 4
NOT_DIGITS = re.compile(r"\D+", re.ASCII)


class Answer(Protocol):
    """What belongs to one kind of code."""

    @property
    def kind(self) -> CodeKind:
        """Which codes it may open: a token's three answers are not to be got round by another page's two."""

    def digest(self) -> bytes:
        """One digest for one distinct answer: the same wrong answer counts once."""

    def is_right(self, code: EnrollmentCode) -> bool:
        """Compare it, in constant time, with what the code's record or the code itself has."""


@dataclass(frozen=True)
class TokenAnswer:
    """Date of birth and last name, former names too (docs/flows.md A.4)."""

    birth_date: date
    last_name: str
    kind: CodeKind = CodeKind.TOKEN

    def digest(self) -> bytes:
        return secrets.digest("answer", self.birth_date.isoformat(), fold_name(self.last_name))

    def is_right(self, code: EnrollmentCode) -> bool:
        right_name = same_family_name(code.record, self.last_name)
        return birth_date_matches(code.record, self.birth_date) & right_name


@dataclass(frozen=True)
class BirthDateAnswer:
    """The patient's date of birth, beside an activation code (docs/flows.md B.2)."""

    birth_date: date
    kind: CodeKind = CodeKind.ACTIVATION

    def digest(self) -> bytes:
        return secrets.digest("answer", self.birth_date.isoformat())

    def is_right(self, code: EnrollmentCode) -> bool:
        return birth_date_matches(code.record, self.birth_date)


@dataclass(frozen=True)
class PhoneAnswer:
    """A phone on the record, whole or its last four digits, beside an activation code (docs/flows.md B.2)."""

    check: ActivationCheck
    typed: str
    kind: CodeKind = CodeKind.ACTIVATION

    def digest(self) -> bytes:
        return secrets.digest("answer", "phone", self._typed)

    def is_right(self, code: EnrollmentCode) -> bool:
        on_file = phone_of(self.check, code.record)
        asked = on_file[-LAST_DIGITS:] if len(self._typed) == LAST_DIGITS else on_file
        return secrets.same(asked.encode(), self._typed.encode()) & (on_file != "")

    @property
    def _typed(self) -> str:
        """Four digits, or E.164."""
        digits = NOT_DIGITS.sub("", self.typed)
        return digits if len(digits) == LAST_DIGITS else phones.usable_e164(self.typed)


@dataclass(frozen=True)
class InvitedAnswer:
    """The email that an invitation was for: typed, not shown (docs/flows.md C.2)."""

    email: str
    kind: CodeKind = CodeKind.INVITATION

    def digest(self) -> bytes:
        return secrets.digest("answer", "email", fold_email(self.email))

    def is_right(self, code: EnrollmentCode) -> bool:
        return _same_email(code, self.email) & (code.proxy_id is None)


@dataclass(frozen=True)
class NamedAnswer:
    """The email that a named proxy was invited at, and their own date of birth (docs/flows.md, I)."""

    email: str
    birth_date: date
    kind: CodeKind = CodeKind.INVITATION

    def digest(self) -> bytes:
        return secrets.digest("answer", "named", fold_email(self.email), self.birth_date.isoformat())

    def is_right(self, code: EnrollmentCode) -> bool:
        is_born = birth_date_matches(code.proxy or NOBODY, self.birth_date)
        return _same_email(code, self.email) & is_born & (code.proxy_id is not None)


@dataclass(frozen=True)
class ResetAnswer:
    """The patient's date of birth, and what the account signs in with (folded), beside a reset token (F.7)."""

    username: str
    birth_date: date
    kind: CodeKind = CodeKind.RESET

    def digest(self) -> bytes:
        return secrets.digest("answer", "reset", self.birth_date.isoformat(), self.username)

    def is_right(self, code: EnrollmentCode) -> bool:
        name = holders.sign_in_name(code)
        is_name = secrets.same(name.encode(), self.username.encode()) & (name != "")
        return birth_date_matches(code.record, self.birth_date) & is_name


def _same_email(code: EnrollmentCode, typed: str) -> bool:
    invited = fold_email(code.sent_to)
    return secrets.same(invited.encode(), fold_email(typed).encode()) & (invited != "")


def phone_of(check: ActivationCheck, chart: object) -> str:
    """The phone (E.164) on a record that a check asks for, "" where there is none that is usable."""
    number: str = getattr(chart, {"home_phone": "home_e164", "work_phone": "work_e164"}[check])
    return number
