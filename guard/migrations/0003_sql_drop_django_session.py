"""Sessions moved to guard_session: the table of django.contrib.sessions goes, where an earlier version made it.

Who was signed in then signs in again.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("guard", "0002_session")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop)]
