"""A published version of a consent form, its texts and questions, and an answer never change, whoever asks."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION agreements_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION '% cannot be changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
-- A part of a version, whose row is locked: nothing is added to one that is being published.
CREATE FUNCTION agreements_refuse_published_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  whole bigint;
  published timestamptz;
BEGIN
  IF TG_OP = 'INSERT' THEN whole := NEW.version_id; ELSE whole := OLD.version_id; END IF;
  SELECT published_at INTO published FROM agreements_consentversion WHERE id = whole FOR SHARE;
  IF published IS NOT NULL OR (TG_OP = 'UPDATE' AND NEW.version_id <> whole) THEN
    RAISE EXCEPTION '% cannot be changed: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER agreements_consentversion_immutable BEFORE UPDATE OR DELETE ON agreements_consentversion
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_published();
CREATE TRIGGER agreements_consenttext_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_consenttext
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_published_part();
CREATE TRIGGER agreements_question_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_question
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_published_part();
CREATE TRIGGER agreements_consentanswer_immutable BEFORE UPDATE OR DELETE ON agreements_consentanswer
  FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_consentversion_keep BEFORE TRUNCATE ON agreements_consentversion
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_consenttext_keep BEFORE TRUNCATE ON agreements_consenttext
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_question_keep BEFORE TRUNCATE ON agreements_question
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER agreements_consentanswer_keep BEFORE TRUNCATE ON agreements_consentanswer
  FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
"""
BACKWARD = """
DROP TRIGGER agreements_consentanswer_keep ON agreements_consentanswer;
DROP TRIGGER agreements_question_keep ON agreements_question;
DROP TRIGGER agreements_consenttext_keep ON agreements_consenttext;
DROP TRIGGER agreements_consentversion_keep ON agreements_consentversion;
DROP TRIGGER agreements_consentanswer_immutable ON agreements_consentanswer;
DROP TRIGGER agreements_question_immutable ON agreements_question;
DROP TRIGGER agreements_consenttext_immutable ON agreements_consenttext;
DROP TRIGGER agreements_consentversion_immutable ON agreements_consentversion;
DROP FUNCTION agreements_refuse_published_part();
DROP FUNCTION agreements_refuse_published();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("agreements", "0004_consents")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
