"""Where people give up: invited → opened → identity → account → verified → home, by the week their code was issued.

The counts are kept (FunnelWeek), and made anew each hour for the weeks whose codes may still be used: a page reads a
few rows, whatever the size of the practice.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from enrollment.funnel_week import FunnelWeek
from enrollment.models import Enrollment, EnrollmentState

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from accounts.models import Account
    from practices.models import Practice

STEPS = ("invited", "opened", "identity", "account", "verified", "home")
MOVING = 10  # weeks: codes live for 30 days by default, a journey for 7, a new home page a while longer
ALL = 53  # weeks, the first time
# A code that a newer one replaced counts with the newer one; reset tokens lead back in, not in. Opened: somebody came
# with the code and typed an answer. That a link was opened says nothing: mail scanners open links (docs/flows.md 1).
_COUNT = """
WITH code AS MATERIALIZED (
  SELECT id, kind, date_trunc('week', issued_at AT TIME ZONE %(zone)s)::date AS week FROM enrollment_enrollmentcode
  WHERE practice_id = %(practice)s AND issued_at >= %(since)s AND kind <> 'reset' AND state <> 'superseded'
), tried AS (
  SELECT DISTINCT subject_id FROM audit_auditevent
  WHERE practice_id = %(practice)s AND event IN ('code.refused', 'code.matched') AND at >= %(since)s
    AND subject_kind = 'enrollment.enrollmentcode'
), run AS (
  SELECT code_id, bool_or(account_id IS NOT NULL) AS account, bool_or(home_at IS NOT NULL) AS home,
    bool_or(proven_at IS NOT NULL OR completed_at IS NOT NULL OR home_at IS NOT NULL) AS verified
  FROM enrollment_enrollment WHERE practice_id = %(practice)s AND started_at >= %(since)s GROUP BY code_id
)
INSERT INTO enrollment_funnelweek
  (practice_id, week, kind, invited, opened, identity, account, verified, home, counted_at)
SELECT %(practice)s, week, kind, count(*), count(*) FILTER (WHERE code_id IS NOT NULL OR subject_id IS NOT NULL),
  count(code_id), count(*) FILTER (WHERE account OR verified), count(*) FILTER (WHERE verified),
  count(*) FILTER (WHERE home), now()
FROM code LEFT JOIN run ON code_id = code.id LEFT JOIN tried ON subject_id = code.id::text
GROUP BY week, kind
ON CONFLICT (practice_id, week, kind) DO UPDATE SET invited = excluded.invited, opened = excluded.opened,
  identity = excluded.identity, account = excluded.account, verified = excluded.verified, home = excluded.home,
  counted_at = excluded.counted_at
"""


def count(practice: Practice) -> None:
    """Count the weeks that still move; the first time the last year. Twice at once does no harm."""
    is_first = not FunnelWeek.objects.filter(practice=practice).exists()
    since = monday(practice) - timedelta(weeks=ALL if is_first else MOVING)
    zone = ZoneInfo(practice.time_zone)
    values: dict[str, int | str | datetime] = {
        "practice": practice.pk,
        "since": datetime.combine(since, time(), zone),
        "zone": practice.time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)


def monday(practice: Practice) -> date:
    """Of the week that it is at the practice."""
    today = practice.today()
    return today - timedelta(days=today.weekday())


def arrive(request: HttpRequest, account: Account) -> None:
    """Note the last page of an enrollment, from which home is one press: a statement less on every home page."""
    done = Q(state=EnrollmentState.COMPLETED) | Q(completed_at__isnull=False)
    mine = Enrollment.objects.filter(done, account=account, home_at=None)
    mine.filter(practice=request.practice).update(home_at=timezone.now())  # type: ignore[attr-defined] # PracticeRequest
