"""The timetable at a pace that a test can watch: what happens by the hour happens every three seconds."""

from __future__ import annotations

from datetime import timedelta

from portal.celery import app

EVERY = timedelta(seconds=3)

app.conf.beat_schedule = {name: {**entry, "schedule": EVERY} for name, entry in app.conf.beat_schedule.items()}
