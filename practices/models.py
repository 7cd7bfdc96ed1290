"""The practice (tenant), its settings, its patient records (charts) and its staff."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.limits import EARLIEST, EMAIL_LENGTH
from practices import choices, lengths, searching
from practices.from_roster import ChartMerge as ChartMerge  # noqa: PLC0414 - one of the app's models
from practices.from_roster import RosterConflict as RosterConflict  # noqa: PLC0414 - the same
from practices.practice_settings import PracticeSettings
from practices.upload import Upload as Upload  # noqa: PLC0414 - the same
from practices.upload import UploadPart as UploadPart  # noqa: PLC0414 - the same

__all__ = ("PatientRecord", "Practice", "PracticeSettings", "StaffMembership", "check_time_zone")

if TYPE_CHECKING:
    from datetime import date, datetime

    from django_stubs_ext import StrOrPromise


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
        validators=[
            RegexValidator(choices.HOST_PATTERN, _("A host is lower case, without port, such as portal.example.org."))
        ],
    )
    name = models.CharField(_("name"), max_length=120)
    logo = models.CharField(_("logo"), max_length=200, blank=True, help_text=_("Path of a static file."))
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#005ea2",
        validators=[RegexValidator(choices.COLOUR_PATTERN, _("A colour is six hexadecimal digits, such as #005ea2."))],
    )
    phone = models.CharField(_("phone"), max_length=lengths.PHONE_LENGTH)
    email = models.EmailField(_("email"), max_length=EMAIL_LENGTH)
    hours = models.TextField(_("hours"), blank=True)
    languages = ArrayField(
        models.CharField(max_length=12, validators=[RegexValidator(choices.LANGUAGE_PATTERN)]),
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
            models.CheckConstraint(condition=Q(host__regex=choices.HOST_PATTERN), name="practice_host_is_lower_case"),
            models.CheckConstraint(condition=Q(colour__regex=choices.COLOUR_PATTERN), name="practice_colour_is_hex"),
            models.CheckConstraint(condition=~Q(name=""), name="practice_has_a_name"),
            models.CheckConstraint(condition=Q(languages__len__gte=1), name="practice_has_a_language"),
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, **options: Any) -> None:
        """Save the practice, a new one together with its settings: no practice is ever without."""
        is_new = self._state.adding
        super().save(**options)
        if is_new:
            PracticeSettings.objects.create(practice=self)

    @property
    def language(self) -> str:
        """The practice's first language, used where nothing else is known."""
        return self.languages[0]

    def today(self) -> date:
        """The day that it is at the practice."""
        return self.day_of(timezone.now())

    def day_of(self, moment: datetime) -> date:
        """The day that a moment was at the practice."""
        return timezone.localdate(moment, zoneinfo.ZoneInfo(self.time_zone))

    def address(self, path: str) -> str:
        """Absolute URL of a path (which starts with "/") at this practice's host."""
        return f"{settings.PORTAL_SCHEME}://{self.host}{settings.PORTAL_PORT_SUFFIX}{path}"


def _phone(label: StrOrPromise) -> models.CharField[str, str]:
    return models.CharField(label, max_length=lengths.PHONE_LENGTH, blank=True, default="")


def _e164(label: StrOrPromise) -> models.CharField[str, str]:
    return models.CharField(
        label, max_length=16, blank=True, default="", editable=False, validators=[RegexValidator(choices.E164_PATTERN)]
    )


class PatientRecord(models.Model):
    """The practice's row for one patient (staff say chart).

    Phones are kept as given; `…_e164` is "" where no carrier would accept the number. A single name stands in either
    name. `addresses`: `{"lines": [str], "city": str, "state": str, "postal_code": str, "country": str}`, current first.
    """

    practice = models.ForeignKey(
        Practice, models.PROTECT, related_name="patients", db_index=False
    )  # one_record_per_mrn
    mrn = models.CharField(_("medical record number"), max_length=lengths.MRN_LENGTH)
    given_names = models.CharField(_("given names"), max_length=lengths.NAME_LENGTH, blank=True, default="")
    family_name = models.CharField(_("last name"), max_length=lengths.NAME_LENGTH, blank=True, default="")
    former_family_names = ArrayField(
        models.CharField(max_length=lengths.NAME_LENGTH), verbose_name=_("former last names"), blank=True, default=list
    )
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=8, choices=choices.Sex, default=choices.Sex.UNKNOWN)
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
    unused_phones = ArrayField(  # E.164; a trigger keeps them out of `…_e164`, whoever writes the row
        models.CharField(max_length=16),
        verbose_name=_("phones not to be used"),
        blank=True,
        default=list,
        db_default=Value([], output_field=ArrayField(models.CharField(max_length=16))),
        editable=False,
    )
    language = models.CharField(_("preferred language"), max_length=12, blank=True, default="")
    deceased = models.BooleanField(_("deceased"), default=False)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    search_name = searching.word("practices_search_name", "family_name", "given_names")
    search_given = searching.word("practices_search_name", "given_names", "family_name")
    search_email = searching.word("practices_search_email", "emails")
    search_other = searching.words("practices_search_other", "practice", "former_family_names", "emails")

    class Meta:
        verbose_name = _("patient record")
        verbose_name_plural = _("patient records")
        ordering: ClassVar = ["practice", "mrn"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "mrn"], name="one_record_per_mrn"),
            models.CheckConstraint(condition=~Q(mrn=""), name="record_has_an_mrn"),
            models.CheckConstraint(condition=~Q(given_names="") | ~Q(family_name=""), name="record_has_a_name"),
            models.CheckConstraint(condition=Q(birth_date__gte=EARLIEST), name="record_birth_date_is_possible"),
            models.CheckConstraint(condition=Q(sex__in=choices.Sex.values), name="record_sex_known"),
            models.CheckConstraint(
                condition=Q(home_e164__regex=choices.E164_PATTERN)
                & Q(work_e164__regex=choices.E164_PATTERN)
                & Q(mobile_e164__regex=choices.E164_PATTERN),
                name="record_e164_or_nothing",
            ),
        ]
        indexes: ClassVar = [  # who has a birthday (docs/decisions/0032-growing-up.md)
            models.Index(
                fields=["practice", "birth_date", "id"],
                condition=Q(active=True, deceased=False),
                name="record_birthdays",
            ),
            *searching.indexes(),
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
        """A deceased or inactive patient gets no codes (docs/flows.md H)."""
        return self.active and not self.deceased


class StaffMembership(models.Model):
    """An account that works for a practice."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="staff")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_memberships")
    role = models.CharField(_("role"), max_length=12, choices=choices.StaffRole, default=choices.StaffRole.FRONT_DESK)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "account"], name="one_membership_per_practice"),
            models.CheckConstraint(condition=Q(role__in=choices.StaffRole.values), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.account_id} at {self.practice_id}"
