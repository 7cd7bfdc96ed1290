"""The forms of the desk about a patient's codes, and why it does something to them, as the trail keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from enrollment import letter_runs
from enrollment.models import CodeKind, Handover, IdSeen
from pages.fields import RadioField
from staff.forms_people import IdForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise


class CodeReason(models.TextChoices):
    """Why a patient gets a code."""

    ASKED = "asked", _("The patient asked for it")
    OFFERED = "offered", _("We offer it to patients who have no account")
    LOST = "lost", _("The code before was lost, or did not arrive")
    ENDED = "ended", _("The code before is too old, locked or canceled")


class RevokeReason(models.TextChoices):
    """**Revoke**."""

    LOST = "lost", _("It was lost or stolen")
    WRONG_PERSON = "wrong_person", _("It went to the wrong person, or to an old address")
    ASKED = "asked", _("The patient asked for it")
    MISTAKE = "mistake", _("It was a mistake")


class UnlockReason(models.TextChoices):
    """**Unlock**."""

    MISTYPED = "mistyped", _("The patient mistyped it, and has the letter or email at hand")
    HELPER = "helper", _("Somebody who helps the patient mistyped it")


class ResetReason(models.TextChoices):
    """**Issue reset token**."""

    NO_EMAIL = "no_email", _("The patient forgot the password, and has no email on the account")
    MAILBOX = "mailbox", _("The patient forgot the password, and cannot read the email of the account")
    LOST = "lost", _("The patient lost or changed a phone or device")


HOW: dict[str, StrOrPromise] = {
    Handover.HANDED: _("The patient stands before you. It opens the record without another proof."),
    Handover.MAILED: _("A letter to the address on the record. It asks for a code to the phone on file, besides."),
}


class TokenForm(forms.Form):
    """**Issue token**: handed over after an ID check, or mailed."""

    handover = RadioField(
        label=_("How does the patient get it?"),
        choices=[(Handover.HANDED.value, _("Hand it over")), (Handover.MAILED.value, _("Mail a letter"))],
        descriptions=HOW,
    )
    id_seen = RadioField(
        label=_("If you hand it over: which ID did you see?"), choices=IdSeen.choices, required=False, unmarked=True
    )
    reason = RadioField(label=_("Why?"), choices=CodeReason.choices)

    def clean_id_seen(self) -> str:
        """Asked of a token that is handed over; of a letter it says nothing."""
        is_handed = self.cleaned_data.get("handover") == Handover.HANDED
        id_seen: str = self.cleaned_data["id_seen"]
        if is_handed and not id_seen:
            raise ValidationError(_("Say which ID you saw. Without one, mail a letter."), code="required")
        return id_seen if is_handed else ""


class EmailForm(forms.Form):
    """**Email activation code**, or an invitation."""

    kind = RadioField(
        label=_("What do they get?"),
        choices=[(CodeKind.ACTIVATION.value, _("An activation code")), (CodeKind.INVITATION.value, _("An invitation"))],
        descriptions={
            CodeKind.ACTIVATION: _("An email with a code, and two links: for new people, and for who has an account."),
            CodeKind.INVITATION: _("An email with a button: Create My Account."),
        },
        initial=CodeKind.ACTIVATION.value,
    )
    reason = RadioField(label=_("Why?"), choices=CodeReason.choices)


class LettersForm(forms.Form):
    """**Letters**: whom to write to. `counts`: how many there are, by whether those with an email are among them."""

    whom = RadioField(
        label=_("Whom do you write to?"),
        choices=[("no_email", _("Patients without an email")), ("all", _("All patients"))],
        initial="no_email",
    )
    reason = RadioField(label=_("Why?"), choices=CodeReason.choices, initial=CodeReason.OFFERED.value)

    def __init__(self, *args: Any, counts: Mapping[bool, int], **options: Any) -> None:
        super().__init__(*args, **options)
        said = {"no_email": _how_many(counts[False]), "all": _how_many(counts[True])}
        self.fields["whom"].widget.descriptions = said


def _how_many(count: int) -> str:
    if count > letter_runs.MOST:
        return gettext("More than %(most)s letters: the first %(most)s now, the others after them.") % {
            "most": letter_runs.MOST
        }
    return ngettext("%(count)s letter", "%(count)s letters", count) % {"count": count}


class RevokeForm(forms.Form):
    """**Revoke**."""

    reason = RadioField(label=_("Why?"), choices=RevokeReason.choices)


class UnlockForm(forms.Form):
    """**Unlock**."""

    reason = RadioField(label=_("Why?"), choices=UnlockReason.choices)


class ResetTokenForm(IdForm):
    """**Issue reset token**."""

    reason = RadioField(label=_("Why?"), choices=ResetReason.choices)
