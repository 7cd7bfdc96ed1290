"""`manage.py demo`: the whole portal on one machine, with servers, data and keys of its own in the data folder."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand

from portal import data_folder, env
from portal.children import Child, Family, start, stop_on_signals, wait_until
from portal.data_folder import CannotStart
from portal.embedded import start_valkey
from portal.postgres import start_postgres

CELERY = ("-m", "celery", "-A", "portal")
WORKER = (*CELERY, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle")
APP_ROLE = "portal_app"
WAITS_AT_MOST = 60  # seconds before a part that keeps ending is started again


class Command(BaseCommand):
    help = "Starts the demo: PostgreSQL, Valkey, workers and the web server, all of it stopped by Ctrl-C."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop_on_signals()
        try:
            Demo(folder=settings.DATA_DIR, port=env.PORT, command=self).run()
        except CannotStart as error:
            raise SystemExit(str(error)) from None


class Demo:
    def __init__(self, *, folder: Path, port: int, command: BaseCommand) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.port = port
        self.say = command.stdout.write
        self.family = Family(folder / "children.json")
        self.owner_url = self.app_url = ""
        self.ends: Counter[str] = Counter()
        self.due: dict[str, float] = {}

    def run(self) -> None:
        """Until Ctrl-C, or until a part ends without which there is no portal."""
        with data_folder.claim(self.folder):
            try:
                self.family.end_left()
                see_that_the_port_is_free(self.port)
                self.start_servers()
                lines = self.prepared()
                self.start_portal()
                self.tell(lines)
                self.watch()
            finally:
                if self.family.children:
                    self.say("\nStopping …")
                self.family.stop()
                data_folder.remember(self.folder, **dict.fromkeys(data_folder.SERVERS))

    def start_servers(self) -> None:
        known = data_folder.keys_of(self.folder)
        self.say("Starting the database …")
        if given := os.environ.get("DATABASE_URL"):
            self.owner_url, self.app_url = given, os.environ.get("APP_DATABASE_URL") or given
        else:
            server = start_postgres(self.family, self.folder, password=known["DATABASE_PASSWORD"], logs=self.logs)
            self.owner_url = server.url
            self.app_url = signed_in_as(APP_ROLE, known["APP_DATABASE_PASSWORD"], server.url)
        redis = (
            os.environ.get("REDIS_URL")
            or start_valkey(self.family, self.folder, password=known["REDIS_PASSWORD"], logs=self.logs).url
        )
        data_folder.remember(self.folder, DATABASE_URL=self.app_url, REDIS_URL=redis, PORT=str(self.port))

    def prepared(self) -> list[str]:
        """Migrates, makes the demo practices, and gives back the lines that say who can sign in."""
        owner = {"DATABASE_URL": self.owner_url}
        if self.app_url != self.owner_url:
            owner["APP_DATABASE_URL"] = self.app_url
        child = self.begin("The preparation", "manage.py", "prepare_demo", log="prepare.log", **owner)
        child.process.wait()
        if child.process.returncode:
            raise CannotStart(f"The demo's data could not be made: {child.last_words()} (log: {child.log})")
        self.family.children.remove(child)
        return child.log.read_text(encoding="utf-8").splitlines()

    def start_portal(self) -> None:
        web = ("-m", "gunicorn", "--config", "python:portal.web", "--bind", f"127.0.0.1:{self.port}", "portal.wsgi")
        child = self.begin("The web server", *web, log="web.log")
        for lane in ("urgent", "bulk"):
            self.begin(f"The {lane} worker", *WORKER, "-Q", lane, "-n", f"{lane}@demo", log=f"{lane}.log")
        self.begin("The timetable", *CELERY, "beat", "--schedule", str(self.folder / "beat-schedule"), log="beat.log")
        wait_until(lambda: answers(self.port), child)

    def begin(self, name: str, *arguments: str, log: str, **more: str) -> Child:
        told = {"PORTAL_DATA_DIR": str(self.folder), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, *arguments]
        surroundings = {**os.environ, **told, "DATABASE_URL": self.app_url, "APP_DATABASE_URL": "", **more}
        return self.family.add(
            lambda: start(name, command, log=self.logs / log, env=surroundings, cwd=settings.BASE_DIR)
        )

    def tell(self, lines: list[str]) -> None:
        self.say("\nThe portal is ready.\n")
        for line in lines:
            self.say(line)
        self.say(f"What it sends: http://localhost:{self.port}/inbox/")
        self.say(f"\nCtrl-C stops it. Data and logs: {self.folder}")

    def watch(self) -> None:
        while True:
            for child in list(self.family.children):
                if child.ended:
                    self.mend(child)
            time.sleep(0.5)

    def mend(self, child: Child) -> None:
        """Starts a part again that ended by itself, later each time it does; without some there is no portal."""
        if child.name in {"PostgreSQL", "The web server"} or child.again is None:
            raise CannotStart(f"{child.name} ended by itself: {child.last_words()} (log: {child.log})")
        if child.name not in self.due:
            self.ends[child.name] += 1
            wait = min(2 ** self.ends[child.name], WAITS_AT_MOST)
            self.due[child.name] = time.monotonic() + wait
            self.say(f"{child.name} ended by itself and is started again in {wait} s (log: {child.log}.before)")
        elif time.monotonic() > self.due[child.name]:
            del self.due[child.name]
            self.family.add(child.again)


def signed_in_as(role: str, password: str, url: str) -> str:
    """The same address for another role."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()


def see_that_the_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CannotStart(
                f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error}): "
                f"choose another, as in `make run PORT={port + 1 if 0 < port < 65535 else 8000}`."  # noqa: PLR2004
            ) from None


def answers(port: int) -> bool:
    """Whether the web server answers, whatever it says."""
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        web.request("GET", "/", headers={"Host": "localhost"})
        return web.getresponse().status > 0
    except OSError:
        return False
    finally:
        web.close()
