"""The practice (tenant), its settings, its patient records (charts) and its staff."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HOST_PATTERN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
COLOUR_PATTERN = r"^#[0-9a-f]{6}$"
E164_PATTERN = r"^(\+[1-9][0-9]{6,14})?$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"
NAME_LENGTH = 200
MRN_LENGTH = 64
PHONE_LENGTH = 40
EMAIL_LENGTH = 254
EARLIEST_BIRTH_DATE = dt.date(1875, 1, 1)  # nobody known has lived past 122 years


def check_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not have."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a time zone; an example is America/New_York."), params={"name": name})


def _english() -> list[str]:
    return ["en"]


class Practice(models.Model):
    """One clinic: the tenant, found by the host of its address."""

    slug = models.SlugField(
        _("short name"),
        max_length=50,
        unique=True,
        error_messages={"unique": _("Another practice has this short name.")},
    )
    host = models.CharField(
        _("host"),
        max_length=253,
        unique=True,
        error_messages={"unique": _("Another practice has this host.")},
        validators=[RegexValidator(HOST_PATTERN, _("A host is lower case, without port, such as portal.example.org."))],
    )
    name = models.CharField(_("name"), max_length=120)
    logo = models.CharField(_("logo"), max_length=200, blank=True, help_text=_("Path of a static file."))
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#005ea2",
        validators=[RegexValidator(COLOUR_PATTERN, _("A colour is six hexadecimal digits, such as #005ea2."))],
    )
    phone = models.CharField(_("phone"), max_length=PHONE_LENGTH)
    email = models.EmailField(_("email"), max_length=EMAIL_LENGTH)
    hours = models.TextField(_("hours"), blank=True)
    languages = ArrayField(
        models.CharField(max_length=12, validators=[RegexValidator(LANGUAGE_PATTERN)]),
        verbose_name=_("languages"),
        default=_english,
        help_text=_("The first is the language used where nothing else is known."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="America/New_York", validators=[check_time_zone]
    )

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        ordering: ClassVar = ["slug"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(host__regex=HOST_PATTERN), name="practice_host_is_lower_case"),
            models.CheckConstraint(condition=Q(colour__regex=COLOUR_PATTERN), name="practice_colour_is_hex"),
            models.CheckConstraint(condition=~Q(name=""), name="practice_has_a_name"),
            models.CheckConstraint(condition=Q(languages__len__gte=1), name="practice_has_a_language"),
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, **options: Any) -> None:  # noqa: ANN401 - Django's own options, passed on
        """Save the practice, a new one together with its settings: no practice is ever without."""
        is_new = self._state.adding
        super().save(**options)
        if is_new:
            PracticeSettings.objects.create(practice=self)

    @property
    def language(self) -> str:
        """The practice's first language, used where nothing else is known."""
        return self.languages[0]

    def address(self, path: str) -> str:
        """Absolute URL of a path (which starts with "/") at this practice's host."""
        return f"{settings.PORTAL_SCHEME}://{self.host}{settings.PORTAL_PORT_SUFFIX}{path}"


class PersonWord(models.TextChoices):
    """What a practice calls the people it looks after."""

    PATIENT = "patient", _("patient")
    EMPLOYEE = "employee", _("employee")
    CLIENT = "client", _("client")


class PasswordRule(models.TextChoices):
    """FLOWS B.4: the default rule, or NIST SP 800-63B-4's (long, no composition rules)."""

    CLASSIC = "classic", _("At least 8 characters, with a digit and a special character")
    LONG = "long", _("At least 15 characters, no other rules")


class PracticeSettings(models.Model):
    """What FLOWS calls a practice setting. Every practice has one row, made by Practice.save."""

    practice = models.OneToOneField(Practice, models.CASCADE, related_name="settings", primary_key=True)
    person_word = models.CharField(
        _("word for its people"), max_length=12, choices=PersonWord.choices, default=PersonWord.PATIENT
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
    password_rule = models.CharField(
        _("password rule"), max_length=8, choices=PasswordRule.choices, default=PasswordRule.CLASSIC
    )

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
            models.CheckConstraint(condition=Q(person_word__in=PersonWord.values), name="settings_person_word_known"),
            models.CheckConstraint(
                condition=Q(password_rule__in=PasswordRule.values), name="settings_password_rule_known"
            ),
        ]

    def __str__(self) -> str:
        return f"settings of {self.practice_id}"


