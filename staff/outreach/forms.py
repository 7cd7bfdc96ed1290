"""The forms of **Deliveries** and **Invite all**."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from enrollment.models import CodeKind
from enrollment.whom import OLDEST, Whom
from notifications.models import OPEN, WRONG, Channel, State
from pages.fields import LineField, RadioField
from pages.text import one_line
from staff.fields import OFF, NumberField, SelectField
from staff.outreach import kinds

if TYPE_CHECKING:
    from collections.abc import Collection

    from practices.models import Practice

NAMES = dict(settings.LANGUAGES)
STATES: dict[str, Collection[State]] = {
    "wrong": WRONG, "waiting": OPEN, "sent": (State.SENT, State.DELIVERED),
}  # fmt: skip


class DeliveriesForm(forms.Form):
    """Which messages are shown."""

    state = SelectField(
        label=_("What became of it"),
        choices=[
            ("", _("All")),
            ("wrong", _("Did not arrive")),
            ("waiting", _("Waiting")),
            ("sent", _("Sent or delivered")),
        ],
    )
    channel = SelectField(label=_("Email, text or call"), choices=[("", _("All")), *Channel.choices])
    notice = SelectField(
        label=_("What it is"),
        choices=[("", _("All")), *((group, tuple(names.items())) for group, names in kinds.GROUPS)],
    )

    def asked(self) -> dict[str, str]:
        """What was asked for; a choice that there is not counts as none."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name) or "") for name in self.fields}


class InviteForm(forms.Form):
    """Whom to invite, and with what."""

    kind = RadioField(
        label=_("What do they get?"),
        choices=[(CodeKind.INVITATION.value, _("An invitation")), (CodeKind.ACTIVATION.value, _("An activation code"))],
        descriptions={
            CodeKind.INVITATION: _("An email with a button: Create My Account."),
            CodeKind.ACTIVATION: _("An email with a code, and two links: for new people, and for who has an account."),
        },
    )
    language = SelectField(label=_("Who speaks"), choices=[])
    youngest = NumberField(label=_("From what age on"), required=False, min_value=0, max_value=OLDEST)
    oldest = NumberField(label=_("Up to what age"), required=False, min_value=0, max_value=OLDEST)
    last_name = LineField(
        label=_("Last name begins with"), required=False, max_length=50, widget=forms.TextInput(attrs=OFF)
    )
    renew = forms.BooleanField(
        label=_("Also who has a code that is still good"),
        help_text=_("They get a new one, and the one they have ends. Who is enrolling just now keeps theirs."),
        required=False,
    )

    def __init__(self, *args: Any, practice: Practice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = practice.languages if practice else []
        named = [(one, NAMES.get(one, one)) for one in spoken]
        self.fields["language"].choices = [("", _("Any language")), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        youngest, oldest = data.get("youngest"), data.get("oldest")
        if youngest is not None and oldest is not None and youngest > oldest:
            self.add_error("oldest", _("This age is below the other one."))
        return data

    @property
    def whom(self) -> Whom:
        data = self.cleaned_data
        oldest = data["oldest"]
        return Whom(
            language=data["language"],
            youngest=data["youngest"] or 0,
            oldest=OLDEST if oldest is None else oldest,
            last_name=one_line(data["last_name"]),
        )

    @property
    def kept(self) -> dict[str, Any]:
        """What a session keeps of it, to fill the form in with."""
        return {name: self.cleaned_data[name] for name in self.fields}
