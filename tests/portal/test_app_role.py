"""The role that the portal works as adds to the audit trail, and can change nothing of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model
from psycopg import sql

from audit.models import AuditEvent
from portal import app_role
from tests.audit.conftest import WRITE
from tests.notifications.conftest import make_practice

ROOT = Path(__file__).resolve().parent.parent.parent
TRAIL = app_role.append_only()
SEAL = "INSERT INTO audit_auditseal SELECT coalesce(max(number), 0) + 1, now(), '', '0', 0, '{1}', '', '', '', '' "
SEAL += "FROM audit_auditseal"


@pytest.fixture
def app(worker_environment: dict[str, str]) -> Iterator[psycopg.Connection]:
    """The app at work; what it does is rolled back."""
    with psycopg.connect(worker_environment["DATABASE_URL"]) as one:
        yield one
        one.rollback()


def model_of(table: str) -> type[Model]:
    return next(model for model in apps.get_app_config("audit").get_models() if model._meta.db_table == table)


def test_the_trail_is_rows_and_seals() -> None:
    assert sorted(TRAIL) == ["audit_auditevent", "audit_auditseal"]


@pytest.mark.parametrize("table", TRAIL)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {column} = {column}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} DISABLE TRIGGER audit_append_only_rows",
        "DROP TRIGGER audit_append_only_rows ON {}",
        "CREATE TRIGGER mine BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE mine AS ON INSERT TO {} DO INSTEAD NOTHING",
        "ALTER TABLE {} OWNER TO CURRENT_USER",
        "DROP TABLE {}",
    ],
)
def test_it_is_refused_to_change_the_trail(app: psycopg.Connection, table: str, statement: str) -> None:
    column = model_of(table)._meta.get_fields()[1].name
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.format(table, column=column))


@pytest.mark.parametrize("table", TRAIL)
def test_it_cannot_give_itself_more(app: psycopg.Connection, table: str) -> None:
    app.execute(f"GRANT ALL ON {table} TO CURRENT_USER")  # a warning only: nothing is granted
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"TRUNCATE {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "UPDATE django_migrations SET app = app",
        "DELETE FROM django_migrations",
    ],
)
def test_it_is_refused_to_go_around_the_triggers_or_to_say_what_was_migrated(
    app: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", TRAIL)
def test_triggers_refuse_whoever_has_more_rights(table: str, statement: str) -> None:
    column = model_of(table)._meta.get_fields()[1].name
    with connection.cursor() as cursor:
        cursor.execute(WRITE)
        cursor.execute(SEAL)
        with pytest.raises(ProgrammingError, match="cannot be changed"), transaction.atomic():
            cursor.execute(statement.format(table, column=column))


def test_it_adds_to_the_trail_and_reads_it(app: psycopg.Connection) -> None:
    added = app.execute(WRITE).fetchone()
    assert app.execute("SELECT max(id) FROM audit_auditevent").fetchone() == added


def test_it_chooses_no_ids(app: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(WRITE.replace("(event,", "(id, event,").replace("('sign_out',", f"({2**62}, 'sign_out',"))


def test_it_chooses_neither_transactions_nor_times(app: psycopg.Connection) -> None:
    write = WRITE.replace("(event,", "(xact, at, event,").replace("('sign_out',", "('7', '2001-01-01', 'sign_out',")
    stamped = "(xact = pg_current_xact_id(), at >= transaction_timestamp(), at <= clock_timestamp())"
    assert app.execute(write.replace("RETURNING id", f"RETURNING {stamped}::text")).fetchone() == ("(t,t,t)",)


@pytest.mark.parametrize("number", [-1, 0, 2**63 - 1])
def test_it_numbers_seals_one_after_the_other(app: psycopg.Connection, number: int) -> None:
    app.execute("CREATE TEMPORARY TABLE audit_auditseal (number bigint)")  # stands in front of the trail's own
    app.execute("INSERT INTO pg_temp.audit_auditseal VALUES (%s - 1)", [number])
    with pytest.raises(psycopg.errors.CheckViolation):
        app.execute(
            "INSERT INTO public.audit_auditseal VALUES (%s, now(), '', '0', 0, '{1}', '', '', '', '')", [number]
        )


def tables(one: psycopg.Connection) -> list[str]:
    found = one.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in found]


def test_every_table_that_there_is_has_its_rights(app: psycopg.Connection) -> None:
    held = {
        table: {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if app.execute("SELECT has_table_privilege(%s, %s)", [f'"{table}"', right]).fetchone() == (True,)
        }
        for table in tables(app)
    }
    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    exceptions = {
        "audit_auditevent": {"SELECT"},  # and INSERT of all columns but the id
        "audit_auditseal": {"SELECT", "INSERT"},
        "django_migrations": {"SELECT"},
    }
    assert held == {table: exceptions.get(table, everything) for table in held}
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed} <= set(
        held
    )


def test_every_other_table_takes_rows_and_gives_them_up(app: psycopg.Connection) -> None:
    """For real, numbers from their sequences included; what a row lacks is refused as any role's would be."""
    for table in set(tables(app)) - {*TRAIL, "django_migrations"}:
        try:
            with app.transaction():
                app.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(sql.Identifier(table)))
        except psycopg.errors.IntegrityError:
            pass
        app.execute(sql.SQL("DELETE FROM {} WHERE false").format(sql.Identifier(table)))
        app.execute(sql.SQL("SELECT FROM {} LIMIT 1 FOR UPDATE").format(sql.Identifier(table)))


def test_it_makes_temporary_tables_and_no_others(app: psycopg.Connection) -> None:
    app.execute("CREATE TEMPORARY TABLE staged (n int)")
    with app.cursor().copy("COPY staged FROM STDIN") as copy:
        copy.write_row([1])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE kept (n int)")


def test_compose_tells_the_owners_password_to_the_migrations_only() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    told = {name for name, service in services.items() if "${POSTGRES_PASSWORD" in str(service.get("environment"))}
    assert told == {"migrate", "postgres"}
    whole = [service["environment"] for service in services.values() if service.get("env_file")]
    assert [one["POSTGRES_PASSWORD"] for one in whole] == [""] * 5  # what .env has is taken from them
    assert [one["DATABASE_URL"].split(":")[1] for one in whole].count("//portal_app") == 4


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_of_a_practice_work_as_the_role(
    worker_environment: dict[str, str], committed_db: None, tmp_path: Path
) -> None:
    practice = make_practice()
    roster = tmp_path / "roster.csv"
    roster.write_text("mrn,family_name,given_names,birth_date\nA1,Okafor,Ada,1979-11-02\n")
    run(worker_environment, "manage.py", "import_roster", str(roster), "--practice", practice.slug)
    number = run(
        worker_environment, "manage.py", *f"issue_code --practice {practice.slug} --mrn A1 --kind token".split()
    )
    assert "code" in number
    assert AuditEvent.objects.filter(practice_id=practice.pk).count() >= 2


def test_the_timetable_works_as_the_role(worker_environment: dict[str, str]) -> None:
    every = "for entry in app.conf.beat_schedule.values(): app.tasks[entry['task']](*entry.get('args', ()))"
    run(worker_environment, "-c", f"from portal.celery import app\napp.loader.import_default_modules()\n{every}")
