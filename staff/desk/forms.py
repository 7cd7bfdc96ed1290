"""The forms of the desk about a patient's account and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollment.contact_changes import Why
from enrollment.contact_fields import PHONES, Typed
from enrollment.forms_people import LevelForm
from enrollment.models import IdSeen
from pages.fields import EmailField, LineField, RadioField
from practices import lengths, phones
from staff.desk import reasons
from staff.fields import OFF
from staff.forms_people import IdForm
from staff.seen import SeenForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

MOST_EMAILS = 5


class LockForm(forms.Form):
    """**Lock account**."""

    reason = RadioField(label=_("Why?"), choices=reasons.LockReason.choices)


class SignOutForm(forms.Form):
    """**Sign out everywhere**."""

    reason = RadioField(label=_("Why?"), choices=reasons.SignOutReason.choices)


class UnlockForm(IdForm):
    """**Unlock account**."""

    reason = RadioField(label=_("Why?"), choices=reasons.UnlockReason.choices)


class TermsForm(SeenForm, LevelForm):
    """**Change level or last day**."""

    reason = RadioField(label=_("Why?"), choices=reasons.TermsReason.choices)


class OwnContactForm(forms.Form):
    """Which contact is the young person's own."""

    contact = RadioField(label=_("Which one is the patient's own?"), choices=())
    reason = RadioField(label=_("How do you know?"), choices=reasons.OwnReason.choices)

    def __init__(self, *args: Any, contacts: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        # By itself, not by its place: once one is confirmed, the next one, a parent's, has its place.
        self.fields["contact"].choices = [(one, one) for one in contacts]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> str:
        return str(self.cleaned_data["contact"])


class ContestedForm(forms.Form):
    """Why contacts are changed; and the ID that was seen, where somebody said of a change: this wasn't me."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)
    reason = RadioField(label=_("Why?"), choices=reasons.ContactReason.choices)

    def __init__(self, *args: Any, asks_id: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not asks_id:
            del self.fields["id_seen"]

    def why(self, by: Account, request: PracticeRequest) -> Why:
        id_seen = self.cleaned_data.get("id_seen")
        return Why(by, self.cleaned_data["reason"], request, IdSeen(id_seen) if id_seen else None)


class StopPhoneForm(ContestedForm):
    """**Do not use this phone**."""

    reason = RadioField(label=_("Why?"), choices=reasons.PhoneReason.choices)


class UsePhoneForm(ContestedForm):
    """**Use this phone again**."""

    reason = RadioField(label=_("Why?"), choices=reasons.UseReason.choices)


class UpdateContactsForm(SeenForm, ContestedForm):
    """**Update email/phone**: all contacts of a record, as they are now, to be written over."""

    email = EmailField(label=_("Email address"), required=False, widget=forms.EmailInput(attrs=OFF))
    other_emails = LineField(
        label=_("Other email addresses"),
        required=False,
        max_length=1000,
        help_text=_("Between them, a comma. They get no codes."),
        widget=forms.TextInput(attrs={**OFF, "inputmode": "email", "autocapitalize": "none"}),
    )
    mobile = LineField(label=_("Mobile phone"), required=False, max_length=lengths.PHONE_LENGTH)
    home = LineField(label=_("Home phone"), required=False, max_length=lengths.PHONE_LENGTH)
    work = LineField(label=_("Work phone"), required=False, max_length=lengths.PHONE_LENGTH)
    field_order = ("email", "other_emails", "mobile", "home", "work", "id_seen", "reason")

    def __init__(self, *args: Any, chart: PatientRecord, **options: Any) -> None:
        known = {one: getattr(chart, f"{one}_phone") for one in PHONES}
        known |= {"email": chart.email, "other_emails": ", ".join(chart.emails[1:])}
        super().__init__(*args, initial=known, **options)
        for one in PHONES:
            self.fields[one].widget.attrs.update(autocomplete="off", inputmode="tel")

    def clean_other_emails(self) -> list[str]:
        """Return the addresses, each as it is shown."""
        given = [one.strip() for one in self.cleaned_data["other_emails"].replace(";", ",").split(",") if one.strip()]
        if len(given) > MOST_EMAILS:
            raise ValidationError(_("Use at most 5 addresses."))
        return [EmailField().clean(one) for one in given]

    def clean_mobile(self) -> str:
        return self._phone("mobile")

    def clean_home(self) -> str:
        return self._phone("home")

    def clean_work(self) -> str:
        return self._phone("work")

    def _phone(self, name: str) -> str:
        """As given; a new one that a code can go to. What a roster brought may stay as it is."""
        given: str = self.cleaned_data[name]
        number = phones.usable_e164(given)
        is_bad = not number or phones.kind(number) is phones.Kind.PREMIUM
        if given and given != self.initial[name] and is_bad:
            raise ValidationError(_("Enter a phone number with its area code, such as (212) 555-0142."))
        return given

    @property
    def typed(self) -> Typed:
        """What was typed, once it is sound. Without a first email, the next one is it."""
        said = self.cleaned_data
        emails = tuple(dict.fromkeys(filter(None, [said["email"], *said["other_emails"]])))
        return Typed(emails, said["mobile"], said["home"], said["work"])
