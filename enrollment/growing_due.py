"""Which patient records the daily task of growing up has to look at: found by the birthdays, not by reading them all.

Who is a teenager by the calendar, and who is down as one, are two lists: who stands in one of them only is due. So a
day that was missed, a birth date that was mended and ages that the practice changed are all found, and nothing is done
twice (docs/decisions/0032-growing-up.md has the plan).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import connection

from enrollment.whom import born_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from practices.models import Practice

AHEAD = (7, 30, 90)  # days before each birthday on which people are told
BATCH = 1000


class Step(StrEnum):
    """What is due for a record."""

    TEEN = "teen"  # became a teenager
    OVERTAKEN = "overtaken"  # came of age before any run saw them as a teenager
    STRAY = "stray"  # is of age, and somebody let in before is not ended: a date was mended
    ADULT = "adult"  # is down as a teenager, and is none any more
    SOON_TEEN = "soon teen"  # a birthday comes that people are to be told of
    SOON_ADULT = "soon adult"


def ahead(days: int) -> int | None:
    """Of which notice it is time, so many days before a birthday: the nearest whose day has come; None for none."""
    return next((one for one in AHEAD if 0 < days <= one), None)


def look(practice: Practice, today: date, since: date) -> Iterator[tuple[Step, list[int]]]:
    """Records to look at, in batches; `since`: the last day that was finished."""
    ages = {"teen_age": practice.settings.teen_age, "adult_age": practice.settings.adult_age}
    facts: dict[str, int | date] = {"practice": practice.pk, "batch": BATCH, **ages, **_births(practice, today, since)}
    after = dict.fromkeys(Step, 0)
    while found := _query(DUE, {**facts, **{f"after {step}": pk for step, pk in after.items()}}):
        for step, rows in groupby(found, key=lambda row: row[0]):
            ids = [pk for _, pk in rows]
            yield Step(step), ids
            after[Step(step)] = ids[-1]


def addresses(practice: Practice) -> Iterator[list[int]]:
    """Records, in batches, whose patient's own account has an address that may be a guardian's, or had one."""
    after = 0
    while found := _query(FLAG, {"practice": practice.pk, "batch": BATCH, "after flag": after}):
        ids = [pk for _, pk in found]
        yield ids
        after = ids[-1]


def _births(practice: Practice, today: date, since: date) -> dict[str, date]:
    """The latest birth date of who has each birthday behind them, today and so many days on."""
    ages = {"teen": practice.settings.teen_age, "adult": practice.settings.adult_age}
    births = {name: born_by(age, today) for name, age in ages.items()}
    births |= {
        f"{name}_{days}": born_by(age, today + timedelta(days=days)) for name, age in ages.items() for days in AHEAD
    }
    return births | {"adult_since": born_by(ages["adult"], min(since, today))}


def _query(sql: str, facts: Mapping[str, int | date]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return sorted(cursor.fetchall())


# Materialized, and the proxies' records looked up one by one: or the limit makes the planner walk all records in order.
_WHO = """
WITH teens AS MATERIALIZED (
  SELECT r.id FROM practices_patientrecord r
  WHERE r.practice_id = %(practice)s AND r.active AND NOT r.deceased
    AND r.birth_date > %(adult)s AND r.birth_date <= %(teen)s),
proxies AS MATERIALIZED (
  SELECT a.record_id, min(LEAST(a.opened_at, a.created_at)) AS since FROM accounts_patientaccess a
  WHERE a.practice_id = %(practice)s AND a.relationship <> 'self' AND a.state <> 'ended'
  GROUP BY a.record_id)
"""

_TEEN = """
SELECT 'teen', t.id FROM teens t
WHERE t.id > %(after teen)s
  AND NOT EXISTS (SELECT FROM enrollment_growing g WHERE g.practice_id = %(practice)s AND g.record_id = t.id
                  AND g.teen_at IS NOT NULL AND g.adult_at IS NULL)
ORDER BY t.id LIMIT %(batch)s
"""

_OVERTAKEN = """
SELECT 'overtaken', r.id FROM practices_patientrecord r
WHERE r.practice_id = %(practice)s AND r.active AND NOT r.deceased AND r.id > %(after overtaken)s
  AND r.birth_date > %(adult_since)s AND r.birth_date <= %(adult)s
  AND NOT EXISTS (SELECT FROM enrollment_growing g WHERE g.record_id = r.id AND g.teen_at IS NOT NULL)
