"""The database itself says when a row was written and by which transaction, and numbers the seals without a gap.

Triggers are made after the data when a dump is restored whole, so what it holds comes back as it was. Names are
qualified: who adds a row chooses the search path, and may have a temporary table of any name in front of it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := pg_catalog.statement_timestamp();
  NEW.xact := pg_catalog.pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER audit_stamped BEFORE INSERT ON audit_auditevent
  FOR EACH ROW EXECUTE FUNCTION audit_stamp_row();

CREATE FUNCTION audit_count_seal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  highest bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7675); -- the sealer's: audit/seal.py
  EXECUTE format('SELECT coalesce(max(number), 0) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO highest;
  IF NEW.number IS DISTINCT FROM highest + 1 THEN
    RAISE EXCEPTION 'seal % cannot follow seal %', NEW.number, highest USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_counted BEFORE INSERT ON audit_auditseal
  FOR EACH ROW EXECUTE FUNCTION audit_count_seal();
ALTER TABLE audit_auditseal ADD CONSTRAINT audit_seal_number CHECK (number > 0);
"""
BACKWARD = """
ALTER TABLE audit_auditseal DROP CONSTRAINT audit_seal_number;
DROP TRIGGER audit_counted ON audit_auditseal;
DROP FUNCTION audit_count_seal();
DROP TRIGGER audit_stamped ON audit_auditevent;
DROP FUNCTION audit_stamp_row();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0004_sql_seals_append_only")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
