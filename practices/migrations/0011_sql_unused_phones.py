"""A phone that is not to be used stays out of the usable ones, whoever writes the row: staff, or a roster in bulk.

The condition is looked at without calling the function: it costs a roster of ten million rows nothing.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION practices_leave_unused_phones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.home_e164 = ANY (NEW.unused_phones) THEN NEW.home_e164 := ''; END IF;
  IF NEW.work_e164 = ANY (NEW.unused_phones) THEN NEW.work_e164 := ''; END IF;
  IF NEW.mobile_e164 = ANY (NEW.unused_phones) THEN NEW.mobile_e164 := ''; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER practices_unused_phones BEFORE INSERT OR UPDATE ON practices_patientrecord
  FOR EACH ROW WHEN (NEW.unused_phones <> '{}') EXECUTE FUNCTION practices_leave_unused_phones();
"""
BACKWARD = """
DROP TRIGGER practices_unused_phones ON practices_patientrecord;
DROP FUNCTION practices_leave_unused_phones();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("practices", "0010_unused_phones")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
