"""What patients are looked for by: columns that the database keeps itself, and their indexes.

docs/decisions/0034-finding-patients.md. Whatever writes a record (the roster's SQL too) keeps them right.
"""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Reverse

BYTES = "C"  # the collation whose order is that of the letters' bytes, so that a range of words is one of beginnings
PHONES: Final = ("mobile_e164", "home_e164", "work_e164")


def word(function: str, *fields: str) -> models.GeneratedField:
    """A text that a function of practices/migrations/0012 makes of other columns."""
    made = Func(*map(F, fields), function=function)
    return models.GeneratedField(expression=made, output_field=models.TextField(db_collation=BYTES), db_persist=True)


def words(function: str, *fields: str) -> models.GeneratedField:
    """The same for several words."""
    made = Func(*map(F, fields), function=function)
    return models.GeneratedField(expression=made, output_field=ArrayField(models.TextField()), db_persist=True)


def from_its_end(phone: str) -> Combinable:
    """A phone with its last digit first: who knows the last four finds a range."""
    return Collate(Reverse(phone), BYTES)


def indexes() -> list[models.Index]:
    """One for each way to look."""
    by_phone = [
        models.Index(
            F("practice"),
            from_its_end(phone),
            F("id"),
            condition=~Q(**{phone: ""}),
            name=f"record_by_{phone.partition('_')[0]}",
        )
        for phone in PHONES
    ]
    return [
        models.Index(fields=["practice", "search_name", "id"], name="record_by_name"),
        models.Index(fields=["practice", "search_given", "id"], name="record_by_given_names"),
        models.Index(fields=["practice", "birth_date", "search_name", "id"], name="record_by_birth_date"),
        models.Index(fields=["practice", "search_email", "id"], condition=~Q(search_email=""), name="record_by_email"),
        *by_phone,
        GinIndex(
            fields=["search_other"], condition=~Q(search_other=[]), fastupdate=False, name="record_by_other_words"
        ),
        models.Index(fields=["practice", "id"], condition=Q(active=True, deceased=False), name="record_newest"),
        # One page and the row, where the levels of a B-tree are three: lists name patients by id (decision 35).
        HashIndex(fields=["id"], name="record_by_id"),
    ]
