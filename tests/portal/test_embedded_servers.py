"""The servers that `make run` and `make test` start."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from portal.children import Family, Running
from portal.data_folder import CannotStart
from portal.embedded import start_valkey
from portal.postgres import start_postgres
from tests.processes import folder_for_servers

ROOT = Path(__file__).resolve().parent.parent.parent
MARKED = "Quetzalcoatlus-1931"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with folder_for_servers() as folder:
        yield folder


@pytest.fixture
def family(folder: Path) -> Iterator[Family]:
    family = Family(folder / "children.json")
    yield family
    family.stop()


@pytest.fixture
def postgres(family: Family, folder: Path) -> Running:
    return start_postgres(family, folder, password="p", logs=folder)


def test_postgres_speaks_utf_8_on_every_system(postgres: Running) -> None:
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT upper('ñé'), lower('ÉÀ')").fetchone() == ("ÑÉ", "éà")


def test_postgres_asks_for_the_password(postgres: Running) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url.replace("portal:p@", "portal:q@"))


def test_nothing_that_a_statement_holds_reaches_the_log(postgres: Running) -> None:
    """A statement that is refused, a value that does not fit, a row that is there already, a failing cast."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE people (name text PRIMARY KEY, born date)")
        connection.execute("INSERT INTO people (name) VALUES (%s)", [MARKED])
        for statement in (
            "INSERT INTO people (name) VALUES (%s)",
            "INSERT INTO people (name, born) VALUES ('x', %s::text::date)",
            "SELECT %s::text::int",
            "SELECT FROM nowhere WHERE name = %s",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, [MARKED])
        with pytest.raises(psycopg.Error):
            connection.execute(f"SELECT * FROM people WHERE {MARKED}")  # noqa: S608 - our own
    assert MARKED not in postgres.child.log.read_text()


def test_data_outlives_a_kill(family: Family, folder: Path) -> None:
    value = secrets.token_hex(4)
    first = start_postgres(family, folder, password="p", logs=folder)
    with psycopg.connect(first.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
    first.child.process.kill()
    first.child.process.wait()
    second = start_postgres(family, folder, password="p", logs=folder)
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept WHERE value = %s", [value]).fetchone() == (1,)


def test_a_process_number_that_another_program_got_is_no_obstacle(
    postgres: Running, family: Family, folder: Path
) -> None:
    postgres.child.stop()
    (folder / "postgres/postmaster.pid").write_text(f"{os.getppid()}\n{folder}/postgres\n")
    assert start_postgres(family, folder, password="p", logs=folder).url


def test_a_database_of_another_version_is_named(family: Family, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("9.6\n")
    with pytest.raises(CannotStart, match=r"made by PostgreSQL 9\.6"):
        start_postgres(family, tmp_path, password="p", logs=tmp_path)


def test_a_folder_of_something_else_is_left_alone(family: Family, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/thesis.doc").write_text("ten years of work")
    with pytest.raises(CannotStart, match="not a PostgreSQL database"):
        start_postgres(family, tmp_path, password="p", logs=tmp_path)
    assert (tmp_path / "postgres/thesis.doc").read_text() == "ten years of work"


def test_valkey_keeps_what_it_was_told_over_a_kill(family: Family, folder: Path) -> None:
    first = start_valkey(family, folder, password="p", logs=folder)
    with redis.Redis.from_url(first.url) as client:
        client.set("key", "value")
        client.execute_command("WAITAOF", 1, 0, 2000)
    first.child.process.kill()
    first.child.process.wait()
    with redis.Redis.from_url(start_valkey(family, folder, password="p", logs=folder).url) as client:
        assert client.get("key") == b"value"


def test_valkey_asks_for_the_password(family: Family, folder: Path) -> None:
    url = start_valkey(family, folder, password="p", logs=folder).url
    with redis.Redis.from_url(url.replace(":p@", ":q@")) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_command_runs_with_throwaway_servers_and_its_exit_code_is_passed_on() -> None:
    script = "import os, psycopg, sys; psycopg.connect(os.environ['DATABASE_URL']); sys.exit(7)"
    command = [sys.executable, "-m", "portal.embedded", "run", "--", sys.executable, "-c", script]
    unset = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    assert subprocess.run(command, cwd=ROOT, env=unset, check=False).returncode == 7


def test_servers_that_are_given_are_used() -> None:
    given = {**os.environ, "DATABASE_URL": "postgres://given", "REDIS_URL": "redis://given"}
    command = [sys.executable, "-m", "portal.embedded", "run", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"']
    done = subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    assert done.stdout == "postgres://given redis://given\n"
