from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0012_lookups")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="objection",
            name="others",
            field=ArrayField(models.BigIntegerField(), db_default=[], default=list),
        ),
    ]