class Sex(models.TextChoices):
    """FHIR R4 administrative-gender."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


def _phone(label: StrOrPromise) -> models.CharField[str, str]:
    return models.CharField(label, max_length=PHONE_LENGTH, blank=True, default="")


def _e164(label: StrOrPromise) -> models.CharField[str, str]:
    return models.CharField(
        label, max_length=16, blank=True, default="", editable=False, validators=[RegexValidator(E164_PATTERN)]
    )


class PatientRecord(models.Model):
    """The practice's row for one patient (staff say chart).

    Phones are kept as given; `…_e164` is empty where no carrier would accept the number. A person with a single name
    has it in `given_names`, and an empty `family_name`. `addresses` is a list of
    `{"lines": [str], "city": str, "state": str, "postal_code": str, "country": str}`, the current one first.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="patients")
    mrn = models.CharField(_("medical record number"), max_length=MRN_LENGTH)
    given_names = models.CharField(_("given names"), max_length=NAME_LENGTH, blank=True, default="")
    family_name = models.CharField(_("last name"), max_length=NAME_LENGTH, blank=True, default="")
    former_family_names = ArrayField(
        models.CharField(max_length=NAME_LENGTH), verbose_name=_("former last names"), blank=True, default=list
    )
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    addresses = models.JSONField(_("addresses"), blank=True, default=list)
    emails = ArrayField(
        models.CharField(max_length=EMAIL_LENGTH, validators=[EmailValidator()]),
        verbose_name=_("emails"),
        blank=True,
        default=list,
    )
    home_phone = _phone(_("home phone"))
    work_phone = _phone(_("work phone"))
    mobile_phone = _phone(_("mobile phone"))
    home_e164 = _e164(_("home phone, usable"))
    work_e164 = _e164(_("work phone, usable"))
    mobile_e164 = _e164(_("mobile phone, usable"))
    language = models.CharField(_("preferred language"), max_length=12, blank=True, default="")
    deceased = models.BooleanField(_("deceased"), default=False)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("patient record")
        verbose_name_plural = _("patient records")
        ordering: ClassVar = ["practice", "mrn"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "mrn"], name="one_record_per_mrn"),
            models.CheckConstraint(condition=~Q(mrn=""), name="record_has_an_mrn"),
            models.CheckConstraint(condition=~Q(given_names="") | ~Q(family_name=""), name="record_has_a_name"),
            models.CheckConstraint(
                condition=Q(birth_date__gte=EARLIEST_BIRTH_DATE), name="record_birth_date_is_possible"
            ),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="record_sex_known"),
            models.CheckConstraint(
                condition=Q(home_e164__regex=E164_PATTERN)
                & Q(work_e164__regex=E164_PATTERN)
                & Q(mobile_e164__regex=E164_PATTERN),
                name="record_e164_or_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mrn} at {self.practice_id}"  # no name: this ends up in logs

    @property
    def email(self) -> str:
        """The email on the record, or "" where there is none."""
        return self.emails[0] if self.emails else ""

    @property
    def full_name(self) -> str:
        """Given names and last name, as the record has them."""
        return f"{self.given_names} {self.family_name}".strip()

    @property
    def can_enroll(self) -> bool:
        """FLOWS H: a deceased or inactive patient gets no codes."""
        return self.active and not self.deceased

    def masked_name(self) -> str:
        """First letter only, such as "M…": all that a page may say before access is open (FLOWS rule 3)."""
        return f"{self.full_name[:1].upper()}…"


class StaffRole(models.TextChoices):
    """FLOWS H: a manager may do what the front desk may, and settings, staff, exports."""

    FRONT_DESK = "front_desk", _("Front desk")
    MANAGER = "manager", _("Manager")


class StaffMembership(models.Model):
    """An account that works for a practice."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="staff")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_memberships")
    role = models.CharField(_("role"), max_length=12, choices=StaffRole.choices, default=StaffRole.FRONT_DESK)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "account"], name="one_membership_per_practice"),
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.account_id} at {self.practice_id}"
