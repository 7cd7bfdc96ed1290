"""Many rows of one kind at once, by COPY: what an action over thousands of records writes (decision 26)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Model
from psycopg import sql


def copy(model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Add rows in the caller's transaction; each has a value for each of the fields, in their order.

    Fields that are not named get the database's own default, not Django's.
    """
    columns = [str(model._meta.get_field(name).column) for name in fields]  # type: ignore[union-attr]  # noqa: SLF001 - Django documents it
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(model._meta.db_table),  # noqa: SLF001 - as above
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as writing:
        for row in rows:
            writing.write_row(row)
