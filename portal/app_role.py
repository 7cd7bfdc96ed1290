"""The database role that the portal works as: it adds to the audit trail, and can change nothing of it.

Migrations run as the owner of the tables. What an owner may do to a table (alter it, disable its triggers, drop it)
cannot be taken from it, so the portal is somebody else (docs/decisions/0014-sealed-audit-trail.md).
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import psycopg
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from psycopg import sql

GRANT_LOCK = 7_676  # an advisory lock: any number nobody else uses
# Whether a role could change the rows of any of these tables, by its own rights or by those it could take.
_COULD_CHANGE = """
SELECT bool_or(
    rolcreaterole OR pg_has_role(role.oid, relowner, 'MEMBER')
    OR has_table_privilege(role.oid, relation.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
    OR pg_has_role(role.oid, nspowner, 'MEMBER') OR pg_has_role(role.oid, datdba, 'MEMBER')
    OR has_schema_privilege(role.oid, schema.oid, 'CREATE')
)
FROM pg_roles AS role, pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relnamespace, pg_database
WHERE rolname = %s AND datname = current_database() AND relation.oid = ANY(%s::text[]::regclass[])
"""


class CannotGrant(Exception):
    """Says in one line what is wrong."""


def append_only() -> list[str]:
    """The tables of the audit trail."""
    return [model._meta.db_table for model in _trail()]  # noqa: SLF001 - documented


def _trail() -> list[type[Model]]:
    return list(apps.get_app_config("audit").get_models())


def _given(model: type[Model]) -> str:
    """The columns that who adds a row may give: all but an id that is counted, or nothing where there is none."""
    if model._meta.auto_field is None:  # noqa: SLF001 - documented
        return ""
    fields = [field for field in model._meta.local_concrete_fields if field is not model._meta.auto_field]  # noqa: SLF001
    return f" ({', '.join(connection.ops.quote_name(str(field.column)) for field in fields)})"


def rights() -> dict[str, str]:
    """What the portal may do with each table that there is."""
    added_to = {model._meta.db_table: f"SELECT, INSERT{_given(model)}" for model in _trail()}  # noqa: SLF001
    read = {MigrationRecorder.Migration._meta.db_table: "SELECT"}  # noqa: SLF001 - documented
    return {
        table: {**added_to, **read}.get(table, "SELECT, INSERT, UPDATE, DELETE")
        for table in connection.introspection.table_names()
    }


def grant(app_url: str) -> str:
    """Make the role of this address, or give it the address's password, and its rights; returns its name.

    For the owner, after each migrate: rights are given on the tables that there are. Raises CannotGrant.
    """
    url = urlsplit(app_url)
    role, password = unquote(url.username or ""), unquote(url.password or "")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GRANT_LOCK])
            if not _lets_in(app_url):
                _make(role, password)
            _give_rights(role)
            cursor.execute(_COULD_CHANGE, [role, append_only()])
            if cursor.fetchone() != (False,):
                raise CannotGrant(
                    f"The role {role} of APP_DATABASE_URL can change the audit trail all the same: it owns it, its "
                    "schema or its database, or may act for who does, or may make roles, or tables in its schema. "
                    "Name another role; one that does not exist is made."
                )
    except DatabaseError as error:
        raise CannotGrant(f"The role {role} cannot be given its rights: {error}") from None
    return role


def _lets_in(url: str) -> bool:
    """Then the role is there, and an owner who may not make roles is still good for the rest."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _make(role: str, password: str) -> None:
    """The server is handed a SCRAM verifier: the password itself is in no statement, and so in no log."""
    pgconn = connection.connection.pgconn
    verifier = pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        verb = sql.SQL("ALTER" if cursor.fetchone() is not None else "CREATE")
        cursor.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(verifier))
        )


def _give_rights(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        [(database, schema)] = cursor.fetchall()
        to, names = sql.Identifier(role), {"database": sql.Identifier(database), "schema": sql.Identifier(schema)}
        cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {to}").format(**names, to=to))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {to}").format(**names, to=to))
        for table, allowed in rights().items():
            name = sql.Identifier(table)
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, to))
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(allowed), name, to))
