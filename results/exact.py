"""A number as the laboratory reported it, every digit of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class ExactField(models.DecimalField):  # type: ignore[type-arg] # generic for the type checker only
    """A decimal that keeps its final zeros: 5.70 says more than 5.7 (FHIR R4, decimal: precision is significant)."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        return "numeric"  # numeric(18, 6) would make 5.700000 of it
