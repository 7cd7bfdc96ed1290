"""The forms of **Staff list**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.forms_staff import name_field
from pages.fields import EmailField, RadioField
from practices.choices import StaffRole

if TYPE_CHECKING:
    from django.http import QueryDict


class InviteReason(models.TextChoices):
    """Why an invitation is called back, as the trail keeps it."""

    NOT_COMING = "not_coming", _("The person does not come to work here")
    WRONG_EMAIL = "wrong_email", _("It went to a wrong email address")
    MISTAKE = "mistake", _("It was a mistake")


class RoleReason(models.TextChoices):
    """Why somebody gets another role, or works here again."""

    OTHER_WORK = "other_work", _("Their work here changed")
    COVER = "cover", _("They stand in for somebody")
    CAME_BACK = "came_back", _("They came back to work here")
    MISTAKE = "mistake", _("It was a mistake")


class LeavingReason(models.TextChoices):
    """Why somebody is deactivated."""

    LEFT = "left", _("They no longer work here")
    AWAY = "away", _("They are away for a while")
    MISUSE = "misuse", _("The account may be misused")
    MISTAKE = "mistake", _("It was a mistake")


class OptionsReason(models.TextChoices):
    """Why security options are to be taken off."""

    LOST = "lost", _("They lost a phone or device")
    NEW = "new", _("They have a new phone or device, and not the old one")
    LOCKED_OUT = "locked_out", _("They typed too many wrong codes")
    STOLEN = "stolen", _("A phone or device was stolen")


class KnownBy(models.TextChoices):
    """How the second manager knows that it is the colleague who asks."""

    IN_PERSON = "in_person", _("They stand before me, and I know them")
    PHOTO_ID = "photo_id", _("They stand before me, and I saw a photo ID")
    VIDEO = "video", _("I see and hear them in a video call, and I know them")


class InviteForm(forms.Form):
    """**Invite staff**."""

    first_name = name_field(_("First name"))
    last_name = name_field(_("Last name"))
    email = EmailField(label=_("Email address"), help_text=_("Their own, for work. Nobody else may read it."))
    role = RadioField(
        label=_("Role"),
        choices=StaffRole.choices,
        descriptions={
            StaffRole.FRONT_DESK: _("Patients, codes, vouching."),
            StaffRole.MANAGER: _("Also settings, staff, exports, and the security options of colleagues."),
        },
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"role": StaffRole.FRONT_DESK})
        self.fields["email"].widget.attrs["autocomplete"] = "off"  # somebody else's


class RevokeForm(forms.Form):
    """**Call back** an invitation."""

    reason = RadioField(label=_("Why?"), choices=InviteReason.choices)


class RoleForm(forms.Form):
    """**Change role**, **Activate**."""

    reason = RadioField(label=_("Why?"), choices=RoleReason.choices)


class LeavingForm(forms.Form):
    """**Deactivate**."""

    reason = RadioField(label=_("Why?"), choices=LeavingReason.choices)


class OptionsForm(forms.Form):
    """**Reset security options**."""

    reason = RadioField(label=_("What happened?"), choices=OptionsReason.choices)


class KnownForm(forms.Form):
    """**Approve**."""

    known_by = RadioField(
        label=_("How do you know that it is them?"),
        choices=KnownBy.choices,
        help_text=_("An email, a text or a call is no answer: somebody else may have sent it."),
    )


class SureForm(forms.Form):
    """Nothing but the button."""
