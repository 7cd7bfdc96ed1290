"""What **Recent activity** says of each event. `%(who)s`: "You", a first name, "Staff of …" or "Somebody"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ChangeKind
from audit.events import Event
from verification.methods import NOUNS

if TYPE_CHECKING:
    from accounts.activity import Words
    from audit.models import AuditEvent

TAKEN_BACK = {
    ChangeKind.PASSWORD: gettext_lazy("A change of the password was taken back: this wasn't me"),
    ChangeKind.EMAIL: gettext_lazy("A change of the email address was taken back: this wasn't me"),
    ChangeKind.RESET: gettext_lazy("A password that was reset was taken back: this wasn't me"),
    ChangeKind.WAIT: gettext_lazy("A password reset that waited was stopped: this wasn't me"),
    ChangeKind.CLOSING: gettext_lazy("The reset of the account was stopped: this wasn't me"),
}


def _option(event: AuditEvent, name: str) -> str:
    """The kind of option that a detail names, within a sentence; "" where it names none."""
    return str(NOUNS.get(event.details.get(name), ""))


def _signed_in(event: AuditEvent) -> str:
    option = _option(event, "by")
    return _("Signed in, with %(option)s") % {"option": option} if option else _("Signed in")


def _wrong_code(event: AuditEvent) -> str:
    option = _option(event, "kind")
    said = _("The password was right, but the code was wrong")
    return f"{said}: {option}" if option else said


def _option_added(event: AuditEvent) -> str:
    return _("A security option was added: %(option)s") % {"option": _option(event, "kind")}


def _option_removed(event: AuditEvent) -> str:
    return _("A security option was removed: %(option)s") % {"option": _option(event, "kind")}


def _password_reset(event: AuditEvent) -> str:
    option = _option(event, "by")
    if not option:
        return _("The password was forgotten, and a new one was set")
    return _("The password was forgotten, and a new one was set, with %(option)s") % {"option": option}


def _taken_back(event: AuditEvent) -> str:
    kind = event.details.get("kind")
    return str(TAKEN_BACK[ChangeKind(kind)] if kind in ChangeKind else _("A change was taken back: this wasn't me"))


def _accepted(event: AuditEvent) -> str:
    is_terms = event.details.get("kind") == "terms"
    return _("%(who)s accepted the terms and conditions") if is_terms else _("%(who)s accepted the privacy policy")


def _sessions_ended(event: AuditEvent) -> str:
    is_by_desk = bool(event.details.get("reason"))
    return _("%(who)s signed the account out everywhere") if is_by_desk else _("Signed out everywhere else")


ACCOUNT: Words = {
    Event.ACCOUNT_CREATED: gettext_lazy("The account was created"),
    Event.SIGN_IN_SUCCEEDED: _signed_in,
    Event.SIGN_IN_FAILED: gettext_lazy("A wrong password was typed"),
    Event.SIGN_IN_SLOWED: gettext_lazy("Tries to sign in were refused: there were too many"),
    Event.SIGN_IN_LINK_SENT: gettext_lazy("A sign-in link was emailed"),
    Event.SIGN_IN_LINK_USED: gettext_lazy("A sign-in link was used"),
    Event.SECOND_STEP_FAILED: _wrong_code,
    Event.PASSKEY_REFUSED: gettext_lazy("A passkey was refused"),
    Event.SIGN_OUT: gettext_lazy("Signed out"),
    Event.SESSION_TIMED_OUT: gettext_lazy("Signed out by the portal after a time without activity"),
    Event.SESSIONS_ENDED: _sessions_ended,
    Event.ACCOUNT_LOCKED: gettext_lazy("%(who)s locked the account"),
    Event.ACCOUNT_UNLOCKED: gettext_lazy("%(who)s unlocked the account"),
    Event.SIGN_IN_LOCKED: gettext_lazy("The password was right, but the account was locked"),
    Event.SIGN_IN_NAME_CHOSEN: gettext_lazy("A new username was chosen"),
    Event.SIGN_IN_NAME_LOST: gettext_lazy("The email no longer signs in: somebody else verified it"),
    Event.USERNAMES_SENT: gettext_lazy("The usernames of the email address were sent to it"),
    Event.EMAIL_VERIFICATION_SENT: gettext_lazy("A message was sent to verify an email address"),
    Event.EMAIL_VERIFIED: gettext_lazy("The email address was verified"),
    Event.EMAIL_CHANGED: gettext_lazy("The email address was changed"),
    Event.PASSWORD_CHANGED: gettext_lazy("The password was changed"),
    Event.PASSWORD_RESET_ASKED: gettext_lazy("A link to choose a new password was emailed"),
    Event.PASSWORD_RESET_REFUSED: gettext_lazy("A new password was chosen, but the code after it was wrong"),
    Event.PASSWORD_RESET_WAITS: gettext_lazy("A new password was asked for without the app or passkey: it waits a day"),
    Event.PHONE_ON_FILE_REFUSED: gettext_lazy("A wrong date of birth was typed to get back into the account"),
    Event.PASSWORD_RESET: _password_reset,
    Event.PASSWORD_RESET_CANCELLED: gettext_lazy("The new password that waited was canceled by signing in"),
    Event.ACCOUNT_RESET_ASKED: gettext_lazy("A reset of the whole account was asked for: it waits"),
    Event.ACCOUNT_RESET_CANCELLED: gettext_lazy("The reset of the whole account was canceled by signing in"),
    Event.ACCOUNT_CHANGE_STOPPED: _taken_back,
    Event.OPTION_ADDED: _option_added,
    Event.OPTION_REMOVED: _option_removed,
    Event.OPTION_CHANGE_ASKED: gettext_lazy("A change of security options was asked for"),
    Event.OPTION_CHANGE_STOPPED: gettext_lazy("A change of security options was stopped: this wasn't me"),
    Event.OPTION_STOP_LIFTED: gettext_lazy("The practice let security options be changed again"),
    Event.WRONG_CODES_FORGIVEN: gettext_lazy("The practice forgave the wrong codes"),
    Event.STAFF_ADDED: gettext_lazy("The account became a member of the practice's staff"),
    Event.STAFF_ROLE_CHANGED: gettext_lazy("The role on the practice's staff was changed"),
    Event.STAFF_DEACTIVATED: gettext_lazy("The account was taken off the practice's staff"),
    Event.STAFF_ACTIVATED: gettext_lazy("The account is on the practice's staff again"),
    Event.STAFF_OPTIONS_RESET_ASKED: gettext_lazy("A manager asked to take the security options off"),
    Event.STAFF_OPTIONS_RESET: gettext_lazy("Two managers took the security options off"),
    Event.STAFF_OPTIONS_RESET_DECLINED: gettext_lazy("A manager declined to take the security options off"),
    Event.STAFF_OPTIONS_RESET_STOPPED: gettext_lazy("The reset of the security options was stopped: this wasn't me"),
}
MY_ACCESS: Words = {  # not who decided it
    Event.ACCESS_OPENED: gettext_lazy("Access to a record was opened"),
    Event.ACCESS_CLAIMED: gettext_lazy("Access to somebody's record was asked for"),
    Event.ACCESS_SUSPENDED: gettext_lazy("Access to a record was stopped for now"),
    Event.ACCESS_STOP_LIFTED: gettext_lazy("The practice lifted the stop of an access to a record"),
    Event.ACCESS_NARROWED: gettext_lazy("Access to a record was narrowed: the patient is a teenager now"),
    Event.ACCESS_TERMS_CHANGED: gettext_lazy("The practice changed how far access to a record goes, or until when"),
    Event.ACCESS_ENDED: gettext_lazy("Access to a record was ended"),
}
ACCESS_OF_OTHERS: Words = {
    Event.ACCESS_CLAIMED: gettext_lazy("Somebody asked for access to your record"),
    Event.ACCESS_OPENED: gettext_lazy("Somebody was given access to your record"),
    Event.ACCESS_SUSPENDED: gettext_lazy("Somebody's access to your record was stopped for now"),
    Event.ACCESS_STOP_LIFTED: gettext_lazy("The practice lifted the stop of somebody's access to your record"),
    Event.ACCESS_TERMS_CHANGED: gettext_lazy(
        "The practice changed how far somebody's access to your record goes, or until when"
    ),
    Event.ACCESS_ENDED: gettext_lazy("Somebody's access to your record, or their request for it, was ended"),
}
MY_RECORD: Words = {
    Event.PROXY_NAMED: gettext_lazy("Somebody was named or invited, who may get access to your record"),
    Event.PROXY_WITHDRAWN: gettext_lazy("Somebody who was named or invited gets no access to your record"),
}
BY_ME: Words = {
    Event.TERMS_ACCEPTED: _accepted,
    Event.CONSENT_GIVEN: gettext_lazy("%(who)s agreed to a consent form"),
    Event.CONSENT_DECLINED: gettext_lazy("%(who)s did not agree to a consent form"),
    Event.CONSENT_WITHDRAWN: gettext_lazy("%(who)s withdrew the agreement to a consent form"),
}
