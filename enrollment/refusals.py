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
    title = _("This code was cancelled")
    words = _("The practice cancelled this code, or it was tried too often. Call the practice and ask for a new one.")


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
    words = _(
        "Children under 13 do not have an account of their own. "
        "Call the practice: it will arrange access for a parent or guardian."
    )
    desk = "the patient is under 13, and children have no account of their own."


class AccountIsSomebodyElse(Refusal):
    title = _("This account belongs to somebody else")
    words = _(
        "The account you signed in with is another person's own. "
        "Create a new account for this code, with a username if you share an email address."
    )


class AlreadyThisPractice(Refusal):
    title = _("This account has a record at this practice already")
    words = _("The practice seems to have two records for you. Call the practice: it can bring them together.")
    offers_sign_in = True


class AlreadyYours(Refusal):
    title = _("You have this record already")
    words = _("This code is for a record that your account opens already. There is nothing more to do.")
