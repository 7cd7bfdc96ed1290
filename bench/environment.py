"""The portal that is measured: configured as for patients, not as the demo, with the demo's practices and people."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

CONFIGURATION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "DEMO": "0",
    "SECRET_KEY": "a secret key for measuring only, as long as it has to be",
    "CODE_KEY": "a code key for measuring only, as long as it has to be",
    "AUDIT_KEYS": "an audit key for measuring only that is as long as it has to be",
    "FIELD_KEYS": "dGVzdHMgb25seSEgdGVzdHMgb25seSEgdGVzdHMgb24=",
    "PORTAL_BASE_HOST": "portal.localhost",
    "EMAIL_URL": "smtp://127.0.0.1:9",  # nobody listens: what is queued waits, unless a question says otherwise
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a token for the tests only",  # whose stand-in is asked
    "TWILIO_CODES_SERVICE_SID": "MG" + "0" * 31 + "1",
    "TWILIO_BULK_SERVICE_SID": "MG" + "0" * 31 + "2",
    "TWILIO_VOICE_FROM": "+12125550100",
    "TWILIO_API_BASE": "http://127.0.0.1:9",  # the same
    "TRUSTED_PROXIES": "1",
}


@contextmanager
def prepared(database_url: str) -> Iterator[None]:
    """Sets this process up, migrates, and gathers the static files where the web server looks for them."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        os.environ.update(CONFIGURATION, DATABASE_URL=database_url, PORTAL_DATA_DIR=folder)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        yield