ORDER BY r.id LIMIT %(batch)s
"""

_STRAY = """
SELECT 'stray', p.record_id FROM proxies p, LATERAL (
  SELECT r.birth_date FROM practices_patientrecord r
  WHERE r.id = p.record_id AND r.active AND NOT r.deceased AND r.birth_date <= %(adult)s OFFSET 0) r
WHERE p.record_id > %(after stray)s
  AND p.since < r.birth_date + make_interval(years => %(adult_age)s, days => 2)
  AND NOT EXISTS (SELECT FROM enrollment_growing g WHERE g.record_id = p.record_id AND g.adult_at IS NOT NULL)
ORDER BY p.record_id LIMIT %(batch)s
"""

_ADULT = """
SELECT 'adult', g.record_id FROM enrollment_growing g
WHERE g.practice_id = %(practice)s AND g.teen_at IS NOT NULL AND g.adult_at IS NULL AND g.record_id > %(after adult)s
  AND NOT EXISTS (SELECT FROM teens t WHERE t.id = g.record_id)
ORDER BY g.record_id LIMIT %(batch)s
"""

_SOON = """
SELECT 'soon {age}', r.id FROM practices_patientrecord r
WHERE r.practice_id = %(practice)s AND r.active AND NOT r.deceased AND r.id > %(after soon {age})s
  AND r.birth_date > %({age})s AND r.birth_date <= %({age}_90)s
  AND EXISTS (SELECT FROM proxies p WHERE p.record_id = r.id)
  AND NOT EXISTS (SELECT FROM enrollment_growing g
                  WHERE g.record_id = r.id AND g.told_born = r.birth_date AND g.told_at_age = %({age}_age)s
                    AND g.told_days <= CASE WHEN r.birth_date <= %({age}_7)s THEN 7
                                            WHEN r.birth_date <= %({age}_30)s THEN 30 ELSE 90 END)
ORDER BY r.id LIMIT %(batch)s
"""

_ALL = [_TEEN, _OVERTAKEN, _STRAY, _ADULT, _SOON.format(age="teen"), _SOON.format(age="adult")]
DUE = _WHO + " UNION ALL ".join(f"({one})" for one in _ALL)

FLAG = """
SELECT 'flag', record_id FROM (
  WITH own AS (
    SELECT g.record_id, a.account_id, g.contacts
    FROM enrollment_growing g JOIN accounts_patientaccess a USING (record_id)
    WHERE g.practice_id = %(practice)s AND g.teen_at IS NOT NULL AND g.adult_at IS NULL AND g.flagged_at IS NULL
      AND a.relationship = 'self' AND a.state <> 'ended' AND g.record_id > %(after flag)s),
  theirs AS (
    SELECT own.record_id, a.account_id FROM own JOIN accounts_patientaccess a USING (record_id)
    WHERE a.relationship <> 'self'),
  mine_at AS (
    SELECT record_id, lower(c) AS contact FROM own JOIN accounts_account s ON s.id = own.account_id,
      LATERAL (VALUES (s.email), (s.sign_in_name)) AS v (c)
    UNION ALL
    SELECT record_id, lower(o.target) FROM own JOIN verification_codeoption o ON o.user_id = own.account_id
    WHERE o.confirmed),
  theirs_at AS (
    SELECT record_id, unnest(contacts) AS contact FROM own
    UNION ALL
    SELECT record_id, lower(c) FROM theirs JOIN accounts_account s ON s.id = theirs.account_id,
      LATERAL (VALUES (s.email), (s.sign_in_name)) AS v (c)
    UNION ALL
    SELECT record_id, lower(o.target) FROM theirs JOIN verification_codeoption o ON o.user_id = theirs.account_id
    WHERE o.confirmed
    UNION ALL
    SELECT own.record_id, lower(c) FROM own JOIN enrollment_namedproxy n USING (record_id),
      LATERAL (VALUES (n.email), (n.phone_e164)) AS v (c))
  SELECT DISTINCT record_id FROM mine_at JOIN theirs_at USING (record_id, contact) WHERE contact <> ''
  UNION
  SELECT record_id FROM enrollment_growing
  WHERE practice_id = %(practice)s AND flagged_at IS NOT NULL AND record_id > %(after flag)s
) found ORDER BY record_id LIMIT %(batch)s
"""
