from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from practices import current
from practices.choices import StaffRole
from practices.models import Practice, StaffMembership

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(tmp_path: Path) -> Any:
    """Runs the command with good options, but for those that are given."""
    password = tmp_path / "password"
    password.write_text("correct horse 1!\n")

    def do(**changes: str | None) -> str:
        options: dict[str, Any] = {
            "slug": "elm",
            "name": "Elm Street Clinic",
            "host": "Elm.example.org",
            "phone": "212-555-0190",
            "email": "help@elm.example.org",
            "manager_email": "Boss@Elm.example.org",
            "manager_name": "Ada van der Berg",
            "password_file": str(password),
            **changes,
        }
        out = io.StringIO()
        call_command("create_practice", stdout=out, **options)
        return out.getvalue()

    return do


def test_a_practice_its_settings_and_its_manager_are_made(create: Any, settings: Any) -> None:
    settings.PORTAL_SCHEME, settings.PORTAL_PORT_SUFFIX = "https", ""
    said = create()
    practice = Practice.objects.get(slug="elm")
    manager = StaffMembership.objects.get(practice=practice)
    assert practice.host == "elm.example.org"
    assert (practice.settings.idle_minutes, practice.languages) == (15, ["en"])
    assert (manager.role, manager.account.sign_in_name) == (StaffRole.MANAGER, "boss@elm.example.org")
    assert (manager.account.first_name, manager.account.last_name) == ("Ada", "van der Berg")
    assert manager.account.check_password("correct horse 1!")
    assert "https://elm.example.org/" in said
    assert "correct horse" not in said


def test_it_is_in_the_audit_trail(create: Any) -> None:
    create()
    practice = Practice.objects.get(slug="elm")
    events = list(AuditEvent.objects.filter(practice_id=practice.pk).values_list("event", flat=True))
    assert events == ["practice.created", "account.created", "staff.added"]


def test_its_portal_opens_at_once(create: Any, django_capture_on_commit_callbacks: Any) -> None:
    assert current.by_host("elm.example.org") is None
    with django_capture_on_commit_callbacks(execute=True):
        create()
    assert current.by_host("elm.example.org") is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "Elm Street"}, "--slug: Enter a valid"),
        ({"host": "elm.example.org:443"}, "--host: A host is lower case, without port"),
        ({"host": "https://elm.example.org"}, "--host: A host is lower case, without port"),
        ({"colour": "green"}, "--colour: A colour is six hexadecimal digits"),
        ({"email": "elm"}, "--email: Enter a valid email address."),
        ({"time_zone": "Elm/Street"}, "--time-zone: Elm/Street is not a time zone"),
        ({"language": ["en", "?"]}, "--language:"),
        ({"manager_email": "boss"}, "--manager-email: Enter a valid email address."),
        ({"password_file": "/no/such/file"}, "The password file cannot be read"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(create: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        create(**changes)
    assert not Practice.objects.filter(name="Elm Street Clinic").exists()


def test_a_slug_and_a_host_are_taken_once(create: Any) -> None:
    create()
    with pytest.raises(CommandError) as error:
        create(manager_email="other@elm.example.org")
    assert "--slug: Another practice has this short name." in str(error.value)
    assert "--host: Another practice has this host." in str(error.value)


def test_a_manager_has_an_account_of_their_own(create: Any) -> None:
    create()
    with pytest.raises(CommandError, match="there is an account that signs in as boss@elm"):
        create(slug="oak", host="oak.example.org")


def test_a_weak_password_is_refused(create: Any, tmp_path: Path) -> None:
    (tmp_path / "weak").write_text("password")
    with pytest.raises(CommandError, match="digit"):
        create(password_file=str(tmp_path / "weak"))


def test_without_a_person_to_ask_it_says_which_option_is_missing(create: Any) -> None:
    with pytest.raises(CommandError, match="--password-file"):
        create(password_file=None)
    with pytest.raises(CommandError, match="--manager-email"):
        create(manager_email=None)


def test_when_the_trail_cannot_be_written_nothing_is_made(create: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_details: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("practices.setup.record", broken)
    with pytest.raises(RuntimeError):
        create()
    assert not Practice.objects.filter(name="Elm Street Clinic").exists()
