from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0010_staff")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="patientaccess",
            name="rests_with_record",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
