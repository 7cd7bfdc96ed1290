"""Every queue that something is put into is emptied by a worker: in the demo, and in docker-compose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import current_app
from django.conf import settings

from notifications.models import Lane
from portal.celery import app
from portal.management.commands import demo


def used() -> set[str]:
    """The queues of the lanes, of the tasks, and of the timetable."""
    app.loader.import_default_modules()
    timetable = [entry.get("options", {}).get("queue") for entry in app.conf.beat_schedule.values()]
    own = [getattr(task, "queue", None) for task in app.tasks.values()]
    return {*map(str, Lane), *filter(None, [*timetable, *own]), app.conf.task_default_queue}


def consumed_by(command: list[str]) -> set[str]:
    return set(command[command.index("-Q") + 1].split(",")) if "-Q" in command else set()


def test_queues_are_declared() -> None:
    assert used() == {queue.name for queue in app.conf.task_queues}
    assert not app.conf.task_create_missing_queues


def test_timetable_names_tasks_that_there_are() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(current_app.tasks)


def test_demo_empties_every_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []

    class Quiet(demo.Demo):
        def begin(self, name: str, *arguments: str, log: str, **more: str) -> Any:
            begun.append(list(arguments))

    monkeypatch.setattr(demo, "wait_until", lambda *_arguments, **_options: None)
    one = Quiet.__new__(Quiet)
    one.port, one.folder = 0, Path("anywhere")
    one.start_portal()
    assert set().union(*map(consumed_by, begun)) == used()


def test_compose_empties_every_queue() -> None:
    services = yaml.safe_load((Path(settings.BASE_DIR) / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    commands = [str(service.get("command", "")).split() for service in services.values()]
    assert set().union(*map(consumed_by, commands)) == used()
    assert [command for command in commands if "beat" in command], "nobody runs the timetable"
