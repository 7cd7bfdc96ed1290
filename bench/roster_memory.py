"""Memory of the processes of an import on top of what they hold once they have started."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_STARTED = {
    "command": "import django; django.setup(); import practices.management.commands.import_roster",
    "reader": "import practices.roster.reader_process",
}
_PEAK = "VmHWM:"
_INTERVAL = 0.05  # seconds; peaks only grow, so that the last look is nearly the whole


@cache
def starts() -> Mapping[str, int]:
    """Bytes at the peak of a process that has started and not worked, by what it is."""
    return {name: _peak_of(imports) for name, imports in _STARTED.items()}


def start_of(imports: str) -> int:
    """Bytes at the peak of a command that has started and not worked: Django, and what it imports."""
    return _peak_of(f"import django; django.setup(); {imports}")


def _peak_of(imports: str) -> int:
    command = [sys.executable, "-c", f"{imports}; print(open('/proc/self/status').read())"]
    return _peak(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def watch(process: subprocess.Popen[bytes], start: Mapping[str, int]) -> dict[str, int]:
    """Until it ends, how far it and each of its children grew above their start."""
    grown: dict[str, int] = {}
    while process.poll() is None:
        for name, pid in _family(process.pid).items():
            peak = _peak(_read(Path(f"/proc/{pid}/status")))
            grown[name] = max(grown.get(name, 0), peak - start["command" if pid == process.pid else "reader"])
        time.sleep(_INTERVAL)
    return grown


def _family(pid: int) -> dict[str, int]:
    children = _read(Path(f"/proc/{pid}/task/{pid}/children")).split()
    readers = [int(child) for child in children if "reader_process" in _read(Path(f"/proc/{child}/cmdline"))]
    return {"command": pid, **{f"reader {number}": reader for number, reader in enumerate(readers, 1)}}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has ended


def _peak(status: str) -> int:
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(_PEAK)), 0)
