"""The audit trail: rows that are added and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _BigIntegerField = models.BigIntegerField[int, int]
else:
    _BigIntegerField = models.BigIntegerField


class TransactionIdField(_BigIntegerField):
    """PostgreSQL's xid8: the 64-bit id of the transaction that wrote the row, never used twice."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        """Name the column's type."""
        return "xid8"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Psycopg does not know the type and gives its digits."""
        return None if value is None else int(value)

    def get_db_prep_value(
        self,
        value: Any,  # noqa: ANN401 - Django's signature
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:  # noqa: ANN401 - Django's signature
        # Digits as text: PostgreSQL has no cast from an integer.
        return str(value) if isinstance(value, int) else super().get_db_prep_value(value, connection, prepared)


class CurrentTransactionId(models.Func):
    """The transaction that is writing."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionIdField()


class AuditEvent(models.Model):
    """One thing that happened: who did it, at which practice, to what, from where.

    No foreign keys: a row outlives what it speaks of. Kinds are model labels ("accounts.account"), ids primary keys.
    Triggers refuse UPDATE, DELETE and TRUNCATE (ASVS 5.0 16.4.2). `xact` tells the sealer which rows can no longer be
    joined by late ones.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)
    event = models.CharField(max_length=64)
    practice_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=64, blank=True)
    actor_id = models.CharField(max_length=64, blank=True)
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["practice_id", "-id"], name="audit_by_practice"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["xact"], name="audit_by_transaction"),  # PostgreSQL has no BRIN for xid8
            # What the page **Audit trail** filters by (docs/decisions/0035-audit-page.md).
            models.Index(fields=["practice_id", "event", "-id"], name="audit_by_event"),
            models.Index(
                fields=["practice_id", "actor_kind", "actor_id", "event", "-id"],
                condition=~models.Q(actor_id=""),
                name="audit_by_actor_and_event",
            ),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.event}"


class AuditSeal(models.Model):
    """A batch of rows that were there, and what each said (docs/decisions/0014-sealed-audit-trail.md).

    A row is due to be in a seal where its transaction is below `sealed_to` or its id is not above `after_id`. These
    are of the database cluster `cluster` (its system identifier): another one counts its transactions anew. The rows'
    MACs stand one after the other in `macs`, 32 bytes each, in the order of `ids`; `previous` is the head of the seal
    before. Append-only, as AuditEvent is.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    cluster = models.CharField(max_length=20)
    sealed_to = TransactionIdField()
    after_id = models.BigIntegerField()
    ids = ArrayField(models.BigIntegerField())
    macs = models.BinaryField()
    key_id = models.CharField(max_length=8)
    previous = models.BinaryField()
    head = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"
