"""Indexes for what the page **Audit trail** filters by (docs/decisions/0035-audit-page.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0005_sql_stamped_and_counted")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["practice_id", "event", "-id"], name="audit_by_event"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["practice_id", "actor_kind", "actor_id", "event", "-id"],
                condition=models.Q(("actor_id", ""), _negated=True),
                name="audit_by_actor_and_event",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at"], name="audit_by_time"),
        ),
    ]
