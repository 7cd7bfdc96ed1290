"""The values that facts of a practice can have, other than their lengths."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guard import passwords

HOST_PATTERN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
COLOUR_PATTERN = r"^#[0-9a-f]{6}$"
E164_PATTERN = r"^(\+[1-9][0-9]{6,14})?$"
MESSAGING_SERVICE_PATTERN = r"^MG[0-9a-f]{32}$"
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


class SecurityOption(models.TextChoices):
    """What a practice may offer for two-step verification (docs/flows.md D); the codes of the methods' registry."""

    TEXT = "text", _("Text me")
    CALL = "call", _("Call me")
    EMAIL = "email", _("Email me")
    APP = "app", _("Authenticator app")
    PASSKEY = "passkey", _("Passkey")
    BACKUP = "backup", _("Backup codes")


class CodeWhen(models.TextChoices):
    """When a sign-in asks for a code."""

    EVERY_SIGN_IN = "every_sign_in", _("at every sign-in")
    NEW_DEVICES = "new_devices", _("on new devices only")
    RESET_ONLY = "reset_only", _("for a password reset only")


class ActivationCheck(models.TextChoices):
    """What a person gives beside an activation code, to match it (docs/flows.md B.2)."""

    BIRTH_DATE = "birth_date", _("the patient's date of birth")
    HOME_PHONE = "home_phone", _("the home phone on the record")
    WORK_PHONE = "work_phone", _("the work phone on the record")


class RecordProof(models.TextChoices):
    """What opens a record after an activation code and its check (docs/flows.md, proof of the record)."""

    PHONE = "phone", _("a code sent to a phone on file, or the desk's word")
    CODE_AND_CHECK = "code_and_check", _("nothing more: whoever reads the mailbox and knows the check gets in")
