"""What it takes to issue activation codes for a whole practice, their emails queued: the command as a person starts it.

ISSUING_PATIENTS says how many patients, for a quick look.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from django.db import connection

from bench import roster_memory
from bench.figures import Figure

PATIENTS = 100_000
ROUNDS = 3
# Django, the command and the pages whose addresses the emails have: what it holds before it works.
STARTED = "import enrollment.management.commands.issue_codes, portal.urls"


def measure() -> Iterator[Figure]:
    from practices.models import Practice

    practice = Practice.objects.create(slug="bench", host="bench.example.org", name="Bench", phone="212-555-0110")
    patients = int(os.environ.get("ISSUING_PATIENTS", PATIENTS))
    fill(practice.pk, patients)
    start = roster_memory.start_of(STARTED)
    walls, grown = [], []
    for _round in range(ROUNDS):
        _renew()
        begun = time.perf_counter()
        grown.append(_issue(practice.slug, start))
        walls.append(time.perf_counter() - begun)
        _check(patients)
    wall = statistics.median(walls)
    facts = {"patients": patients, "wall": [round(one, 2) for one in walls], "per_second": round(patients / wall)}
    yield Figure("issuing.seconds", wall * PATIENTS / patients, facts)
    yield Figure("issuing.memory", max(grown) / 1e6, {"start": round(start / 1e6, 1), "patients": patients})


def _issue(practice: str, start: int) -> int:
    command = [sys.executable, "manage.py", "issue_codes", "--practice", practice, "--kind", "activation"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        grown = roster_memory.watch(process, {"command": start})
    assert process.returncode == 0
    return grown["command"]


def fill(practice: int, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO practices_patientrecord (practice_id, mrn, given_names, family_name, former_family_names,"
            " birth_date, sex, addresses, emails, home_phone, work_phone, mobile_phone, home_e164, work_e164,"
            " mobile_e164, language, deceased, active, updated_at)"
            " SELECT %s, 'M' || lpad(i::text, 8, '0'), 'Given', 'Family' || i, '{}', date '1950-01-01' + i %% 18000,"
            " 'female', '[]', ARRAY['p' || i || '@example.com'], '', '', '', '', '', '',"
            " (ARRAY['en', 'es', ''])[1 + i %% 3], false, true, now() FROM generate_series(1, %s) AS i",
            [practice, rows],
        )


def _renew() -> None:
    """The state that every run begins in: no codes, no messages. What the trail holds stays, as everywhere."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE enrollment_bulkissue, enrollment_enrollmentcode, notifications_message CASCADE")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _check(patients: int) -> None:
    """All that one by one leaves, for each."""
    from enrollment.models import EnrollmentCode
    from notifications.models import Message

    assert EnrollmentCode.objects.values("record").distinct().count() == patients
    assert Message.objects.filter(context_sealed__isnull=False).values("to").distinct().count() == patients
