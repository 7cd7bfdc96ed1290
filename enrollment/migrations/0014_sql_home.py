"""Who finished enrolling before the portal noted it is taken as having come home, not as having given up."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = "UPDATE enrollment_enrollment SET home_at = completed_at WHERE completed_at IS NOT NULL AND home_at IS NULL"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("enrollment", "0013_funnel")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
