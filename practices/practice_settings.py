"""What a practice decides for itself; flows.md calls each of these a practice setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from practices import choices

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _all_options() -> list[str]:
    return list(choices.SecurityOption.values)


def _sender(label: StrOrPromise, pattern: str) -> models.CharField[str, str]:
    """A sender of the practice's own; "" for the installation's."""
    return models.CharField(
        label, max_length=40, blank=True, default="", db_default="", validators=[RegexValidator(pattern)]
    )


class PracticeSettings(models.Model):
    """What a practice decides for itself. Every practice has one row, made by Practice.save."""

    practice = models.OneToOneField("practices.Practice", models.CASCADE, related_name="settings", primary_key=True)
    person_word = models.CharField(
        _("word for its people"), max_length=12, choices=choices.PersonWord, default=choices.PersonWord.PATIENT
    )
    idle_minutes = models.PositiveSmallIntegerField(
        _("minutes until idle sign-out"), default=15, validators=[MinValueValidator(2), MaxValueValidator(30)]
    )
    token_handed_hours = models.PositiveSmallIntegerField(
        _("hours a token handed over is good for"), default=72, validators=[MinValueValidator(1)]
    )
    token_mailed_days = models.PositiveSmallIntegerField(
        _("days a mailed token is good for"), default=21, validators=[MinValueValidator(1)]
    )
    activation_days = models.PositiveSmallIntegerField(
        _("days an activation code is good for"), default=30, db_default=30, validators=[MinValueValidator(1)]
    )
    invitation_days = models.PositiveSmallIntegerField(
        _("days an invitation is good for"), default=14, db_default=14, validators=[MinValueValidator(1)]
    )
    activation_check = models.CharField(
        _("what is asked beside an activation code"),
        max_length=12,
        choices=choices.ActivationCheck,
        default=choices.ActivationCheck.BIRTH_DATE,
        db_default=choices.ActivationCheck.BIRTH_DATE,
    )
    proof = models.CharField(
        _("what opens a record after an activation code"),
        max_length=16,
        choices=choices.RecordProof,
        default=choices.RecordProof.PHONE,
        db_default=choices.RecordProof.PHONE,
    )
    work_phone_proves = models.BooleanField(
        _("a work phone on file is proof of the record"), default=False, db_default=False
    )
    changes_online = models.BooleanField(
        _("people change their contact details and password themselves"), default=True, db_default=True
    )
    teen_age = models.PositiveSmallIntegerField(
        _("age at which parents see less"), default=13, db_default=13, validators=[MinValueValidator(10)]
    )
    adult_age = models.PositiveSmallIntegerField(
        _("age at which parents' access ends"), default=18, db_default=18, validators=[MinValueValidator(16)]
    )
    reset_wait_hours = models.PositiveSmallIntegerField(
        _("hours until an account that is reset is closed"),
        default=24,
        db_default=24,
        validators=[MaxValueValidator(24 * 7)],
        help_text=_("0: at once, after a code to the phone on file."),
    )
    teen_results = models.BooleanField(_("parents see the results of teenagers"), default=False, db_default=False)
    results_delay_hours = models.PositiveSmallIntegerField(
        _("hours until results are released by themselves"),
        null=True,
        blank=True,
        help_text=_("0: at once. Empty: when staff release them."),
    )
    password_rule = models.CharField(
        _("password rule"), max_length=8, choices=choices.PasswordRule, default=choices.PasswordRule.CLASSIC
    )
    options_offered = ArrayField(
        models.CharField(max_length=8, choices=choices.SecurityOption),
        verbose_name=_("security options offered"),
        default=_all_options,
    )
    option_recommended = models.CharField(
        _("security option recommended"),
        max_length=8,
        choices=choices.SecurityOption,
        default=choices.SecurityOption.TEXT,
    )
    option_required = models.BooleanField(_("a security option is required"), default=True)
    code_when = models.CharField(
        _("a code is asked for"), max_length=16, choices=choices.CodeWhen, default=choices.CodeWhen.EVERY_SIGN_IN
    )
    codes_service_sid = _sender(_("Messaging Service for codes"), choices.MESSAGING_SERVICE_PATTERN)
    bulk_service_sid = _sender(_("Messaging Service for all other texts"), choices.MESSAGING_SERVICE_PATTERN)
    voice_from = _sender(_("number that calls come from"), choices.E164_PATTERN)

    class Meta:
        verbose_name = _("practice settings")
        verbose_name_plural = _("practice settings")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(idle_minutes__range=(2, 30)), name="settings_idle_minutes_2_to_30"),
            models.CheckConstraint(
                condition=Q(token_handed_hours__range=(1, 24 * 30)), name="settings_handed_token_1_to_720_hours"
            ),
            models.CheckConstraint(
                condition=Q(token_mailed_days__range=(1, 90)), name="settings_mailed_token_1_to_90_days"
            ),
            models.CheckConstraint(
                condition=Q(activation_days__range=(1, 90)) & Q(invitation_days__range=(1, 90)),
                name="settings_emailed_code_1_to_90_days",
            ),
            models.CheckConstraint(
                condition=Q(teen_age__gte=10) & Q(teen_age__lt=models.F("adult_age")) & Q(adult_age__range=(16, 21)),
                name="settings_ages_in_order",
            ),
            models.CheckConstraint(
                condition=Q(activation_check__in=choices.ActivationCheck.values), name="settings_activation_check_known"
            ),
            models.CheckConstraint(condition=Q(proof__in=choices.RecordProof.values), name="settings_proof_known"),
            models.CheckConstraint(
                condition=Q(reset_wait_hours__range=(1, 24 * 7))
                | Q(reset_wait_hours=0, proof=choices.RecordProof.PHONE),
                name="settings_reset_waits_or_is_proven",
            ),
            models.CheckConstraint(
                condition=Q(person_word__in=choices.PersonWord.values), name="settings_person_word_known"
            ),
            models.CheckConstraint(
                condition=Q(password_rule__in=choices.PasswordRule.values), name="settings_password_rule_known"
            ),
            models.CheckConstraint(
                condition=Q(options_offered__contained_by=choices.SecurityOption.values, options_offered__len__gte=1),
                name="settings_options_known",
            ),
            models.CheckConstraint(
                condition=Q(option_recommended__in=choices.SecurityOption.values),
                name="settings_recommended_option_known",
            ),
            models.CheckConstraint(condition=Q(code_when__in=choices.CodeWhen.values), name="settings_code_when_known"),
            models.CheckConstraint(
                condition=Q(codes_service_sid="") | ~Q(codes_service_sid=models.F("bulk_service_sid")),
                name="settings_bulk_never_sends_codes",
            ),
        ]

    def __str__(self) -> str:
        return f"settings of {self.practice_id}"
