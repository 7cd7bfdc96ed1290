"""For the workers that these tests start: with the test's own notices, and a lease that is worth waiting for."""

import os
from datetime import timedelta
from pathlib import Path

from notifications import sweep
from tests.settings import *  # noqa: F403
from tests.settings import TEMPLATES

TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]  # type: ignore[misc]
sweep.EVERY = float(os.environ.get("TEST_SWEEP", "1"))
OUTBOX_LEASE = timedelta(seconds=float(os.environ.get("TEST_LEASE", "60")))
