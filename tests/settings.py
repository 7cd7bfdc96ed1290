"""The portal's own settings, with a configuration for tests where the environment says nothing.

Every xdist worker has a database (pytest-django sees to that), a Redis database and a port of its own; the processes
that its tests start share them.
"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def counted_on(url: str, by: int) -> str:
    """The Redis URL of a database so many further on; Redis has sixteen."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{(int(parts.path.strip('/') or 0) + by) % 16}").geturl()


_DEFAULTS = {
    "DEMO": "1",
    "DATABASE_URL": "postgres://portal@127.0.0.1:5432/portal",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "a secret key for the tests only, as long as it has to be",
    "CODE_KEY": "a code key for the tests only, as long as it has to be",
    "FIELD_KEYS": "dGVzdHMgb25seSEgdGVzdHMgb25seSEgdGVzdHMgb24=",
    "AUDIT_KEYS": "an audit key for the tests only and as long as it has to be",
    "EMAIL_URL": "capture://",
}
for _name, _value in _DEFAULTS.items():
    os.environ.setdefault(_name, _value)

_data = Path(tempfile.gettempdir()) / f"patient-portal-tests-{os.getuid()}"
(_data / "static").mkdir(mode=0o700, parents=True, exist_ok=True)
os.environ["PORTAL_DATA_DIR"] = str(_data)  # never the demo's

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if os.environ.get("PORTAL_TESTS_OF") != f"worker {_worker}":
    os.environ["PORTAL_TESTS_OF"] = f"worker {_worker}"
    os.environ["PORT"] = str(_free_port())  # what the portal_server fixture listens on: links made in tests lead to it
    os.environ["REDIS_URL"] = counted_on(os.environ["REDIS_URL"], int(_worker.removeprefix("gw") or 0))

from portal.settings import *

TIME_ZONE = "America/New_York"  # of the practices of the tests: "today" is the same day to both
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
