"""The locks in requirements/ say what pyproject.toml asks for. Needs no network."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ROOT / "requirements"
EXTRAS: dict[str, tuple[str, ...]] = {"production": (), "demo": ("demo",), "everything": ("demo", "dev")}

Pin = tuple[str, str]  # version and marker


def locked(name: str) -> dict[str, Pin]:
    """The pins of a lock: canonical name → version, marker."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))? \\$", (LOCKS / f"{name}.txt").read_text(), re.MULTILINE)
    return {canonicalize_name(package): (version, marker) for package, version, marker in found}


def asked(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", EXTRAS)
def test_every_dependency_is_locked_at_a_version_that_pyproject_allows(name: str) -> None:
    pins = locked(name)
    amiss = [
        str(wanted)
        for wanted in asked(EXTRAS[name])
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), ("0", ""))[0], prereleases=True)
    ]
    assert amiss == [], "run `make lock`"


@pytest.mark.parametrize(("smaller", "larger"), [("production", "demo"), ("demo", "everything")])
def test_the_locks_are_one_resolution(smaller: str, larger: str) -> None:
    wider = locked(larger)
    assert {package: wider.get(package, ("", ""))[0] for package in locked(smaller)} == {
        package: version for package, (version, _) in locked(smaller).items()
    }


def test_production_gets_no_tools_of_development() -> None:
    own = {canonicalize_name(wanted.name) for wanted in asked(())}
    tools = {canonicalize_name(wanted.name) for wanted in asked(EXTRAS["everything"])} - own
    assert tools & set(locked("production")) <= {"babel"}


@pytest.mark.parametrize("name", [*EXTRAS, "uv"])
def test_every_pin_has_hashes_and_no_lock_names_an_index(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|file:|--index|--find-links|^-e|\s/\w+/", text, re.MULTILINE) == []
