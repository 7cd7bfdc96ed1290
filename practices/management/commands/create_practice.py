"""`manage.py create_practice`: a practice of a real installation, and its first manager."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from guard import passwords
from pages.fields import fold_email
from practices.models import Practice
from practices.setup import Manager, create


class Command(BaseCommand):
    """Asks for what is secret; all else comes as options, so that an installation can be written down."""

    help = "Make a practice and its first manager. The password is asked for, or read from a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--slug", required=True, help="short name, used by the other commands: riverside")
        add("--name", required=True, help='name that patients know: "Riverside Family Practice"')
        add("--host", required=True, help="host of its portal, without port: portal.riverside.example.org")
        add("--phone", required=True, help="phone of its help line, as shown")
        add("--email", required=True, help="email of its help line")
        add("--hours", default="", help='when the help line answers: "Monday to Friday, 8 am to 6 pm"')
        add("--language", action="append", help="language of its pages (en, es), the first is the default; repeatable")
        add("--time-zone", default="America/New_York", help="of the practice: America/Chicago")
        add("--colour", default="#005ea2", help="of its pages: #1f6f5c")
        add("--logo", default="", help="path of a static file: img/logos/riverside.svg")
        add("--manager-email", help="sign-in name of the first manager; asked for where it is missing")
        add("--manager-name", default="", help="first and last name of the first manager")
        add("--password-file", metavar="FILE", help="file that holds the manager's password; - reads standard input")

    def handle(self, **options: str | list[str] | None) -> None:
        practice = _practice(options)
        email = _manager_email(str(options["manager_email"] or _ask(_("Email of the first manager: "))))
        password = _password(options["password_file"], practice, email)
        first_name, _space, last_name = str(options["manager_name"]).strip().partition(" ")
        create(practice=practice, manager=Manager(email, password, first_name, last_name))
        self.stdout.write(
            _("%(name)s is ready. Its portal: %(address)s. Its manager signs in as %(email)s.")
            % {"name": practice.name, "address": practice.address("/"), "email": email}
        )


def _practice(options: dict[str, str | list[str] | None]) -> Practice:
    """The practice, not saved yet; CommandError with a line for each thing that is wrong."""
    fields = ("slug", "name", "phone", "email", "hours", "time_zone", "logo")
    practice = Practice(
        **{name: str(options[name]).strip() for name in fields},
        host=str(options["host"]).strip().lower(),
        colour=str(options["colour"]).strip().lower(),
        languages=options["language"] or ["en"],
    )
    try:
        practice.full_clean()
    except ValidationError as wrong:
        lines = [f"--{_option(name)}: {' '.join(words)}" for name, words in wrong.message_dict.items()]
        raise CommandError("\n".join(lines)) from None
    return practice


def _option(field: str) -> str:
    return {"languages": "language"}.get(field, field.replace("_", "-"))


def _manager_email(typed: str) -> str:
    email = fold_email(typed)
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise CommandError(f"--manager-email: {' '.join(wrong.messages)}") from None
    if get_user_model().objects.filter(sign_in_name=email).exists():
        raise CommandError(_("--manager-email: there is an account that signs in as %(email)s.") % {"email": email})
    return email


def _password(file: object, practice: Practice, email: str) -> str:
    """The password, from the file, from standard input or asked for twice; never from the command line."""
    password = _read_password(str(file)) if file else _ask_password()
    unmet = passwords.unmet(password, rule=passwords.CLASSIC, names=[email, practice.name])
    if unmet:
        raise CommandError("\n".join(str(rule.words) for rule in unmet))
    return password


def _read_password(file: str) -> str:
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("The password file cannot be read: %(why)s") % {"why": error}) from None
    return text.rstrip("\r\n")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise CommandError(_("There is nobody to ask for the manager's password: use --password-file."))
    password = getpass.getpass(_("Password of the first manager: "))
    if getpass.getpass(_("Once more: ")) != password:
        raise CommandError(_("The two passwords are not the same."))
    return password


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError(_("There is nobody to ask for the manager's email: use --manager-email."))
    return input(question)
