"""What an installation is told when its configuration is incomplete or wrong: one line, before anything starts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "DATABASE_URL": "postgres://portal:s%40fe@db.example:5433/front?sslmode=require",
    "REDIS_URL": "redis://redis.example:6379/0",
    "SECRET_KEY": "s" * 50,
    "CODE_KEY": "c" * 50,
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "AUDIT_KEYS": f"{'a' * 32},{'b' * 32}",
    "PORTAL_BASE_HOST": "portal.example",
    "EMAIL_URL": "smtp://mail.example",
    "TWILIO_ACCOUNT_SID": f"AC{'a' * 32}",
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_CODES_SERVICE_SID": f"MG{'c' * 32}",
    "TWILIO_BULK_SERVICE_SID": f"MG{'b' * 32}",
    "TWILIO_VOICE_FROM": "+12125550100",
}


def configured(folder: Path, *, show: str = "'ok'", **variables: str) -> subprocess.CompletedProcess[str]:
    """Reads the configuration in a process that has these variables only, and prints what `show` names."""
    surroundings = {"PATH": os.environ["PATH"], "PORTAL_DATA_DIR": str(folder), **variables}
    command = [sys.executable, "-c", f"from portal import env; print({show})"]
    return subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("name", COMPLETE)
def test_what_is_missing_is_named(name: str, tmp_path: Path) -> None:
    rest = {other: value for other, value in COMPLETE.items() if other != name}
    assert f"{name} is not set" in refusal(configured(tmp_path, **rest))


def test_a_whole_configuration_starts_as_an_installation_not_as_the_demo(tmp_path: Path) -> None:
    done = configured(tmp_path, show="env.DEMO, env.EMAIL_FROM", **COMPLETE)
    assert (done.stdout, done.stderr) == ("False no-reply@portal.example\n", "")


def test_an_installation_may_say_that_it_sends_no_texts(tmp_path: Path) -> None:
    rest = {name: value for name, value in COMPLETE.items() if not name.startswith("TWILIO_")}
    done = configured(tmp_path, show="repr(env.TWILIO_ACCOUNT_SID)", TWILIO_ACCOUNT_SID="none", **rest)
    assert (done.stdout, done.stderr) == ("''\n", "")


def test_demo_captures_texts_unless_it_is_told_that_there_are_none(tmp_path: Path) -> None:
    assert configured(tmp_path, show="env.CAPTURES_PHONE", DEMO="1").stdout == "True\n"
    assert configured(tmp_path, show="env.CAPTURES_PHONE", DEMO="1", TWILIO_ACCOUNT_SID="none").stdout == "False\n"
    assert configured(tmp_path, show="env.CAPTURES_PHONE", **COMPLETE).stdout == "False\n"


def test_a_demo_that_has_twilio_needs_all_of_it(tmp_path: Path) -> None:
    assert configured(tmp_path, show="repr(env.TWILIO_AUTH_TOKEN)", DEMO="1").stdout == "''\n"
    line = refusal(configured(tmp_path, DEMO="1", TWILIO_ACCOUNT_SID=COMPLETE["TWILIO_ACCOUNT_SID"]))
    assert "TWILIO_AUTH_TOKEN, TWILIO_CODES_SERVICE_SID" in line


def test_no_key_at_all_beside_no_demo_is_refused(tmp_path: Path) -> None:
    assert "SECRET_KEY" in refusal(configured(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_one_key_missing_is_refused_even_beside_a_demo_that_has_it(tmp_path: Path) -> None:
    assert configured(tmp_path, DEMO="1").returncode == 0
    rest = {name: value for name, value in COMPLETE.items() if name != "CODE_KEY"}
    assert "CODE_KEY is not set" in refusal(configured(tmp_path, **rest))


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("k" * 40 + "\n")
    rest = {name: value for name, value in COMPLETE.items() if name != "SECRET_KEY"}
    done = configured(tmp_path, show="env.SECRET_KEY", SECRET_KEY_FILE=str(secret), **rest)
    assert done.stdout == "k" * 40 + "\n"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    rest = {name: value for name, value in COMPLETE.items() if name != "SECRET_KEY"}
    assert "SECRET_KEY_FILE" in refusal(configured(tmp_path, SECRET_KEY_FILE=str(tmp_path / "none"), **rest))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "at least 32"),
        ("CODE_KEY", "short", "at least 32"),
        ("FIELD_KEYS", "not a key", "Fernet"),
        ("AUDIT_KEYS", f"{'a' * 32},short", "at least 32 random characters each"),
        ("APP_DATABASE_URL", "sqlite:///app", "postgres://"),
        ("EMAIL_URL", "capture://", "demo only"),
        ("DATABASE_URL", "sqlite:///db", "postgres://"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("TRUSTED_PROXIES", "one", "integer"),
        ("PORT", "http", "integer"),
        ("DEMO", "perhaps", "boolean"),
        ("TWILIO_ACCOUNT_SID", "SK123", "docs/operations.md"),
        ("TWILIO_CODES_SERVICE_SID", "+12125550111", "docs/operations.md"),
        ("TWILIO_BULK_SERVICE_SID", f"MG{'c' * 32}", "stand behind bulk"),
        ("TWILIO_VOICE_FROM", "212-555-0100", "docs/operations.md"),
        ("TWILIO_API_BASE", "stand-in:4010", "docs/operations.md"),
        ("TWILIO_LOOKUP", "perhaps", "boolean"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str, words: str, tmp_path: Path) -> None:
    line = refusal(configured(tmp_path, **{**COMPLETE, name: value}))
    assert name in line
    assert words in line
    assert value not in line.replace("EMAIL_URL: capture://", "")


def test_the_database_address_is_taken_apart(tmp_path: Path) -> None:
    done = configured(tmp_path, show="sorted((k, v) for k, v in env.database().items() if k.isupper())", **COMPLETE)
    for part in ("'front'", "'portal'", "'s@fe'", "'db.example'", "'5433'", "'sslmode': 'require'"):
        assert part in done.stdout


def test_the_demo_keeps_the_keys_that_it_made_up(tmp_path: Path) -> None:
    shown = "env.SECRET_KEY, env.CODE_KEY, env.FIELD_KEYS, env.AUDIT_KEYS"
    first = configured(tmp_path, show=shown, DEMO="1").stdout
    assert first == configured(tmp_path, show=shown, DEMO="1").stdout
    assert first == configured(tmp_path, show=shown).stdout  # manage.py beside the demo
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_demo_of_before_is_given_the_keys_that_it_lacks(tmp_path: Path) -> None:
    shown = "env.SECRET_KEY, env.AUDIT_KEYS"
    configured(tmp_path, DEMO="1")
    memory = tmp_path / "demo.json"
    known = {**json.loads(memory.read_text()), "SECRET_KEY": "s" * 50}
    del known["AUDIT_KEYS"], known["APP_DATABASE_PASSWORD"]
    memory.write_text(json.dumps(known))
    beside = configured(tmp_path, show=shown).stdout  # manage.py, before the demo is started again
    assert "s" * 50 in beside
    assert beside == configured(tmp_path, show=shown, DEMO="1").stdout
    assert json.loads(memory.read_text()).keys() == known.keys() | {"AUDIT_KEYS", "APP_DATABASE_PASSWORD"}


def test_every_variable_is_in_the_readme_and_in_the_example() -> None:
    read = set(
        re.findall(r'(?:_needed\(|_with_twilio\(|_read\(_env\.\w+, )"([A-Z_]+)"', (ROOT / "portal/env.py").read_text())
    )
    assert set(COMPLETE) < read
    readme, example = (ROOT / "README.md").read_text(), (ROOT / ".env.example").read_text()
    assert {name for name in read if f"| `{name}` |" not in readme} == set()
    shown = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert read - shown == {"DEMO", "PORT", "PORTAL_DATA_DIR"}  # the demo's
