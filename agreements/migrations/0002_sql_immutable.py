"""A published text and an acceptance never change: the database refuses it, whoever asks."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION agreements_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% cannot be changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER agreements_terms_immutable BEFORE UPDATE OR DELETE ON agreements_termsversion
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_terms_keep BEFORE TRUNCATE ON agreements_termsversion
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_acceptance_keep BEFORE TRUNCATE ON agreements_acceptance
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_acceptance_immutable BEFORE UPDATE OR DELETE ON agreements_acceptance
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
"""
BACKWARD = """
DROP TRIGGER agreements_acceptance_keep ON agreements_acceptance;
DROP TRIGGER agreements_terms_keep ON agreements_termsversion;
DROP TRIGGER agreements_acceptance_immutable ON agreements_acceptance;
DROP TRIGGER agreements_terms_immutable ON agreements_termsversion;
DROP FUNCTION agreements_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("agreements", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
