"""The forms of who acts for a patient: whose the account is, and **About you** (docs/flows.md A.5, B.3, C.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.models import Relationship
from enrollment.carers import Carer
from enrollment.models import AccountChoice
from pages.fields import BirthDateField, EmailField, LineField, RadioField
from practices import lengths

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

    from enrollment.refusals import Refusal
    from practices.models import PracticeSettings

SELF, OTHER = "self", "other"


def may_be(chosen: str, against_self: type[Refusal] | None) -> str:
    """Give back what was chosen; raises ValidationError for the patient where that cannot be, with another way."""
    if chosen == SELF and against_self:
        raise ValidationError(against_self.words, code="not_self")
    return chosen


class WhoseForm(forms.Form):
    """**Who is this activation code for?** (R2); `against_self` is why it cannot be **Myself**, if anything."""

    whose = RadioField(
        label=_("Who is this activation code for?"),
        choices=[(SELF, _("Myself")), (OTHER, _("Someone else"))],
    )

    def __init__(
        self, data: QueryDict | None, *, against_self: type[Refusal] | None, initial: dict[str, str] | None = None
    ) -> None:
        first = {"whose": OTHER if against_self else SELF}
        super().__init__(data, initial={**first, **(initial or {})})
        self.against_self = against_self

    def clean_whose(self) -> str:
        """Refuse **Myself** where it cannot be."""
        return may_be(self.cleaned_data["whose"], self.against_self)


class AccountOptionsForm(WhoseForm):
    """**Account options** (R0, step 6)."""

    whose = RadioField(
        label=_("Who is this account for?"), choices=[(SELF, _("Myself")), (OTHER, _("Someone else I care for"))]
    )
    account = RadioField(
        label=_("Which account do you want to use?"),
        choices=AccountChoice.choices,
        descriptions={
            AccountChoice.NEW: _("You do not have a portal account yet, or want a separate one"),
            AccountChoice.EXISTING: _("You sign in once, and see this practice too"),
        },
    )


class AboutYouForm(forms.Form):
    """**About you**: who acts for the patient. `is_named`: the code was made for somebody, whose age is known."""

    first_name = LineField(
        label=_("Your first name"),
        max_length=lengths.NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
    )
    last_name = LineField(
        label=_("Your last name"),
        max_length=lengths.NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
    )
    birth_date = BirthDateField(label=_("Your date of birth"), help_text=_("Yours, not the patient's: mm/dd/yyyy"))
    relationship = RadioField(
        label=_("What are you to the patient?"),
        choices=[choice for choice in Relationship.choices if choice[0] != Relationship.SELF],
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        ages: PracticeSettings,
        is_named: bool,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.ages, self.is_named = ages, is_named

    def clean_birth_date(self) -> date:
        """Refuse a minor, whom nobody named."""
        born = cast("date", self.cleaned_data["birth_date"])
        if not self.is_named and timezone.localdate() < rights.birthday(born, self.ages.adult_age):
            raise ValidationError(
                _("Only adults open the record of somebody else. Call the practice: it can help you."), code="minor"
            )
        return born

    def carer(self) -> Carer:
        """What was typed."""
        typed = self.cleaned_data
        return Carer(typed["first_name"], typed["last_name"], typed["birth_date"], typed["relationship"])


class ManagerForm(AboutYouForm):
    """The same after an invitation, with the email that is to sign in (C.5)."""

    email = EmailField(label=_("Your email address"), help_text=_("You sign in with it, once you have verified it."))
    field_order = ("first_name", "last_name", "email", "birth_date", "relationship")
