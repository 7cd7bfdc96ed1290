"""What each message is, in words for the desk: the folders of templates/notices/, in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enrollment.models import CodeKind
from notifications.models import Channel

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from notifications.models import Message

WAYS_IN: dict[str, StrOrPromise] = {
    "activation_code": _("Activation code"),
    "invitation": _("Invitation"),
    "proxy_invitation": _("Invitation of a proxy"),
    "account_closed": _("New code after an account was reset"),
    "enrollment_complete": _("Enrollment is complete"),
    "verify_email": _("Verify your email address"),
    "new_result": _("New result"),
    "code_given": _("A token was handed over or mailed"),
    "code_revoked": _("A code was canceled"),
    "code_unlocked": _("A code can be tried again"),
}
SIGNING_IN: dict[str, StrOrPromise] = {
    "code": _("Two-step code"),
    "sign_in_link": _("Link to sign in"),
    "password_reset_link": _("Link for a new password"),
    "usernames": _("Forgotten username"),
    "new_sign_in": _("New sign-in"),
}
WARNINGS: dict[str, StrOrPromise] = {
    "account_closed_told": _("The account was reset"),
    "account_reset_asked": _("A reset of the account was asked for"),
    "email_changed": _("The email was changed"),
    "email_replaced": _("The email on the record was changed"),
    "access_rests": _("Your access rests for now"),
    "access_rests_no_more": _("Your access is open again"),
    "chart_moved": _("Two records were made one"),
    "lifted_access": _("A stop of an access was lifted"),
    "lifted_codes": _("Wrong codes were forgiven"),
    "lifted_stop": _("A stop of changes was lifted"),
    "my_access_ended": _("Your access has ended"),
    "option_added": _("A security option was added"),
    "option_change_asked": _("A change of security options was asked for"),
    "option_removed": _("A security option was removed"),
    "passkey_copied": _("A passkey was refused"),
    "password_changed": _("The password was changed"),
    "password_reset": _("The account has a new password"),
    "password_reset_waits": _("A new password waits"),
    "record_enrolled": _("An account was opened for the record"),
    "reset_cancelled": _("The reset of the account is canceled"),
    "wrong_codes": _("Wrong codes"),
    "wrong_reset_codes": _("Many wrong codes at a reset"),
    "access_stopped": _("An access was stopped"),
    "access_terms": _("An access was changed"),
    "account_locked": _("The account is locked"),
    "account_unlocked": _("The account is open again"),
    "contact_changed": _("An email or phone was changed"),
    "contact_confirmed": _("An email or phone was confirmed"),
    "options_reset": _("Security options of a member of staff are reset"),
    "phone_stopped": _("A phone is no longer used"),
    "reset_token_given": _("A reset token was handed over or mailed"),
    "signed_out_by_desk": _("The account was signed out"),
}
PEOPLE: dict[str, StrOrPromise] = {
    "claim_approved": _("A claim was approved"),
    "claim_declined": _("A claim has ended"),
    "growing_up_adult": _("Came of age"),
    "growing_up_adult_soon": _("Comes of age soon"),
    "growing_up_teen": _("Became a teenager"),
    "growing_up_teen_soon": _("Becomes a teenager soon"),
    "proxy_claimed": _("Somebody asks for access"),
    "proxy_ended": _("A proxy's access has ended"),
    "proxy_named": _("A proxy was named"),
    "texting_off": _("No more texts"),
    "texting_on": _("Texts were agreed to"),
}
PRACTICE: dict[str, StrOrPromise] = {
    "account_change_stopped": _("A new password or email was stopped"),
    "call_practice_in": _("An access was stopped"),
    "email_restored": _("The old email of a record was put back"),
    "growing_up_flagged": _("Addresses to be looked at"),
    "not_my_account": _("A patient does not know of an account"),
    "option_change_stopped": _("A change of options was stopped"),
    "proxy_stopped": _("A patient named nobody"),
    "settings_changed": _("Settings of the portal were changed"),
    "contacts_restored": _("The old contacts of a record were put back"),
    "options_reset_link": _("Link to set up a member of staff's account again"),
    "reset_token_unheard": _("A reset token that nobody would hear of"),
    "staff_changed": _("A change on the staff list"),
    "staff_invitation": _("Invitation of a member of staff"),
    "staff_told": _("A change of a member of staff's account"),
}
GROUPS: tuple[tuple[StrOrPromise, dict[str, StrOrPromise]], ...] = (
    (_("Getting in for the first time"), WAYS_IN),
    (_("Signing in"), SIGNING_IN),
    (_("Told of a change"), WARNINGS),
    (_("People with access, and texts"), PEOPLE),
    (_("To the practice and its staff"), PRACTICE),
)
NAMES = {name: label for _group, names in GROUPS for name, label in names.items()}
SENT_ANEW = {"activation_code": CodeKind.ACTIVATION, "invitation": CodeKind.INVITATION}  # by email


def label(notice: str) -> StrOrPromise:
    """What a message is; one that has no words yet is a notice."""
    return NAMES.get(notice, _("Notice"))


def sent_anew(message: Message) -> CodeKind | None:
    """The code that the desk can issue and email once more in place of this message, None for all other messages."""
    return SENT_ANEW.get(message.notice) if message.channel == Channel.EMAIL else None
