"""Marked data goes through everything, failures among it; afterwards it is nowhere but where it belongs."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction
from playwright.sync_api import Page

from notifications import outbox
from notifications.models import Message, State
from practices.models import Practice
from tests.canary import places
from tests.canary.marked import Marked
from tests.conftest import ROOT, Server
from tests.journeys.cast import Patient
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit
from tests.processes import wait_until

MAY_HOLD = {
    "practices_patientrecord": {
        "given_names",
        "family_name",
        "birth_date",
        "emails",
        "mrn",
        "mobile_phone",
        "mobile_e164",
        "search_name",
        "search_given",
        "search_email",
    },
    "accounts_account": {"sign_in_name", "email", "first_name", "last_name"},
    "enrollment_enrollment": {"email"},
    "verification_challenge": {"target"},
    "notifications_message": {"to"},
    "notifications_capturedmessage": {"to", "subject", "body", "html", "links"},
    "guard_session": {"data"},  # but see LINK_SECRETS
}
# What a link brought along waits here for its button, in a session that ends by itself.
LINK_SECRETS = {"verify_email", "not_me"}


def test_marked_data_stays_where_it_belongs(
    practice: Practice,
    new_page: Callable[..., Page],
    mail: Mail,
    portal_server: Server,
    celery_worker: Path,
    worker_environment: dict[str, str],
    tmp_path: Path,
) -> None:
    marked = Marked()
    with places.heard_by_redis() as heard:
        said = import_roster(practice, marked, worker_environment, tmp_path)
        patient = issue(practice, marked, worker_environment)
        knock_everywhere(portal_server, practice, marked)
        guess(Visit(new_page(), practice), marked)
        break_it(Visit(new_page(), practice), patient)
        walk(Visit(new_page(), practice), patient, marked, mail)
        fail_to_send(practice, marked)

    needles = marked.needles()
    logs = [portal_server.log, celery_worker, *Path(settings.DATA_DIR).rglob("*")]
    if log := places.postgres_log():
        logs.append(log)
    assert {"enroll_token 500", "enroll_new 302", "none 404"} <= routes_in(portal_server.log), "it all came by here"
    assert places.in_files(logs, needles) == {}
    assert places.in_text(said, needles) == []
    assert places.in_text("\n".join(heard), needles) == []
    assert any("drain" in command for command in heard), "the worker was never woken: nothing was heard"
    tables = places.in_tables(needles)
    assert set(tables) >= {"practices_patientrecord.birth_date", "accounts_account.email", "notifications_message.to"}
    assert beyond(tables) == {}
    assert {name for held in places.in_sessions(needles).values() for name in held} <= LINK_SECRETS
    assert not practice.messages.filter(state=State.SENT, context_sealed__isnull=False).exists()


def routes_in(log: Path) -> set[str]:
    """Route and status of every request in the log."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    return {f"{line['route']} {line['status']}" for line in lines if line["logger"] == "portal.requests"}


