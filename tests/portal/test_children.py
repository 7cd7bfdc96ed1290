"""Processes that the demo starts do not outlive it, however it ends."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.children import Child, Family, birth, command_of, start
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
PARENT = """
import sys, time
from pathlib import Path
from portal.children import Family, start
folder = Path(sys.argv[1])
Family(folder / "children.json").add(lambda: start("sleeper", ["sleep", "600"], log=folder / "log"))
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    family = Family(tmp_path / "children.json")
    yield family
    family.stop()


def sleeper(family: Family, folder: Path, name: str = "sleeper") -> Child:
    return family.add(lambda: start(name, ["sleep", "600"], log=folder / f"{name}.log"))


def test_the_newest_is_stopped_first(family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sleeper(family, tmp_path, "first"), sleeper(family, tmp_path, "second")
    stop, ended = Child.stop, []

    def noted(child: Child) -> None:
        ended.append(child.name)
        stop(child)

    monkeypatch.setattr(Child, "stop", noted)
    family.stop()
    assert ended == ["second", "first"]
    assert first.ended
    assert second.ended


def test_one_that_does_not_listen_is_ended(family: Family, tmp_path: Path) -> None:
    child = family.add(lambda: start("deaf", [sys.executable, "-u", "-c", DEAF], log=tmp_path / "log", patience=0.1))
    wait_until(lambda: "up" in child.last_words())
    family.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_one_started_again_takes_the_place_of_the_old(family: Family, tmp_path: Path) -> None:
    old, other = sleeper(family, tmp_path), sleeper(family, tmp_path, "other")
    old.stop()
    assert old.again
    new = family.add(old.again)
    assert family.children == [new, other]
    assert not new.ended


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that started a child, and is about to be killed."""
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def registered(folder: Path) -> tuple[int, str]:
    pid, born, _ = json.loads((folder / "children.json").read_text())[0]
    return pid, born


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux tells a process that its parent is gone")
def test_a_killed_parent_takes_its_children_along(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    pid, born = registered(tmp_path)
    assert birth(pid) == born
    parent.kill()
    wait_until(lambda: birth(pid) != born)


def test_what_a_killed_run_left_is_ended_by_the_next(family: Family, tmp_path: Path) -> None:
    child = sleeper(family, tmp_path)
    Family(tmp_path / "children.json").end_left()
    wait_until(lambda: child.ended)
    assert child.process.returncode == -signal.SIGTERM


def test_a_stranger_with_the_same_number_is_left_alone(family: Family, tmp_path: Path) -> None:
    child = sleeper(family, tmp_path)
    (tmp_path / "other.json").write_text(json.dumps([[child.process.pid, "another time", signal.SIGKILL]]))
    Family(tmp_path / "other.json").end_left()
    assert not child.ended


def test_processes_are_known_by_number_and_birth() -> None:
    assert birth(os.getpid())
    assert command_of(os.getpid())
    assert birth(2**22 + 1) == ""
    assert command_of(2**22 + 1) == ""
