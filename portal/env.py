"""The configuration: environment variables only, read here and nowhere else. README.md has the table.

Each may also be given as `NAME_FILE`, the path of a file that holds the value (Docker and Kubernetes secrets). An
installation that lacks one it needs does not start, and says so in one line. The demo makes up what it needs and keeps
it in its data folder; so that `manage.py` finds the demo there, its folder counts where no key is set at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet
from environs import EnvError, FileAwareEnv

from portal import data_folder

T = TypeVar("T")

NO_TWILIO = "none"  # said in so many words: an installation that sends no texts and makes no calls
KEYS = ("SECRET_KEY", "CODE_KEY", "FIELD_KEYS", "AUDIT_KEYS")
SHORTEST_KEY = 32  # characters; HMAC-SHA-256 wants 32 bytes (RFC 2104, section 3)

_env = FileAwareEnv(strip_whitespace=True)
_missing: list[str] = []


def _refuse(line: str) -> NoReturn:
    raise SystemExit(f"Not started. {line} README.md, Configuration, has the table.")


def _read(kind: Callable[..., T], name: str, default: T) -> T:
    try:
        return kind(name, default=default)
    except (EnvError, ValueError) as error:
        _refuse(f"{name}: {error}")


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _demo_memory() -> dict[str, str]:
    """What the data folder knows, where this is the demo: told so, or not configured at all beside a demo's folder."""
    if not _read(_env.bool, "DEMO", default=not any(map(_is_set, KEYS))):
        return {}
    try:
        asked = _is_set("DEMO") and not all(map(_is_set, KEYS))
        return data_folder.keys_of(DATA_DIR) if asked or data_folder.recall(DATA_DIR) else {}
    except data_folder.CannotStart as error:
        _refuse(str(error))


def _needed(name: str, unless: str = "", *, always: bool = False) -> str:
    """A value that an installation cannot do without; in the demo `unless` will do, but where it is needed `always`."""
    value = _read(_env.str, name, default="") or _memory.get(name, "")
    if not value and (always or not DEMO):
        _missing.append(name)
    return value or unless


def _with_twilio(name: str) -> str:
    return _needed(name, always=True) if TWILIO_ACCOUNT_SID else ""


DATA_DIR = Path(_read(_env.str, "PORTAL_DATA_DIR", default="var")).resolve()
_memory = _demo_memory()
DEMO: bool = _read(_env.bool, "DEMO", default=bool(_memory))

