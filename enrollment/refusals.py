"""Why an enrollment cannot go on, in words for the patient. Only who matched a code is told (docs/flows.md, rule 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Refusal(Exception):
    """The code matched, and yet the journey ends here."""

    title: ClassVar[_StrPromise]
    words: ClassVar[_StrPromise]
    desk: ClassVar[str] = ""  # the same for staff, who know the chart
    offers_sign_in = False
    offers_objection = False


class CodeExpired(Refusal):
    title = _("This token has expired")
    words = _("Tokens are good for a limited time only. Call the practice and ask for a new one.")


class CodeRevoked(Refusal):
    title = _("This token was cancelled")
    words = _("The practice cancelled this token, or it was tried too often. Call the practice and ask for a new one.")


class CodeSuperseded(Refusal):
    title = _("There is a newer token")
    words = _("The practice issued another token after this one. Use the newest, or ask the practice for one.")


class CodeLocked(Refusal):
    title = _("This token is locked for 20 minutes")
    words = _("There were several wrong answers. Wait 20 minutes and start again, or call the practice.")


class CodeUsed(Refusal):
    title = _("This token was already used")
    words = _("An account was opened with it. Sign in to that account. If it was not you, call the practice.")
    offers_sign_in = True


class RecordClosed(Refusal):
    title = _("We cannot open an account with this token")
    words = _("Call the practice: the people there can see why, and help you.")
    desk = "the patient is deceased or inactive."


class RecordHasAccount(Refusal):
    title = _("There already is an account for this record")
    words = _("If the account is yours, sign in. If you do not know of it, tell us.")
    desk = "the patient has an account already."
    offers_sign_in = True
    offers_objection = True


class PatientIsAChild(Refusal):
    title = _("This token is for a child")
    words = _(
        "Children under 13 do not have an account of their own. "
        "Call the practice: it will arrange access for a parent or guardian."
    )
    desk = "the patient is under 13, and children have no account of their own."


class AccountIsSomebodyElse(Refusal):
    title = _("This account belongs to somebody else")
    words = _(
        "The account you signed in with is another person's own. "
        "Create a new account for this token, with a username if you share an email address."
    )


class AlreadyThisPractice(Refusal):
    title = _("This account has a record at this practice already")
    words = _("The practice seems to have two records for you. Call the practice: it can bring them together.")
    offers_sign_in = True
