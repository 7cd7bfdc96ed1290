"""The forms of **Portal settings** about codes, proof, sign-in and ages; a weaker choice says what it opens."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from pages.fields import RadioField
from practices.choices import ActivationCheck, CodeWhen, PasswordRule, RecordProof, SecurityOption
from staff.fields import ManyField, NumberField
from staff.setup.forms import SettingsForm, tick

HOURS_A_MONTH, DAYS, DAYS_OF_RESET = 24 * 30, 90, 24 * 7


class CodesForm(SettingsForm):
    """How long what a practice hands out opens anything."""

    heading = _("How long codes are good for")
    about = _("A code that is lost or stolen opens nothing once its time is over. Codes that are out keep their time.")
    token_handed_hours = NumberField(
        label=_("Hours for a token that is handed over"), min_value=1, max_value=HOURS_A_MONTH
    )
    token_mailed_days = NumberField(label=_("Days for a token that is mailed"), min_value=1, max_value=DAYS)
    activation_days = NumberField(label=_("Days for an activation code"), min_value=1, max_value=DAYS)
    invitation_days = NumberField(label=_("Days for an invitation"), min_value=1, max_value=DAYS)


class ProofForm(SettingsForm):
    """What opens a record, and how long an account reset waits."""

    heading = _("Proof of the record")
    about = _("What somebody has to prove before a record opens to them. A weaker choice says what it opens.")
    proof = RadioField(
        label=_("What opens a record after an activation code?"),
        choices=RecordProof.choices,
        descriptions={
            RecordProof.PHONE: _("Recommended. A stolen mailbox alone opens nothing."),
            RecordProof.CODE_AND_CHECK: _(
                "Weaker: whoever reads a patient's mailbox, and knows what is asked beside the code, opens the record."
            ),
        },
    )
    activation_check = RadioField(
        label=_("What is asked beside an activation code?"),
        choices=ActivationCheck.choices,
        descriptions={
            ActivationCheck.HOME_PHONE: _("Who has no home phone on the record cannot use an activation code."),
            ActivationCheck.WORK_PHONE: _("Who has no work phone on the record cannot use an activation code."),
        },
    )
    work_phone_proves = tick(
        _("A work phone on file is proof too"), _("Weaker: whoever answers that phone at work opens the record.")
    )
    reset_wait_hours = NumberField(
        label=_("Hours until an account that is reset is closed"),
        min_value=0,
        max_value=DAYS_OF_RESET,
        help_text=_("24 is recommended, 168 (7 days) is the most. 0: at once, and its owner has no time to object."),
    )

    def clean(self) -> dict[str, Any]:
        """No waiting period needs the phone (docs/flows.md G)."""
        typed = super().clean() or {}
        if typed.get("reset_wait_hours") == 0 and typed.get("proof") != RecordProof.PHONE:
            words = _(
                "Without a waiting period, a record opens after a code to a phone on file only: choose that, or hours."
            )
            self.add_error("reset_wait_hours", words)
        return typed


class SignInForm(SettingsForm):
    """Passwords, two-step verification, and how long a session lasts."""

    heading = _("Sign-in")
    about = _("Passwords, two-step verification, and when somebody is signed out.")
    password_rule = RadioField(label=_("Passwords"), choices=PasswordRule.choices)
    code_when = RadioField(
        label=_("When is a code asked for?"),
        choices=CodeWhen.choices,
        descriptions={
            CodeWhen.EVERY_SIGN_IN: _("Recommended."),
            CodeWhen.NEW_DEVICES: _("Weaker: a browser that was trusted opens the record with the password alone."),
            CodeWhen.RESET_ONLY: _("Weakest: whoever knows a password opens the record."),
        },
    )
    options_offered = ManyField(
        label=_("Security options that you offer"),
        choices=SecurityOption.choices,
        help_text=_(
            "Options that somebody has already go on working. Email is the least safe: mailboxes are shared and stolen."
        ),
    )
    option_recommended = RadioField(label=_("Which do you recommend?"), choices=SecurityOption.choices)
    option_required = tick(
        _("A security option is required"), _("Weaker without: who sets up none is protected by a password alone.")
    )
    idle_minutes = NumberField(
        label=_("Minutes until somebody is signed out who does nothing"), min_value=2, max_value=30
    )
    changes_online = tick(
        _("People change their contact details and password themselves"),
        _("Without it they come to the desk for that."),
    )

    def clean(self) -> dict[str, Any]:
        """What is recommended is offered; who has nothing but backup codes signs in a few times only."""
        typed = super().clean() or {}
        offered = typed.get("options_offered", [])
        if offered and typed.get("option_recommended") not in offered:
            self.add_error("option_recommended", _("Recommend one that you offer."))
        if offered == [SecurityOption.BACKUP]:
            self.add_error(
                "options_offered", _("Backup codes are for when another option is not at hand: offer one more.")
            )
        return typed


class AgesForm(SettingsForm):
    """Growing up, and when results are released."""

    heading = _("Ages and results")
    about = _("When parents see less, when their access ends, and when results are shown.")
    teen_age = NumberField(label=_("Age at which parents see less"), min_value=10, max_value=20)
    adult_age = NumberField(label=_("Age at which parents' access ends"), min_value=16, max_value=21)
    teen_results = tick(
        _("Parents see the results of teenagers"), _("Ask your counsel: laws differ from state to state.")
    )
    results_delay_hours = NumberField(
        label=_("Hours until results are shown by themselves"),
        required=False,
        min_value=0,
        max_value=HOURS_A_MONTH,
        help_text=_("0: at once. Leave it empty where staff release each result."),
    )

    def clean(self) -> dict[str, Any]:
        """In their order."""
        typed = super().clean() or {}
        if "teen_age" in typed and "adult_age" in typed and typed["teen_age"] >= typed["adult_age"]:
            self.add_error("teen_age", _("Parents see less before their access ends: enter a lower age."))
        return typed