def beyond(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was found where it does not belong."""
    allowed = {f"{table}.{column}" for table, columns in MAY_HOLD.items() for column in columns}
    return {place: what for place, what in found.items() if place not in allowed}


def command(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )


def import_roster(practice: Practice, marked: Marked, environment: dict[str, str], folder: Path) -> str:
    """One good row and three that are refused; gives what the command said. Refused rows go to their own file."""
    good = f"{marked.mrn},{marked.given},{marked.family},{marked.born},{marked.email},{marked.phone}"
    rows = [
        "mrn,first_name,last_name,birth_date,email,mobile_phone",
        good,
        good,
        f"{marked.mrn}-2,{marked.given},{marked.family},,{marked.email},{marked.phone}",
        f"{marked.mrn}-3,{marked.given},{marked.family},{marked.word},{marked.word},{marked.word}",
    ]
    roster, refused = folder / "roster.csv", folder / "refused.csv"
    roster.write_text("\n".join(rows), encoding="utf-8")
    done = command(environment, "import_roster", str(roster), "--practice", practice.slug, "--refused", str(refused))
    assert marked.word in refused.read_text(encoding="utf-8")
    return done.stdout + done.stderr


def issue(practice: Practice, marked: Marked, environment: dict[str, str]) -> Patient:
    issued = json.loads(command(environment, "issue_code", "--practice", practice.slug, "--mrn", marked.mrn).stdout)
    marked.secrets += [issued["code"], issued["code"].replace("-", "")]
    return Patient(practice.patients.get(mrn=marked.mrn), issued["code"])


def knock_everywhere(server: Server, practice: Practice, marked: Marked) -> None:
    """Addresses, queries, forms, headers, hosts and methods with the marker in them."""
    word, host = marked.word, practice.host
    form = f"name={word}&password={marked.password}&token={word}&email={quote(marked.email)}"
    for method, path in (
        ("GET", f"/{word}/?q={word}"),
        ("GET", f"/enroll/{word}/"),
        ("GET", f"/?next=/{word}/"),
        ("GET", f"/home/?{word}={quote(marked.email)}"),
        ("GET", f"/verify-email/{word}/"),
        ("GET", f"/not-me/{word}/"),
        ("GET", f"/static/{word}.css"),
        ("GET", f"/inbox/?to={quote(marked.email)}"),
        ("GET", f"/{'%00'}{word}/"),
        ("POST", f"/?{word}"),
        ("POST", "/enroll/token/"),
        ("POST", f"/i18n/setlang/?{word}"),
        ("POST", f"/{word}/"),
        (word.upper(), f"/{word}/"),
    ):
        knock(server, host, method, path, form if method == "POST" else "", word)
    knock(server, f"{word}.example.com", "GET", f"/{word}/", "", word)
    knock(server, f"{word}_{word}!", "GET", "/", "", word)
    knock(server, host, "GET", f"/{word * 900}/", "", word)
    knock(server, host, "POST", "/enroll/", "&".join(f"{word}{number}=1" for number in range(1100)), word)


def knock(server: Server, host: str, method: str, path: str, form: str, word: str) -> None:
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {
        "Host": host,
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": word,
        "Referer": f"http://{word}/",
        "X-Forwarded-For": word,
        "Cookie": f"session={word}; csrf={word}; browser={word}",
        "Accept-Language": word,
    }
    try:
        web.request(method, path, body=form.encode(), headers=headers)
        assert web.getresponse().status < 500
    finally:
        web.close()


def guess(visit: Visit, marked: Marked) -> None:
    """A token that there is not, and names and passwords that do not match."""
    visit.come_to_token()
    for token in ("0000-0000-0000", marked.word, "0123"):
        visit.type("Token number", token)
        visit.type("Date of birth", marked.typed_birth_date)
        visit.type("Last name", marked.family)
        visit.type("Email address", marked.email)
        visit.press("Next")
        visit.at("Token details", "token")
    for name in (marked.email, marked.username, marked.word):
        visit.open_sign_in()
        visit.sign_in(name, marked.password)
        visit.at("Enter your password", "password")
    visit.open_sign_in()
    visit.type("Email or username", "nobody")  # so that the session forgets what was typed last
    visit.press("Next")


def break_it(visit: Visit, patient: Patient) -> None:
    """A failure of our own, in the middle of a form."""
    visit.come_to_token()
    visit.fill_token(patient, email=patient.email)
    with without_table("enrollment_enrollmentcode"):
        visit.press("Next")
        visit.at("Something went wrong", "500")


@contextmanager
def without_table(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")


def walk(visit: Visit, patient: Patient, marked: Marked, mail: Mail) -> None:
    """Flow A with errors on the way, the email, out, a wrong password, in, and out again."""
    visit.come_to_token()
    visit.fill_token(patient, email=patient.email)
    visit.type("Last name", f"Not{marked.family}")
    visit.press("Next")
    visit.at("Token details", "token")
    visit.type("Last name", marked.family)
    visit.press("Next")
    visit.choose_new_account()
    visit.set_password(marked.word)
    visit.at("Account credentials", "credentials")
    visit.set_password(marked.password)
    visit.at("You're enrolled", "done")
    [message] = mail(marked.email, practice=visit.practice)
    marked.secrets += re.findall(r"/(?:verify-email|not-me)/([^/]+)/", " ".join(message["links"]))
    assert len(marked.secrets) == 4
    visit.page.goto(next(link for link in message["links"] if "/verify-email/" in link))
    visit.press("Verify")
    visit.at("Your email address is verified", "verified")
    visit.sign_out()
    visit.open_sign_in()
    visit.sign_in(marked.email, f"Not-{marked.password}")
    visit.at("Enter your password", "password")
    visit.type("Password", marked.password)
    visit.press("Next")
    visit.at_home()
    visit.sign_out()


def fail_to_send(practice: Practice, marked: Marked) -> None:
    """A message that cannot be rendered: the worker says so, and not what was in it."""
    with transaction.atomic():
        message = outbox.queue(
            "no_such_notice", practice=practice, to=marked.email, context={"link": marked.word, "name": marked.family}
        )
    try:
        wait_until(lambda: Message.objects.get(pk=message.pk).tries > 0)
        wait_until(lambda: Message.objects.get(pk=message.pk).state != State.SENDING)
    finally:
        Message.objects.filter(pk=message.pk).update(state=State.FAILED, context_sealed=None)
