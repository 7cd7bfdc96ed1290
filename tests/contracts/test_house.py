"""What holds for the whole tree: floors, migrations, and nothing of the machine it was made on."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
# A home folder, as of whoever wrote the file.
MACHINE = re.compile(rb"(?<![\w.$}/-])/(?:root|home/[a-z]\w*|Users/\w+|work)/[\w.]")


def own_apps() -> set[str]:
    return {name for name in settings.INSTALLED_APPS if (ROOT / name / "__init__.py").exists()}


def tracked() -> list[Path]:
    """Files that belong to the project: what git knows and what it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in listed.split(b"\0") if name and (path := ROOT / name.decode()).is_file()]


def test_every_app_stands_on_a_floor() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [floors] = [contract for contract in linter["contracts"] if contract["type"] == "layers"]
    on_floors = {name for layer in floors["layers"] for name in re.split(r"\s*[|:]\s*", layer)}
    assert own_apps() == set(linter["root_packages"]) == on_floors


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_nothing_tells_of_the_machine_it_was_made_on() -> None:
    told = {
        str(path.relative_to(ROOT)): found.group().decode()
        for path in tracked()
        if path != Path(__file__).resolve() and (found := MACHINE.search(path.read_bytes()))
    }
    assert told == {}


def said_at_import(node: ast.AST, eager: set[str]) -> Iterator[int]:
    """Lines that translate words while the module is read: they stay in the language of that moment."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in eager:
            yield inner.lineno
        yield from said_at_import(inner, eager)


def test_words_wait_for_the_language_of_who_reads_them() -> None:
    wrong = []
    for path in (path for name in own_apps() for path in (ROOT / name).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        eager = {
            one.asname or one.name
            for node in imports if node.module == "django.utils.translation"
            for one in node.names if one.name in {"gettext", "ngettext", "pgettext"}
        }  # fmt: skip
        wrong += [f"{path.relative_to(ROOT)}:{line}" for line in said_at_import(tree, eager)]
    assert wrong == []