DATABASE_URL = _needed("DATABASE_URL")
APP_DATABASE_URL = _read(_env.str, "APP_DATABASE_URL", default="")
REDIS_URL = _needed("REDIS_URL")
SECRET_KEY = _needed("SECRET_KEY")
CODE_KEY = _needed("CODE_KEY")
FIELD_KEYS = [key.strip() for key in _needed("FIELD_KEYS").split(",")]
AUDIT_KEYS = [key.strip() for key in _needed("AUDIT_KEYS").split(",")]
PORTAL_BASE_HOST = _needed("PORTAL_BASE_HOST", unless="portal.localhost")
EMAIL_URL = _needed("EMAIL_URL", unless="capture://")
EMAIL_FROM = _read(_env.str, "EMAIL_FROM", default=f"no-reply@{PORTAL_BASE_HOST}")
_account = _needed("TWILIO_ACCOUNT_SID", unless=NO_TWILIO)
TWILIO_ACCOUNT_SID = "" if _account.lower() == NO_TWILIO else _account
# The demo captures texts and calls, unless it is to show how the portal is without them.
CAPTURES_PHONE = DEMO and not _read(_env.str, "TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = _with_twilio("TWILIO_AUTH_TOKEN")
TWILIO_CODES_SERVICE_SID = _with_twilio("TWILIO_CODES_SERVICE_SID")
TWILIO_BULK_SERVICE_SID = _with_twilio("TWILIO_BULK_SERVICE_SID")
TWILIO_VOICE_FROM = _with_twilio("TWILIO_VOICE_FROM")
TWILIO_LOOKUP = _read(_env.bool, "TWILIO_LOOKUP", default=False)
TWILIO_API_BASE = _read(_env.str, "TWILIO_API_BASE", default="").rstrip("/")
TRUSTED_PROXIES = _read(_env.int, "TRUSTED_PROXIES", default=0)
PORT = _read(_env.int, "PORT", default=int(_memory.get("PORT", "8000")))


def _check() -> None:
    if _missing:
        _refuse(f"{', '.join(_missing)} {'is' if len(_missing) == 1 else 'are'} not set.")
    for name, keys in (("SECRET_KEY", [SECRET_KEY]), ("CODE_KEY", [CODE_KEY]), ("AUDIT_KEYS", AUDIT_KEYS)):
        if any(len(key) < SHORTEST_KEY for key in keys):
            _refuse(f"{name}: at least {SHORTEST_KEY} random characters{' each' if name.endswith('S') else ''}.")
    try:
        list(map(Fernet, FIELD_KEYS))
    except ValueError:
        _refuse("FIELD_KEYS: Fernet keys (32 bytes in url-safe base64), separated by commas, the newest first.")
    if EMAIL_URL.startswith("capture:") and not DEMO:
        _refuse("EMAIL_URL: capture:// keeps emails from leaving, and exists in the demo only.")
    for name, url, schemes in (
        ("DATABASE_URL", DATABASE_URL, ("postgres", "postgresql")),
        ("APP_DATABASE_URL", APP_DATABASE_URL, ("postgres", "postgresql")),
        ("REDIS_URL", REDIS_URL, ("redis", "rediss", "unix")),
    ):
        if url and urlsplit(url).scheme not in schemes:
            _refuse(f"{name}: an address that starts with {schemes[0]}://.")


def _check_twilio() -> None:
    for name, value, pattern in (
        ("TWILIO_ACCOUNT_SID", TWILIO_ACCOUNT_SID, r"AC[0-9a-f]{32}"),
        ("TWILIO_CODES_SERVICE_SID", TWILIO_CODES_SERVICE_SID, r"MG[0-9a-f]{32}"),
        ("TWILIO_BULK_SERVICE_SID", TWILIO_BULK_SERVICE_SID, r"MG[0-9a-f]{32}"),
        ("TWILIO_VOICE_FROM", TWILIO_VOICE_FROM, r"\+[1-9][0-9]{6,14}"),
        ("TWILIO_API_BASE", TWILIO_API_BASE, r"(https?://\S+)?"),
    ):
        if TWILIO_ACCOUNT_SID and not re.fullmatch(pattern, value):
            _refuse(f"{name}: it does not look like one of Twilio's (docs/operations.md, Texts and calls).")
    if TWILIO_ACCOUNT_SID and TWILIO_CODES_SERVICE_SID == TWILIO_BULK_SERVICE_SID:
        _refuse("TWILIO_BULK_SERVICE_SID: a service of its own, or codes would stand behind bulk for hours.")


_check()
_check_twilio()


# For libpq: seconds for a server that does not take connections, milliseconds for one that vanished from the network.
WAITS = {"connect_timeout": "3", "tcp_user_timeout": "10000"}


def database() -> dict[str, object]:
    """Django's DATABASES entry for `DATABASE_URL`: PostgreSQL, with a connection for each thread (decision 19).

    `?sslmode=…` and the like go to libpq. A demo that is not running has an address that says so.
    """
    url = urlsplit(DATABASE_URL or "postgres://the-demo-is-not-running.invalid/portal")
    return {
        "ENGINE": "portal.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "portal",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
        "OPTIONS": {**WAITS, "server_side_binding": True, "prepare_threshold": 3, **dict(parse_qsl(url.query))},
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,  # before a request's first query: a restart leaves no dead connection behind
    }
