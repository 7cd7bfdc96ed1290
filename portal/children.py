"""Processes that the demo and the tests start: none is left behind, however their parent ends.

Each runs in a session of its own: Ctrl-C in the terminal reaches only the parent, which then ends them in order. Where
the parent is killed outright Linux ends them for it; elsewhere the next start finds and ends them (`end_left`).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from portal.data_folder import CannotStart

LINUX = platform.system() == "Linux"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class User:
    """Who a process runs as, where that is not who we are."""

    name: str
    uid: int
    gid: int


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    end_with: signal.Signals = signal.SIGTERM
    patience: float = 10.0  # seconds between asking it to end and ending it
    again: Callable[[], Child] | None = None  # starts one like it

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        """Asks, waits, and then does not ask; its own children go with it."""
        if not self.ended:
            self.process.send_signal(self.end_with)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                _end_group(self.process.pid)
                self.process.wait()

    def last_words(self, lines: int = 1) -> str:
        words = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return "\n".join(words[-lines:])


@dataclass(frozen=True)
class Running:
    """A server that answers, and where."""

    child: Child
    url: str


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: User | None = None,
    end_with: signal.Signals = signal.SIGTERM,
    patience: float = 10.0,
) -> Child:
    """Starts a process; what it says goes to `log`, where the last run's words make way as `….before`."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.before"))
    rights = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [str(part) for part in command],
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_before_the_command(end_with),  # noqa: PLW1509 - we start processes before any thread
            **rights,  # type: ignore[call-overload]
        )
    again = partial(start, name, command, log=log, env=env, cwd=cwd, user=user, end_with=end_with, patience=patience)
    return Child(name, process, log, end_with, patience, again)


def _before_the_command(end_with: signal.Signals) -> Callable[[], None]:
    """What the new process does first: hears signals again, and asks Linux for `end_with` when its parent is gone."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if LINUX:
            libc.prctl(PR_SET_PDEATHSIG, int(end_with))

    return prepare


def _end_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def wait_until(seen: Callable[[], bool], child: Child, *, patience: float = 60.0) -> None:
    """Looks until `seen()`; says what the child said last where it ends before, or takes longer than `patience` (s)."""
    deadline = time.monotonic() + patience
    while not seen():
        if child.ended or time.monotonic() > deadline:
            raise CannotStart(f"{child.name} does not start: {child.last_words()} (log: {child.log})")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Stopped(SystemExit):
    """Ctrl-C, or the system asking us to end: not an error."""


def stop_on_signals() -> None:
    """From here on the first Ctrl-C (or SIGTERM, or a closed terminal) raises Stopped; those after it are ignored."""

    def stop(_number: int, _frame: object) -> NoReturn:
        for name in STOPS:
            signal.signal(name, signal.SIG_IGN)
        raise Stopped(0)

    for name in STOPS:
        if name is signal.SIGHUP and signal.getsignal(name) is signal.SIG_IGN:
            continue  # nohup
        signal.signal(name, stop)


@dataclass
class Family:
    """Children in the order in which they were started, written to a file while they live."""

    register: Path
    children: list[Child] = field(default_factory=list)

    def add(self, begin: Callable[[], Child]) -> Child:
        """Starts a child and takes it in, with no moment between in which Ctrl-C would lose it.

        One of the same name, which has ended, makes way.
        """
        held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            child = begin()
            names = [one.name for one in self.children]
            place = names.index(child.name) if child.name in names else len(names)
            self.children[place : place + 1] = [child]
            self._write()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        return child

    def stop(self) -> None:
        """The newest first."""
        while self.children:
            self.children[-1].stop()
            self.children.pop()
        self._write()

    def end_left(self) -> None:
        """Ends what a run that was killed left behind; a process that merely has the same number is left alone."""
        try:
            left = json.loads(self.register.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        for pid, born, end_with in reversed(left):
            if birth(pid) == born:
                os.kill(pid, end_with)
                _wait_for_the_end_of(pid, born)

    def _write(self) -> None:
        living = [(one.process.pid, birth(one.process.pid), int(one.end_with)) for one in self.children]
        self.register.write_text(json.dumps(living), encoding="utf-8")


def _wait_for_the_end_of(pid: int, born: str, patience: float = 10.0) -> None:
    deadline = time.monotonic() + patience
    while birth(pid) == born:
        if time.monotonic() > deadline:
            _end_group(pid)
        time.sleep(0.05)


def birth(pid: int) -> str:
    """When a process began, as its system tells it: with the number it names one process. Empty where it is gone."""
    if LINUX:
        try:
            words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return "" if words[0] == "Z" else f"{boot} {words[19]}"  # state; starttime (proc_pid_stat(5))
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def command_of(pid: int) -> str:
    """The name of the program that a process runs; empty where it is gone."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    command = ["ps", "-o", "comm=", "-p", str(pid)]
    path = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return path.rpartition("/")[2]
