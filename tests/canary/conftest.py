"""The canary flies in the same practices as the journeys."""

from tests.journeys.conftest import mail, opens, practice

__all__ = ["mail", "opens", "practice"]
