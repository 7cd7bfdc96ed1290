"""The canary flies in the same practices as the journeys."""

from tests.journeys.conftest import celery_worker, mail, opens, practice

__all__ = ["celery_worker", "mail", "opens", "practice"]
