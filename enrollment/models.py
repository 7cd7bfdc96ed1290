"""Enrollment codes, the answers that were wrong, and the journeys that the codes open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Relationship
from enrollment.bulk_issue import BulkIssue as BulkIssue  # noqa: PLC0414 - one of the app's models
from enrollment.contact_change import ContactChange as ContactChange  # noqa: PLC0414 - the same
from enrollment.funnel_week import FunnelWeek as FunnelWeek  # noqa: PLC0414 - the same
from enrollment.growing import Growing as Growing  # noqa: PLC0414 - the same
from enrollment.growing import GrowingDay as GrowingDay  # noqa: PLC0414 - the same
from enrollment.letter_run import Letter as Letter  # noqa: PLC0414 - the same
from enrollment.letter_run import LetterRun as LetterRun  # noqa: PLC0414 - the same
from enrollment.named_proxy import NamedProxy
from guard import secrets
from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import datetime


class CodeKind(models.TextChoices):
    """What the practice gave the patient."""

    TOKEN = "token", _("token")
    ACTIVATION = "activation", _("activation code")
    INVITATION = "invitation", _("invitation")
    RESET = "reset", _("reset token")


class Handover(models.TextChoices):
    """How the code reached the patient; what each proves is said by `enrollment.opening.proof_of`."""

    HANDED = "handed", _("handed over after an ID check")
    MAILED = "mailed", _("mailed to the address on file")
    EMAILED = "emailed", _("emailed to the address on file")
    TEXTED = "texted", _("texted to the mobile on file")
    CHECKED_IN = "checked_in", _("given by online check-in")
    RESULT = "result", _("emailed with a lab result to the address on file")
    RESET = "reset", _("emailed to the verified address of an account that was reset")


class CodeState(models.TextChoices):
    """The life of a code: pending → reserved → redeemed, or one of the ends.

    Expired and locked are a matter of the clock: `EnrollmentCode.state_at` says them, the row does not.
    """

    PENDING = "pending", _("pending")
    RESERVED = "reserved", _("reserved")
    REDEEMED = "redeemed", _("redeemed")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")
    SUPERSEDED = "superseded", _("superseded")
    LOCKED = "locked", _("locked")


LIVE = (CodeState.PENDING, CodeState.RESERVED)
WAITS_FOR_PATIENT = Q(state=CodeState.PENDING, proxy=None) & ~Q(kind=CodeKind.RESET)


class EnrollmentCode(models.Model):
    """The secret that opens enrollment for one record. Only its keyed hash is kept."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="codes", db_index=False)
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="codes")
    # Whom it is for: a named proxy, or (None) the patient.
    proxy = models.ForeignKey(NamedProxy, on_delete=models.PROTECT, null=True, blank=True, related_name="codes")
    kind = models.CharField(max_length=16, choices=CodeKind)
    handover = models.CharField(max_length=16, choices=Handover)
    digest = models.BinaryField(max_length=32, unique=True)
    # The email it is for, "" for a token. Where it was emailed, who brings it reads that mailbox (rule 13).
    sent_to = models.EmailField(max_length=254, blank=True, default="", db_default="")
    state = models.CharField(max_length=16, choices=CodeState, default=CodeState.PENDING)
    issued_at = models.DateTimeField(auto_now_add=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    # Keyed hashes of the emails it was asked about: "this email has an account" is said for three at most (rule 3).
    emails_asked = ArrayField(models.BinaryField(max_length=32), default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(state__in=LIVE, proxy=None), name="record_has_one_live_code"
            ),
            models.UniqueConstraint(fields=["proxy"], condition=Q(state__in=LIVE), name="proxy_has_one_live_code"),
            models.CheckConstraint(
                condition=~Q(state__in=[CodeState.EXPIRED, CodeState.LOCKED]), name="clock_states_are_not_stored"
            ),
        ]
        indexes: ClassVar = [  # who has one, and until when (docs/decisions/0034-finding-patients.md)
            models.Index(
                fields=["practice", "expires_at", "id"],
                include=["record", "kind"],
                condition=WAITS_FOR_PATIENT,
                name="code_ends",
            ),
            models.Index(fields=["practice", "issued_at"], name="code_issued"),  # enrollment.funnel
            HashIndex(fields=["id"], name="code_by_id"),  # instead of the practice's own (decision 35)
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"

    def state_at(self, now: datetime) -> CodeState:
        """Return the state with the clock taken into account. A reserved code does not expire, its journey lapses."""
        if self.state in LIVE and self.locked_until and self.locked_until > now:
            return CodeState.LOCKED
        if self.state == CodeState.PENDING and self.expires_at <= now:
            return CodeState.EXPIRED
        return CodeState(self.state)


class FailedMatch(models.Model):
    """One distinct wrong answer to one code number, real or not: both are written alike, so that both take alike."""

    code_digest = models.BinaryField(max_length=32)
    answer_digest = models.BinaryField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code_digest", "answer_digest"], name="wrong_answer_counts_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="failed_match_at")]

    def __str__(self) -> str:
        return f"wrong answer {self.pk}"


