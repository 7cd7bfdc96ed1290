"""Why the desk does something to a patient's account or contacts, as the trail keeps it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LockReason(models.TextChoices):
    """**Lock account**."""

    LOST = "lost", _("A phone or device was lost or stolen")
    SOMEBODY_ELSE = "somebody_else", _("Somebody else got in, or tried to")
    ASKED = "asked", _("The person of the account asked for it")
    MISUSED = "misused", _("The account is used for what it is not meant for")


class UnlockReason(models.TextChoices):
    """**Unlock account**."""

    SAFE = "safe", _("The person has their phone and mailbox, and nobody else does")
    MISTAKE = "mistake", _("It was locked by mistake")


class SignOutReason(models.TextChoices):
    """**Sign out everywhere**."""

    SHARED = "shared", _("They are still signed in on a computer that others use")
    LOST = "lost", _("A phone or device was lost or stolen")
    SOMEBODY_ELSE = "somebody_else", _("Somebody else got in, or tried to")
    ASKED = "asked", _("The person of the account asked for it")


class ContactReason(models.TextChoices):
    """**Update email/phone**, and undoing it."""

    ASKED = "asked", _("The patient asked for it")
    WRONG = "wrong", _("What was there was wrong, or somebody else's")
    BOUNCED = "bounced", _("Messages to it did not arrive")
    MISTAKE = "mistake", _("The last change was a mistake")


class PhoneReason(models.TextChoices):
    """**Do not use this phone**."""

    LOST = "lost", _("It was lost or stolen")
    NOT_THEIRS = "not_theirs", _("It is somebody else's")
    ASKED = "asked", _("The patient asked for it")


class UseReason(models.TextChoices):
    """**Use this phone again**."""

    FOUND = "found", _("The patient has it, and nobody else does")
    ASKED = "asked", _("The patient asked for it")
    MISTAKE = "mistake", _("The last change was a mistake")


class TermsReason(models.TextChoices):
    """**Change level or last day**."""

    ASKED = "asked", _("The patient asked for it")
    PARENT = "parent", _("A parent or guardian of a patient who is not of age")
    DOCUMENT = "document", _("They showed a document, such as a power of attorney")
    MISTAKE = "mistake", _("It was a mistake")


class OwnReason(models.TextChoices):
    """**It is the patient's own**."""

    SHOWED = "showed", _("The young person showed it to us, on their own phone")
    SAID = "said", _("The young person said so, alone with us")
