"""A process that a test stops, freezes, kills and starts again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests import processes

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """Started again it is the same command, at the same port, and its words stand behind those of before.

    Where we are root it runs as the owner of `folder`: PostgreSQL is somebody else's then.
    """

    def __init__(self, command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        self.command, self.log, self.env = list(command), log, dict(env)
        self.process: subprocess.Popen[bytes] | None = None
        self.rights: dict[str, Any] = {"cwd": ROOT}

    def take_over(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        """One that runs already."""
        self.process = process
        owner = folder.stat()
        self.rights = {"cwd": "/"}
        if os.geteuid() == 0:
            self.rights |= {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **self.rights,
            )

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def freeze(self) -> None:
        """As a machine does that swaps: connections are taken by the kernel, and nothing is ever answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def ask_to_stop(self) -> None:
        if self.process and self.lives:
            self.process.terminate()

    def stop(self) -> None:
        """At the end of the tests."""
        if self.process and self.lives:
            self.thaw()
            processes.stop(self.process)

    def words(self, since: int = 0) -> str:
        """What it said, from the character `since` on."""
        return self.log.read_text(errors="replace")[since:] if self.log.exists() else ""
