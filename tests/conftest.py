"""What all tests share: committed data, and the portal's own processes and a browser as they run for people.

There is no flush between tests: the audit trail refuses TRUNCATE, so `transactional_db` and `live_server` of
pytest-django cannot be used. A test that needs committed data takes `committed_db` and makes a practice of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from guard import even
from portal import app_role
from tests.processes import started, wait_until_it_answers, wait_until_it_says
from tests.settings import counted_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))  # the first is lighter
CHROMIUM_ARGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

hypothesis.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of busy machines
hypothesis.load_profile("portal")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The worker's database. pytest-django's own fixture makes none where no test asks for `db` itself."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, keepdb=django_db_keepdb and not django_db_createdb)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The worker's database with real commits, which stay."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def in_haste() -> Iterator[None]:
    """Answers that come late, so that they tell nothing, come at once here; not those of the portal's own processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(even, "sleep", lambda _seconds: None)
        yield


@dataclass(frozen=True)
class Server:
    port: int
    log: Path

    def url(self, host: str, path: str = "/") -> str:
        """The address of a page of the practice at `host` (without a port)."""
        return f"http://{host}:{self.port}{path}"


@pytest.fixture(scope="session")
def worker_environment(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """The environment of a process that is to see this worker's database, as the portal does: with the app's role.

    Its Redis database is eight further on: what the tests themselves publish is left to the workers they start.
    """
    with django_db_blocker.unblock():
        database = connection.settings_dict
        url = f"postgres://{database['NAME']}_app:of-the-tests@{database['HOST']}:{database['PORT']}/{database['NAME']}"
        role = app_role.grant(url)
    yield {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "REDIS_URL": counted_on(os.environ["REDIS_URL"], 8),
        "PYTHONUNBUFFERED": "1",
    }
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
        connection.close()  # beside Playwright's event loop it is another one than that which drops the database


@pytest.fixture(scope="session")
def portal_server(worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The portal under gunicorn on the worker's database, with the demo's /inbox/."""
    server = Server(port=int(settings.PORTAL_PORT_SUFFIX.removeprefix(":")), log=tmp_path_factory.mktemp("web") / "log")
    command = ["-m", "gunicorn", "--config", "python:portal.web", "--bind", f"127.0.0.1:{server.port}", "portal.wsgi"]
    with started([sys.executable, *command], env=worker_environment, cwd=ROOT, log=server.log) as process:
        wait_until_it_answers(process, server.port, server.log)
        yield server


@contextmanager
def a_celery_worker(worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Celery worker for both queues on the worker's database and Redis; gives the path of its log.

    It sends whatever is committed to that database: it ends with the tests that want it.
    """
    log = tmp_path_factory.mktemp("celery") / "log"
    command = ["-m", "celery", "-A", "portal", "worker", "--pool", "threads", "--concurrency", "4", "-Q", "urgent,bulk"]
    with started([sys.executable, *command], env=worker_environment, cwd=ROOT, log=log) as process:
        wait_until_it_says(process, "ready.", log)
        yield log


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: Debian's where there is one, best the one without a window's parts, else Playwright's own."""
    from playwright.sync_api import expect, sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    args = [*CHROMIUM_ARGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    expect.set_options(timeout=20_000)  # milliseconds: a machine may be busy
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=next(filter(Path.exists, CHROMIUMS), None), args=args)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages, each in a browser context of its own; a script error or a breach of the CSP fails the test."""
    complaints: list[str] = []
    contexts = []

    def make(*, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of 1280 px. Others: `new_page(width=360)`, `new_page(java_script_enabled=False)`."""
    return new_page()
