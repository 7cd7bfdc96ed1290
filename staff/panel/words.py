"""What the **Access** panel says of each cause, and the one page that mends it. The pages are of other areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessState
from enrollment.models import CodeState
from staff.panel.causes import Cause

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from staff.panel.person import Facts


class Says(NamedTuple):
    """Words, and what is pressed: the title and route of a page, "" where the person or the clock alone mends it.

    `about`: what the route's address names: record, code, access, enrollment, proxy, member, phone, or nothing. `hint`:
    what is said besides of this person.
    """

    says: StrOrPromise
    title: StrOrPromise = ""
    route: str = ""
    about: str = ""
    hint: StrOrPromise = ""

    def then(self, hint: StrOrPromise, title: StrOrPromise = "", route: str = "", about: str = "") -> Says:
        """The same words, with what to do for this person."""
        return Says(self.says, title, route, about, hint)


TOKEN = (_("Issue token"), "issue_token", "record")
PAW = (_("Send portal invitation or reset link"), "paw", "record")
CONTACTS = (_("Update email/phone"), "update_contacts", "record")
RESET_TOKEN = (_("Issue a reset token"), "reset_token", "record")
VOUCH = (_("Waiting to be vouched for"), "waiting", "")
FORGIVE = (_("Forgive the wrong codes"), "lift_codes", "access")
END = (_("End access"), "end_access", "access")
NAME = (_("Name a proxy"), "name_proxy", "record")

SAYS: dict[Cause, Says] = {
    Cause.DECEASED: Says(
        _("The chart says that the patient died: no codes, and whoever had access sees nothing. If that is a mistake, "
          "correct it in your records and upload the roster."), _("Roster"), "roster", "",
    ),
    Cause.INACTIVE: Says(
        _("The chart is inactive: no codes, and whoever had access sees nothing. If the patient is yours again, "
          "correct it in your records and upload the roster."), _("Roster"), "roster", "",
    ),
    Cause.LOCKED: Says(_("The account is locked by the practice: nobody signs in."),
                       _("Unlock account"), "unlock_account", "access"),
    Cause.STOPPED: Says(_("The access is stopped, by “This wasn't me” or by the practice: it opens nothing until "
                          "somebody looked at a photo ID."), _("Lift the stop"), "lift_access", "access"),
    Cause.CAME_OF_AGE: Says(_("The patient came of age: on that birthday the access of a parent or guardian was over, "
                              "and nothing opens it again. The patient invites who is to help, in Settings.")),
    Cause.OVER: Says(_("The last day of this access is over."),
                     _("Change level or last day"), "access_terms", "access"),
    Cause.APPROVAL: Says(_("They say that they act for the patient, and wait for the practice's approval."),
                         _("Approve"), "claim_approve", "enrollment"),
    Cause.CLOSED_BY_RESET: Says(_("They reset their account. The way back is in the email that they got; without it, "
                                  "with a token."), *TOKEN),
    Cause.TOO_YOUNG: Says(_("The patient is too young for an account. A parent or guardian gets one instead."),
                          _("Name a proxy"), "name_proxy", "record"),
    Cause.CODE_LOCKED: Says(_("Five different wrong dates of birth or names were typed with the code: it is locked for "
                              "20 minutes. Compare the date of birth on this page with the patient's."),
                            _("Unlock"), "unlock_code", "code"),
    Cause.CODE_REVOKED: Says(_("The code was revoked, by the practice or after ten wrong answers. They need a new "
                               "one."), *PAW),
    Cause.CODE_EXPIRED: Says(_("The code expired before it was used. They need a new one."), *PAW),
    Cause.CODE_IN_USE: Says(_("Their code is in use: somebody made an account with it, and did not prove who they are. "
                              "If that was not the patient, a new code ends it."), *TOKEN),
    Cause.NEWER_CODE: Says(_("They have an account, and a newer code took the place of the one that they enrolled "
                             "with. They begin with the newer one, and sign in to that account there."), *TOKEN),
    Cause.ENDED: Says(_("The access ended. Only a new code opens the record again."), *PAW),
    Cause.LAPSED: Says(_("They made an account, and did not prove within seven days who they are: it opens nothing. "
                         "They begin with a code once more, and sign in to that account there."), *PAW),
    Cause.NO_EMAIL: Says(_("They have no code, and no email is on the record. Hand over a token, or add an email "
                           "first."), *TOKEN),
    Cause.GUARDIANS_EMAIL: Says(_("They have no code, and the email on the record is a parent's or guardian's: no code "
                                  "of the patient's goes there. Hand over a token."), *TOKEN),
    Cause.NO_CODE: Says(_("They were never invited: there is no account and no code."), *PAW),
    Cause.MAIL_BOUNCED: Says(_("The email with the code did not arrive: there is no such mailbox."), *CONTACTS),
    Cause.MAILBOX_FULL: Says(_("The email with the code did not arrive: the mailbox is full. They make room, or give "
                               "another email."), *CONTACTS),
    Cause.MAIL_NOT_SENT: Says(_("The email with the code could not be sent. The address is not at fault: send it "
                                "again."), *PAW),
    Cause.WRONG_ANSWERS: Says(_("A wrong date of birth or name was typed with the code. Compare what is on this page "
                                "with the patient's. With a new code they begin afresh."), *PAW),
    Cause.SUPERSEDED: Says(_("They have a newer code, which ended the one before: maybe they type the old one."), *PAW),
    Cause.OTHER_ACCOUNT: Says(_("With the code they signed in to an account that cannot have this record: it is "
                                "somebody else's own, or has a record here already. They begin with the code again, "
                                "and choose a new account.")),
    Cause.BEGUN: Says(_("They began to enroll, and stopped at “%(where)s”, before they had an account. They begin with "
                        "the same code again."), *PAW),
    Cause.CODE_UNUSED: Says(_("They have a code that is good, and did not use it yet."), *PAW),
    Cause.UNSAID: Says(_("They proved a phone on file, and did not say yet whether they are the patient. They sign in, "
                         "and say it.")),
    Cause.VOUCH_ASKED: Says(_("They asked the practice to vouch for them, and wait for somebody who looks at a photo "
                              "ID."), _("Vouch"), "vouch", "enrollment"),
    Cause.CONTACTS_REST: Says(_("Staff changed a contact within the last 72 hours: until then no phone on file is "
                                "proof. They ask on their page to be vouched for."), *VOUCH),
    Cause.NAME_RESTS: Says(_("Who named them gave them the code, too: for 72 hours their own phone is no proof. They "
                             "ask on their page to be vouched for."), *VOUCH),
    Cause.WRONG_DATES: Says(_("They typed a wrong date of birth before the code to the phone on file. After five in a "
                              "day they wait until tomorrow, or ask to be vouched for."), *VOUCH),
    Cause.PHONES_OFF: Says(_("This portal sends no texts and makes no calls, so no phone on file is proof. They ask on "
                             "their page to be vouched for."), *VOUCH),
    Cause.PHONE_NOT_USED: Says(_("The phone on file that would prove them is not to be used. They ask on their page to "
                                 "be vouched for; or let it be used again, and it is proof 72 hours later."),
                               _("Use this phone again"), "use_phone", "phone"),
    Cause.NO_PHONE_ON_FILE: Says(_("They have an account and no phone on file that proves them. They ask on their page "
                                   "to be vouched for."), *CONTACTS, _("Or add a phone: it is proof 72 hours later.")),
    Cause.PHONE_UNREACHED: Says(_("No phone on file could be reached with their code. They choose “Call me”, or ask "
                                  "to be vouched for."), *CONTACTS, _("A wrong number is corrected here.")),
    Cause.UNPROVEN: Says(_("They have an account, and did not prove yet who they are: they sign in, and go on with the "
                           "phone on file."), *TOKEN, _("Here at the desk, a token opens it at once.")),
    Cause.WRONG_CODES: Says(_("Too many wrong two-step codes were typed within a year: none is looked at any more."),
                            *FORGIVE),
    Cause.WRONG_AT_RESETS: Says(_("Too many wrong codes were typed to confirm a forgotten password: none confirms one "
                                  "for 30 days. Who knows the password signs in as ever."), *FORGIVE),
    Cause.SLOWED: Says(_("Too many wrong passwords were typed in a short time. They wait, up to an hour, or choose a "
                         "new password.")),
    Cause.SLOWED_PLACE: Says(_("From the place where they are, too many sign-ins failed, of whomever. They wait a "
                               "quarter of an hour, use another network such as their phone's, or choose a new "
                               "password.")),
    Cause.OPTION_LOCKED: Says(_("Ten wrong codes in a row locked a security option for 20 minutes. They wait, or try "
                                "another way on the page of the code.")),
    Cause.WRONG_PASSWORD: Says(_("Wrong passwords were typed since the last sign-in. Who forgot it chooses another.")),
    Cause.TEXTS_STOPPED: Says(_("The phone that their codes go to answered STOP. They text START to the number that "
                                "our texts came from, or choose “Call me”."), _("Who texted STOP"), "opt_outs", ""),
    Cause.LANDLINE: Says(_("The phone that their codes go to cannot get texts. They choose “Call me”.")),
    Cause.OPTION_UNREACHED: Says(_("The last two-step code did not arrive.")),
    Cause.RESETS_STOPPED: Says(_("Somebody stopped a reset by “This wasn't me”: for seven days none is begun. Who "
                                 "knows the password signs in as ever."),
                               _("Let the password be reset again"), "lift_stop", "access"),
    Cause.RESET_WAITS: Says(_("A new password, without the app or passkey that they have, was asked for. It can be "
                              "chosen from %(when)s on; signing in before cancels it.")),
    Cause.CLOSING_WAITS: Says(_("They asked to reset their account: it closes on %(when)s, and what they had opens "
                                "nothing then. Signing in before cancels it.")),
    Cause.OPTION_MISSING: Says(_("They have to set up a security option, and have none: at the next sign-in they do, "
                                 "before anything else.")),
    Cause.NAME_LOST: Says(_("Somebody else verified the email that they sign in with. They sign in with it and their "
                            "password as before, and choose another name.")),
    Cause.NAME_UNVERIFIED: Says(_("They did not verify their email within seven days. At the next sign-in they verify "
                                  "it, or choose a username.")),
    Cause.TERMS: Says(_("New terms wait for them: at the next sign-in they accept them before anything else.")),
    Cause.CONSENT: Says(_("A required form waits for their answer: at the next sign-in it comes before anything "
                          "else.")),
    Cause.CHANGES_STOPPED: Says(_("Changes of security options are stopped after “This wasn't me”, for seven days. "
                                  "They sign in as ever; who forgot the password needs an app or a passkey besides."),
                                _("Let security options be changed again"), "lift_stop", "access"),
    Cause.CHANGES_REST: Says(_("The password was reset: for a day no security option, phone or email changes. They "
                               "sign in as ever."),
                             _("Let security options be changed again"), "lift_stop", "access"),
    Cause.SEES_LESS: Says(_("The patient is a teenager: whoever acts for them answers no forms, and sees results only "
                            "where the practice shows them.")),
    Cause.LEFT_STAFF: Says(_("This account worked here, and was deactivated: it opens no page for staff. As a patient "
                             "or for a patient it signs in as ever."), _("Activate"), "member_activate", "member"),
}  # fmt: skip

# Of who is named: the page of the proxy has its own **Issue token** and **Email invitation**.
PROXY_PAGE = (_("Open the page of the proxy"), "proxy", "proxy")
OF_PROXY = frozenset({"issue_token", "paw", "reset_token"})
OF_RECORD = frozenset({"update_contacts", "use_phone"})
GONE = frozenset({CodeState.REVOKED, CodeState.SUPERSEDED})
ANEW = _("End the access, and name them anew. With the new code they begin afresh.")
NOT_AS_NAMED = _("Withdraw them there, and name them anew.")


# With the causes of who needs a new password.
NEW_PASSWORD = frozenset({Cause.SLOWED, Cause.SLOWED_PLACE, Cause.WRONG_PASSWORD})
FORGOT = _("They choose “Forgot your password?” on the sign-in page: the link goes to their own email.")
BEGIN_ANEW = _("There is no verified email that a link could go to: end the access, and name them anew. With the new "
               "code they begin afresh.")  # fmt: skip
OTHER_WAY = _("They try another way on the page of the code.")
NO_OTHER_WAY = _("They have no other. They choose “Cannot verify? Reset your account” there and wait, or you end the "
                 "access here at the desk, and a colleague gives them a new code.")  # fmt: skip
DAY_IS_OVER = _("That day has come: with a new link they choose the password, and confirm it by another option.")


def of(cause: Cause, facts: Facts, *, is_proxy: bool) -> Says:
    """The words and the page, for the patient or for who acts for the patient; the paw is off without an email."""
    found = SAYS[cause]
    if cause in NEW_PASSWORD:
        return _new_password(found, facts, is_proxy=is_proxy)
    if cause is Cause.OPTION_UNREACHED:
        return found.then(OTHER_WAY) if facts.has_other_option else found.then(NO_OTHER_WAY, *END)
    if cause is Cause.RESET_WAITS and facts.reset_due and facts.reset_due <= timezone.now():
        return found.then(DAY_IS_OVER, *(PAW if facts.link_goes else ()))
    return _without_an_account(found, facts, is_proxy=is_proxy)


def _without_an_account(found: Says, facts: Facts, *, is_proxy: bool) -> Says:
    if is_proxy:
        return _of_proxy(found, facts)
    if found.route == "paw" and (not facts.has_email or facts.waits):
        return found.then("", *TOKEN)
    return found


def _of_proxy(found: Says, facts: Facts) -> Says:
    """The record's contacts and codes are not theirs; the page of who is named, only until they have an account."""
    if facts.access == AccessState.ENDED:
        return found.then("", *NAME)
    if facts.waits and (facts.is_over or facts.code in GONE):
        return found.then(ANEW, *END)
    if facts.waits:
        return found.then("", *VOUCH) if found.route in OF_PROXY | OF_RECORD else found
    if facts.outside and (found.route in OF_RECORD or facts.is_over):
        return found.then(NOT_AS_NAMED, *PROXY_PAGE)
    return found.then("", *PROXY_PAGE) if found.route in OF_PROXY else found


def _new_password(found: Says, facts: Facts, *, is_proxy: bool) -> Says:
    """By a link, where the desk can send one; else by themselves, or by a token on paper."""
    if facts.link_goes:
        return found.then("", *PAW)
    if is_proxy:
        return found.then(FORGOT) if facts.has_verified_email else found.then(BEGIN_ANEW, *END)
    if facts.waits:
        return found.then("", *TOKEN)
    return found.then("", *RESET_TOKEN) if facts.access == AccessState.ACTIVE else found
