"""What holds for the whole tree: floors, migrations, and nothing of the machine it was made on."""

from __future__ import annotations

import re
import subprocess
import tomllib
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
