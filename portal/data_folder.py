"""The demo's data folder: who is using it, the secrets made up for it, and where its servers listen.

One JSON file of text values, `demo.json`, readable by its owner only. Where it stands, `manage.py` with the same
PORTAL_DATA_DIR finds the demo's keys and its running servers (portal/env.py).
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO

from cryptography.fernet import Fernet

MEMORY = "demo.json"
SERVERS = ("DATABASE_URL", "REDIS_URL", "PORT")


# What the demo needs that no two demos may share.
MADE_UP: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "CODE_KEY": lambda: secrets.token_urlsafe(48),
    "FIELD_KEYS": lambda: Fernet.generate_key().decode(),
    "AUDIT_KEYS": lambda: secrets.token_urlsafe(48),
    "DATABASE_PASSWORD": lambda: secrets.token_urlsafe(24),
    "APP_DATABASE_PASSWORD": lambda: secrets.token_urlsafe(24),
    "REDIS_PASSWORD": lambda: secrets.token_urlsafe(24),
}


class CannotStart(Exception):
    """Says in one line what is wrong and what to do."""


def open_folder(folder: Path) -> None:
    """Makes the folder where it is missing and sees that it can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # PostgreSQL runs as another user where we are root, and has to get through.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for part in ("logs", "static"):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        with (folder / ".writable").open("w"):
            pass
        (folder / ".writable").unlink()
    except (FileExistsError, NotADirectoryError):
        raise CannotStart(f"The data folder {folder} is not a folder: set PORTAL_DATA_DIR to one.") from None
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be written to by {getpass.getuser()} ({error.strerror}): "
            "mend its rights, or set PORTAL_DATA_DIR to another one."
        ) from None


def claim(folder: Path) -> IO[str]:
    """Locks the folder for as long as the file given back is open; the system frees it however the process ends."""
    open_folder(folder)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise CannotStart(
            f"Another demo is running on the data folder {folder}: stop it, or set PORTAL_DATA_DIR to another one."
        ) from None
    return lock


def recall(folder: Path) -> dict[str, str]:
    """What is known of the demo in this folder; nothing where there is none."""
    try:
        known = json.loads((folder / MEMORY).read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in known.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError:
        raise CannotStart(
            f"{folder / MEMORY} belongs to another user: run this as that user, or set PORTAL_DATA_DIR."
        ) from None
    except (ValueError, AttributeError):
        raise CannotStart(
            f"{folder / MEMORY} is damaged: without the keys in it the demo's data cannot be read. "
            "Put it back, or move the folder away to start afresh."
        ) from None


def remember(folder: Path, **facts: str | None) -> dict[str, str]:
    """Adds facts, drops those that are None, and gives back all; whole or not at all."""
    known: dict[str, str | None] = {**recall(folder), **facts}
    kept = {name: value for name, value in known.items() if value is not None}
    draft = folder / f"{MEMORY}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MEMORY)
    return kept


def keys_of(folder: Path) -> dict[str, str]:
    """All that is known of the demo; what it lacks is made up and kept, so that its data stays readable."""
    known = recall(folder)
    lacking = {name: make() for name, make in MADE_UP.items() if name not in known}
    if not lacking:
        return known
    open_folder(folder)
    return remember(folder, **lacking)
