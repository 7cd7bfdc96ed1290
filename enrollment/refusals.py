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
    offers_new_code = False


class CodeExpired(Refusal):
    title = _("This code has expired")
    words = _("Codes are good for a limited time only.")
    offers_new_code = True


class CodeRevoked(Refusal):
    title = _("This code was canceled")
    words = _("The practice canceled this code, or it was tried too often. Call the practice and ask for a new one.")


class CodeSuperseded(Refusal):
    title = _("There is a newer code")
    words = _("The practice issued another code after this one. Use the newest: look for its email or letter.")
    offers_new_code = True


class CodeLocked(Refusal):
    title = _("This code is locked for 20 minutes")
    words = _("There were several wrong answers. Wait 20 minutes and start again, or call the practice.")


class CodeUsed(Refusal):
    title = _("This code was already used")
    words = _(
        "This code was already used (no records found to activate). An account was opened with it: sign in to that "
        "account. If it was not you, call the practice."
    )
    offers_sign_in = True


class RecordClosed(Refusal):
    title = _("We cannot open an account with this code")
    words = _("Call the practice: the people there can see why, and help you.")
    desk = "the patient is deceased or inactive."


class RecordHasAccount(Refusal):
    title = _("There already is an account for this record")
    words = _("If the account is yours, sign in. If you do not know of it, tell us.")
    desk = "the patient has an account already."
    offers_sign_in = True
    offers_objection = True


class PatientIsAChild(Refusal):
    title = _("This code is for a child")
    words = _("Children have no account of their own. If you care for the child, choose Someone else.")


class CodeIsForACarer(Refusal):
    title = _("This code is for somebody who cares for the patient")
    words = _("This code is not for the patient, but for somebody who cares for the patient. Choose Someone else.")


class NobodySaid(Refusal):
    title = _("We do not know who you are yet")
    words = _("Enter your code once more, and say whether it is for you or for someone else.")


class NotTheAccountsOwner(Refusal):
    title = _("This account belongs to somebody else")
    words = _(
        "What you typed about yourself is not what we know of the owner of this account. Check your first name and "
        "date of birth, or use an account of your own."
    )


class AccountIsSomebodyElse(Refusal):
    title = _("This account belongs to somebody else")
    words = _(
        "The account you signed in with is another person's own. If you care for the patient, choose Someone else. "
        "If you are the patient, create a new account for this code, with a username if you share an email address."
    )


class AccountClosed(Refusal):
    title = _("Your account is closed")
    words = _("The account that you were signed in to was reset. Use the code once more, to make a new account.")


class AlreadyThisPractice(Refusal):
    title = _("This account has a record at this practice already")
    words = _("The practice seems to have two records for you. Call the practice: it can bring them together.")
    offers_sign_in = True


class AlreadyYours(Refusal):
    title = _("You have this record already")
    words = _("This code is for a record that your account opens already. There is nothing more to do.")


class AskedAlready(Refusal):
    title = _("The practice looks at your request already")
    words = _("You asked for access to this record before. Wait for the practice's answer, or call the practice.")


class ResetTokenExpired(Refusal):
    title = _("This reset token has expired")
    words = _("Reset tokens are good for a limited time only. Ask the practice for a new one.")


class ResetTokenRevoked(Refusal):
    title = _("This reset token was canceled")
    words = _("The practice canceled this token, or it was tried too often. Ask the practice for a new one.")


class ResetTokenSuperseded(Refusal):
    title = _("There is a newer token")
    words = _("The practice issued another token after this one. Use the newest, or ask the practice for a new one.")


class ResetTokenLocked(Refusal):
    title = _("This reset token is locked for 20 minutes")
    words = _("There were several wrong answers. Wait 20 minutes and start again, or call the practice.")


class ResetTokenUsed(Refusal):
    title = _("This reset token was already used")
    words = _(
        "A new password was chosen with this token: sign in with that password. If it was not you, call the practice."
    )
    offers_sign_in = True


class ResetTokenForNobody(Refusal):
    title = _("We cannot reset a password with this token")
    words = _("Call the practice: the people there can see why, and help you.")
