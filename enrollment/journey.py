"""The journey as a table: (kind of code, what is known) → next step. Pure values, no database.

Consent forms are no row: they are asked before the last page and before home, whatever led there (flow E).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enrollment.models import CodeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise


class Step(StrEnum):
    """The pages of an enrollment; each value is the name of the page's route."""

    TERMS = "enroll_terms"
    WAY_IN = "enroll_way_in"
    TOKEN = "enroll_token"  # noqa: S105 - the name of a route
    ACTIVATE = "enroll_activate"
    INVITED = "enroll_invited"
    ACCOUNT = "enroll_account"
    WHOSE = "enroll_whose"
    CARER = "enroll_carer"
    CREDENTIALS = "enroll_credentials"
    PROTECT = "protect"
    PHONE = "enroll_phone"
    RELATIONSHIP = "enroll_relationship"
    APPROVAL = "enroll_approval"
    DONE = "enroll_done"
    HOME = "home"


@dataclass(frozen=True)
class Known:
    """What an enrollment knows so far.

    `option_asked`: the practice requires a security option; `phone_asked`: the code alone is no proof of the record;
    `relationship_asked`: what names the patient does not say who holds it; `carer_asked`: the person acts for somebody
    else; `approval_asked`: nobody but themselves says that they may, and the practice decides.
    """

    terms_accepted: bool = False
    kind: CodeKind | None = None
    code_matched: bool = False
    account_chosen: bool = False
    carer_asked: bool = False
    carer_known: bool = False
    account_made: bool = False
    option_asked: bool = False
    is_protected: bool = False
    phone_asked: bool = False
    is_proven: bool = False
    relationship_asked: bool = False
    relationship_known: bool = False
    approval_asked: bool = False


def _always(_known: Known) -> bool:
    return True


@dataclass(frozen=True)
class Row:
    """One step: its label in the step indicator, for which kinds and when it is asked, and when it is done."""

    step: Step
    label: _StrPromise
    kinds: frozenset[CodeKind]
    is_done: Callable[[Known], bool]
    is_asked: Callable[[Known], bool] = _always


EVERY_KIND = frozenset(CodeKind) - {CodeKind.RESET}  # which opens no journey, but a new password
TOKEN = frozenset({CodeKind.TOKEN})
ACTIVATION = frozenset({CodeKind.ACTIVATION})
INVITATION = frozenset({CodeKind.INVITATION})
TYPED = TOKEN | ACTIVATION  # they begin at the sign-in page; an invitation is a link, and its terms a checkbox
TABLE = (
    Row(Step.TERMS, _("Terms"), TYPED, lambda known: known.terms_accepted),
    Row(Step.WAY_IN, _("Your code"), TYPED, lambda known: known.kind is not None),
    Row(Step.TOKEN, _("Token details"), TOKEN, lambda known: known.code_matched),
    Row(Step.ACTIVATE, _("Activate your account"), ACTIVATION, lambda known: known.code_matched),
    Row(Step.INVITED, _("Create your new password"), INVITATION, lambda known: known.code_matched),
    Row(Step.ACCOUNT, _("Account options"), TOKEN, lambda known: known.account_chosen),
    Row(Step.WHOSE, _("Who it is for"), ACTIVATION, lambda known: known.account_chosen),
    Row(
        Step.CARER,
        _("About you"),
        TYPED,
        lambda known: known.carer_known,
        is_asked=lambda known: known.carer_asked,
    ),
    Row(Step.CREDENTIALS, _("Account credentials"), EVERY_KIND, lambda known: known.account_made),
    Row(
        Step.PROTECT,
        _("Protect your account"),
        EVERY_KIND,
        lambda known: known.is_protected,
        is_asked=lambda known: known.option_asked,
    ),
    Row(
        Step.PHONE,
        _("Verify your phone on file"),
        EVERY_KIND,
        lambda known: known.is_proven,
        is_asked=lambda known: known.phone_asked,
    ),
    Row(
        Step.RELATIONSHIP,
        _("Your relationship"),
        INVITATION,
        lambda known: known.relationship_known,
        is_asked=lambda known: known.relationship_asked,
    ),
    Row(
        Step.APPROVAL,
        _("The practice approves"),
        EVERY_KIND,
        lambda _known: False,
        is_asked=lambda known: known.approval_asked,
    ),
    Row(Step.DONE, _("Done"), TOKEN | INVITATION, lambda _known: False),
    Row(Step.HOME, _("Done"), ACTIVATION, lambda _known: False),
)


def steps(known: Known) -> tuple[Row, ...]:
    """The rows that are asked; while no kind of code was chosen, those that every typed kind asks for."""
    kind = known.kind
    rows = [row for row in TABLE if (kind in row.kinds if kind else row.kinds >= TYPED)]
    return tuple(row for row in rows if row.is_asked(known))


def next_step(known: Known) -> Step:
    """The first step that is not done yet."""
    return next(row.step for row in steps(known) if not row.is_done(known))


def may_show(step: Step, known: Known) -> bool:
    """Whether a page may be shown: the next step, or one already done as long as no account was made."""
    order = [row.step for row in steps(known)]
    if step not in order:
        return False
    here, furthest = order.index(step), order.index(next_step(known))
    return here == furthest or (here < furthest and not known.account_made)
