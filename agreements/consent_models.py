"""Consent forms: what a practice asks beside its terms, in versions that never change, and what was answered.

Triggers refuse any change of a published version, of its texts and questions, and of an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import datetime

TITLE_LENGTH = 120


class Governs(models.TextChoices):
    """What of the portal goes by the answers to a form."""

    NOTHING = "", _("Nothing in the portal: the answers are kept")
    TEXTING = "texting", _("Texts with reminders and notices: none without a yes")


class Whose(models.TextChoices):
    """For whom a form is answered."""

    RECORD = "record", _("For each patient record, by everybody who opens it")
    ACCOUNT = "account", _("Once by each person who has an account")


class QuestionKind(models.TextChoices):
    ACKNOWLEDGE = "acknowledge", _("A box to tick")
    YES_NO = "yes_no", _("Yes or no")
    CHOICE = "choice", _("One of several answers")
    TEXT = "text", _("A short text")
    SIGNATURE = "signature", _("Full name, typed as a signature")


class Decision(models.TextChoices):
    GIVEN = "given", _("Agreed")
    DECLINED = "declined", _("Did not agree")
    WITHDRAWN = "withdrawn", _("Withdrew the agreement")


class ConsentForm(models.Model):
    """A form of a practice, through all its versions."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="consent_forms", db_index=False)
    slug = models.SlugField(max_length=40)
    governs = models.CharField(max_length=16, choices=Governs, blank=True, default=Governs.NOTHING)
    retired_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["practice", "slug"], name="one_form_a_slug")]

    def __str__(self) -> str:
        return f"{self.slug} at {self.practice_id}"


class ConsentVersion(models.Model):
    """A draft while `published_at` is empty. `asks_again`: who answered an earlier version is asked once more.

    `months`: an answer holds so long; None for good.
    """

    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    required = models.BooleanField(default=False)
    whose = models.CharField(max_length=8, choices=Whose, default=Whose.RECORD)
    asks_again = models.BooleanField(default=True)
    months: models.PositiveSmallIntegerField[int | None, int | None] = models.PositiveSmallIntegerField(null=True)
    published_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="published_consents"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "number"], name="one_consent_version_a_number"),
            models.UniqueConstraint(fields=["form"], condition=Q(published_at=None), name="one_draft_a_form"),
            models.CheckConstraint(condition=Q(whose__in=Whose.values), name="consent_whose_known"),
            models.CheckConstraint(
                condition=Q(months=None) | Q(months__range=(1, 120)), name="consent_1_to_120_months"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of form {self.form_id}"


class ConsentText(models.Model):
    """A version's words in one language; `sha256` is that of `agreements.words.document`, "" while it is a draft."""

    version = models.ForeignKey(ConsentVersion, on_delete=models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "language"], name="one_consent_text_each")]

    def __str__(self) -> str:
        return f"text of version {self.version_id} ({self.language})"


class Question(models.Model):
    """One question of a version. `words`: by language, `{"label": str, "choices": [str]}`."""

    version = models.ForeignKey(ConsentVersion, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=QuestionKind)
    required = models.BooleanField(default=True)
    words: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_known")
        ]

    def __str__(self) -> str:
        return f"question {self.position} of version {self.version_id}"


class ConsentAnswer(models.Model):
    """What somebody said to a form. The newest for a form, an account and a record holds; the earlier ones are kept.

    Number, language and hash are repeated: the row speaks for itself. `record` is None for a form of accounts.
    `answers`: `[{"kind": str, "label": str, "answer": str}]`, as the page asked and was answered.
    """

    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="answers", db_index=False)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="answers")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consent_answers", db_index=False
    )
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, null=True, related_name="consent_answers")
    decision = models.CharField(max_length=12, choices=Decision)
    answers: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "form", "record", "-id"], name="consent_newest"),
            models.Index(fields=["form"], name="consent_by_form"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="consent_decision_known"),
            models.CheckConstraint(condition=~Q(sha256=""), name="consent_answer_names_its_text"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} form {self.form_id} by {self.account_id}"