class EnrollmentState(models.TextChoices):
    """Where a journey stands."""

    OPEN = "open", _("open")
    WAITING = "waiting", _("waiting for proof of the record")
    COMPLETED = "completed", _("completed")
    LAPSED = "lapsed", _("lapsed")


UNFINISHED = (EnrollmentState.OPEN, EnrollmentState.WAITING)


class AccountChoice(models.TextChoices):
    """Step 5 of flow A."""

    NEW = "new", _("Create a new account")
    EXISTING = "existing", _("Add this practice to an account I already have")


class Enrollment(models.Model):
    """One run through the pages, from a matched code to an open record."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="enrollments", db_index=False)
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="enrollments", db_index=False)
    code = models.ForeignKey(EnrollmentCode, on_delete=models.PROTECT, related_name="enrollments")
    state = models.CharField(max_length=16, choices=EnrollmentState, default=EnrollmentState.OPEN)
    step = models.CharField(max_length=32)
    email = models.EmailField(max_length=254, blank=True)
    account_choice = models.CharField(max_length=16, choices=AccountChoice, blank=True)
    # What the person of the account is to the patient; "" until it is asked (docs/flows.md C.3).
    relationship = models.CharField(
        max_length=32, choices=Relationship, blank=True, default=Relationship.SELF, db_default=Relationship.SELF
    )
    # Who acts for the patient, once they said so: named before, or their own claim; None for the patient.
    proxy = models.ForeignKey(NamedProxy, on_delete=models.PROTECT, null=True, blank=True, related_name="enrollments")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    started_at = models.DateTimeField(auto_now_add=True)
    account_made_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    vouch_asked_at = models.DateTimeField(null=True, blank=True)
    home_at = models.DateTimeField(null=True, blank=True)  # the first home page after it was completed

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="enrollment_unfinished", condition=Q(state__in=UNFINISHED)),
            models.Index(
                fields=["practice", "started_at", "id"], name="enrollment_stuck", condition=Q(state__in=UNFINISHED)
            ),
            models.Index(fields=["practice", "started_at"], name="enrollment_started"),  # enrollment.funnel
            HashIndex(fields=["record"], name="enrollment_of_record"),  # instead of Django's own (decision 35)
        ]

    def __str__(self) -> str:
        return f"enrollment {self.pk} ({self.state})"

    @property
    def mark(self) -> str:
        """What a form of this enrollment carries, to tell it from one in another tab; no secret."""
        return secrets.digest("enrollment form", str(self.pk)).hex()[:16]


class IdSeen(models.TextChoices):
    """What a member of staff looked at before vouching for who stands at the desk."""

    DRIVING_LICENCE = "driving_licence", _("Driver's license")
    STATE_ID = "state_id", _("State ID card")
    PASSPORT = "passport", _("Passport")
    MILITARY_ID = "military_id", _("Military ID")
    OTHER_PHOTO_ID = "other_photo_id", _("Another photo ID of a public authority")


class Vouch(models.Model):
    """A member of staff's word, in place of the phone on file, for one waiting enrollment (docs/flows.md H)."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="vouches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    id_seen = models.CharField(max_length=16, choices=IdSeen)
    at = models.DateTimeField(auto_now_add=True)
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"vouch {self.pk} for enrollment {self.enrollment_id}"


class EmailReplacement(models.Model):
    """The email of a proven, self-enrolled patient took the place of the one on the record; the old one can undo it."""

    enrollment = models.OneToOneField(Enrollment, on_delete=models.CASCADE, related_name="email_replacement")
    old = models.EmailField(max_length=254, blank=True)
    new = models.EmailField(max_length=254)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"email replacement {self.pk}"
