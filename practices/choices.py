"""The values that facts of a practice can have, other than their lengths."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guard import passwords

HOST_PATTERN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
COLOUR_PATTERN = r"^#[0-9a-f]{6}$"
E164_PATTERN = r"^(\+[1-9][0-9]{6,14})?$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"


class PersonWord(models.TextChoices):
    """What a practice calls the people it looks after."""

    PATIENT = "patient", _("patient")
    EMPLOYEE = "employee", _("employee")
    CLIENT = "client", _("client")


class PasswordRule(models.TextChoices):
    """The default rule, or NIST SP 800-63B-4's: long, no composition rules (docs/flows.md B.4)."""

    CLASSIC = passwords.CLASSIC, _("At least 8 characters, with a digit and a special character")
    LONG = passwords.LONG, _("At least 15 characters, no other rules")


class Sex(models.TextChoices):
    """FHIR R4 administrative-gender."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


class StaffRole(models.TextChoices):
    """A manager may do what the front desk may, and settings, staff, exports (docs/flows.md H)."""

    FRONT_DESK = "front_desk", _("Front desk")
    MANAGER = "manager", _("Manager")
