"""What a superuser does to the trail once the triggers are off: statements for `Trail.tamper`."""

from __future__ import annotations

COPY = "INSERT INTO audit_auditevent OVERRIDING SYSTEM VALUE SELECT {new}, at, xact, event, practice_id, actor_kind, "
COPY += "actor_id, subject_kind, subject_id, address, request_id, details FROM audit_auditevent WHERE id = {old}"


def copied(old: int, new: int) -> str:
    return COPY.format(old=old, new=new)


def removed(*ids: int) -> str:
    return f"DELETE FROM audit_auditevent WHERE id IN ({', '.join(map(str, ids))})"  # noqa: S608 - the test's own ids


def renumbered(old: int, new: int) -> str:
    return f"UPDATE audit_auditseal SET number = {new} WHERE number = {old}"  # noqa: S608 - the test's own numbers
