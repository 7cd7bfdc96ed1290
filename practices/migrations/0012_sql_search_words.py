"""How patients are looked for: names folded, emails in lower case (docs/decisions/0034-finding-patients.md).

The folding is for finding, not for proving (that is practices/matching.py): what was typed is folded by the same words.
Bodies are parsed once, here: no search path changes what they call.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION practices_fold(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = char_length(name)
  THEN translate(lower(name), ' -''.,`"()/', '')
  ELSE regexp_replace(
    replace(replace(replace(replace(
      translate(normalize(lower(name), NFKD), 'øłđðħıŋŧŀ', 'olddhintl'), 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'),
    '[^[:alnum:]]', '', 'g') END;

CREATE FUNCTION practices_search_name(first text, second text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN practices_fold(coalesce(first, '')) || practices_fold(coalesce(second, ''));

CREATE FUNCTION practices_search_email(emails varchar[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(coalesce(emails[1], ''));

CREATE FUNCTION practices_search_other_words(practice bigint, former varchar[], emails varchar[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT practice::text || ' ' || practices_fold(name) FROM unnest(former) AS name
  UNION ALL SELECT practice::text || ' ' || lower(email) FROM unnest(emails[2:]) AS email);

CREATE FUNCTION practices_search_other(practice bigint, former varchar[], emails varchar[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cardinality(former) = 0 AND cardinality(emails) < 2 THEN '{}'::text[]
  ELSE practices_search_other_words(practice, former, emails) END;
"""
BACKWARD = """
DROP FUNCTION practices_search_other(bigint, varchar[], varchar[]);
DROP FUNCTION practices_search_other_words(bigint, varchar[], varchar[]);
DROP FUNCTION practices_search_email(varchar[]);
DROP FUNCTION practices_search_name(text, text);
DROP FUNCTION practices_fold(text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("practices", "0011_sql_unused_phones")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
