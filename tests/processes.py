"""Processes that tests start for real: begun, awaited without guessing, and always ended."""

from __future__ import annotations

import http.client
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0


@contextmanager
def started(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A running process, in a session of its own; its words go to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], patience: float = 10.0) -> None:
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(
    seen: Callable[[], bool], *, process: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> None:
    """Looks until `seen()`; fails with the end of the log where that takes over a minute or the process died."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        dead = process is not None and process.poll() is not None
        if dead or time.monotonic() > deadline:
            words = log.read_text(errors="replace")[-4000:] if log else ""
            raise AssertionError(f"{'It died' if dead else 'It never came'}: {words}")
        time.sleep(0.05)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until HTTP is answered on the port, whatever the answer."""

    def answers() -> bool:
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            web.request("GET", "/")
            return web.getresponse().status < 600
        except OSError:
            return False
        finally:
            web.close()

    wait_until(answers, process=process, log=log)


def wait_until_it_says(process: subprocess.Popen[bytes], words: str, log: Path) -> None:
    wait_until(lambda: words in log.read_text(errors="replace"), process=process, log=log)


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """A folder that other users get through, unlike pytest's: where we are root PostgreSQL runs as one of them."""
    with tempfile.TemporaryDirectory(prefix="portal-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
