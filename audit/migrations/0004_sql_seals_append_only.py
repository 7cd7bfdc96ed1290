"""Seals only come to be, as the rows that they seal."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TRIGGER audit_append_only_rows BEFORE UPDATE OR DELETE ON audit_auditseal
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_append_only_table BEFORE TRUNCATE ON audit_auditseal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
BACKWARD = """
DROP TRIGGER audit_append_only_table ON audit_auditseal;
DROP TRIGGER audit_append_only_rows ON audit_auditseal;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0003_audit_seal")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
