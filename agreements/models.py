"""What a practice asks people to agree to, in versions that never change, and who agreed when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from agreements.consent_models import (
    ConsentAnswer,
    ConsentForm,
    ConsentText,
    ConsentVersion,
    Decision,
    Governs,
    Question,
    QuestionKind,
    Whose,
)
from practices.models import Practice

__all__ = (
    "Acceptance",
    "ConsentAnswer",
    "ConsentForm",
    "ConsentText",
    "ConsentVersion",
    "Decision",
    "Governs",
    "Kind",
    "Question",
    "QuestionKind",
    "TermsVersion",
    "Whose",
)


class Kind(models.TextChoices):
    """The two texts that stand before every account."""

    TERMS = "terms", _("Terms and Conditions")
    PRIVACY = "privacy", _("Privacy Policy")


class TermsVersion(models.Model):
    """One version of one text in one language; all languages of a version say the same. Triggers refuse any change."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="terms_versions")
    kind = models.CharField(max_length=16, choices=Kind)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "kind", "version", "language"], name="one_text_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} ({self.language})"


class Acceptance(models.Model):
    """An account accepted exactly this text. Version, language and hash are repeated: the row speaks for itself."""

    account = models.ForeignKey(  # accepted_once begins with it
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acceptances", db_index=False
    )
    terms_version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="acceptances")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "terms_version"], name="accepted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.terms_version_id} by {self.account_id}"
