"""The portal's processes while they are measured, and what CPU each of them used."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from argon2.low_level import Type, hash_secret_raw
from django.db import connection

from portal.children import free_port
from tests.processes import started, wait_until_it_answers, wait_until_it_says

TICKS = os.sysconf("SC_CLK_TCK")
WEB_CORE, OTHER_CORE = 0, 1  # the web process has a core of its own; who asks runs on another
GUNICORN = ("-m", "gunicorn", "--config", "python:portal.web", "portal.wsgi")
WORKER = ("-m", "celery", "-A", "portal", "worker", "--pool", "threads", "--concurrency", "4", "-Q", "urgent,bulk")


@dataclass(frozen=True)
class Portal:
    """Running processes by name: the pid of each one's first process; `logs` holds what they said."""

    port: int
    pids: Mapping[str, int]
    logs: Path

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, user and system, of each process and of all it started."""
        table = list(_processes())
        return {name: sum(_seconds(pid) for pid in _family(root, table)) for name, root in self.pids.items()}

    def memory(self, line: str = "VmRSS") -> int:
        """Bytes of memory that the web worker holds (VmHWM: held at most), without the process that watches it."""
        family = _family(self.pids["web"], list(_processes()))
        return sum(resident(pid, line) for pid in family if pid != self.pids["web"])


@contextmanager
def portal(
    *, web: Sequence[str] = GUNICORN, worker: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[Portal]:
    """One web process on a core of its own (and a Celery worker, where asked for), on this process's database."""
    port = free_port()
    surroundings = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
    logs = Path(os.environ["PORTAL_DATA_DIR"])
    os.sched_setaffinity(0, {OTHER_CORE % (os.cpu_count() or 1)})
    with ExitStack() as stack:
        command = [sys.executable, *web, "--bind", f"127.0.0.1:{port}"]
        server = stack.enter_context(started(command, env=surroundings, cwd=Path.cwd(), log=logs / "web.log"))
        os.sched_setaffinity(server.pid, {WEB_CORE})
        wait_until_it_answers(server, port, logs / "web.log")
        pids = {"web": server.pid, "database": postmaster(), "redis": _redis_pid()}
        if worker:
            command = [sys.executable, *WORKER]
            celery = stack.enter_context(started(command, env=surroundings, cwd=Path.cwd(), log=logs / "worker.log"))
            wait_until_it_says(celery, "ready.", logs / "worker.log")
            pids["worker"] = celery.pid
        yield Portal(port, pids, logs)


def bare_argon2(times: int = 40) -> float:
    """CPU seconds of one Argon2id hash at 19 MiB, 2 passes, 1 lane, with nothing around it: the bound."""
    begun = time.process_time()
    for _ in range(times):
        hash_secret_raw(b"Sunny-harbor-42", b"0123456789abcdef0123", 2, 19456, 1, 32, Type.ID)
    return (time.process_time() - begun) / times


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds between two readings."""
    return {name: after[name] - before[name] for name in before}


def postmaster() -> int:
    """The first process of PostgreSQL, which runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return next(parent for pid, parent in _processes() if pid == backend)


def _redis_pid() -> int:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        return int(client.info("server")["process_id"])


def _processes() -> Iterator[tuple[int, int]]:
    """(pid, parent) of all that runs."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                yield int(entry.name), int(fields[1])


def _family(root: int, table: Sequence[tuple[int, int]]) -> Iterator[int]:
    yield root
    for pid, parent in table:
        if parent == root:
            yield from _family(pid, table)


def _stat(pid: int) -> list[str]:
    """The fields after the name, of which the first is the state; none where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(pid: int) -> float:
    """CPU of the process and of children that ended: utime, stime, cutime, cstime."""
    return sum(map(int, _stat(pid)[11:15])) / TICKS


def resident(pid: int, line: str = "VmRSS") -> int:
    """Bytes of memory, by a line of the process's status (proc_pid_status(5))."""
    for one in Path(f"/proc/{pid}/status").read_text().splitlines():
        if one.startswith(f"{line}:"):
            return int(one.split()[1]) * 1024
    return 0
