"""Every worker's own look into PostgreSQL, once a second: no message waits for Redis to come back."""

import logging
import threading
from typing import TYPE_CHECKING

from celery import bootsteps

if TYPE_CHECKING:
    from celery.worker import WorkController

EVERY = 1.0  # seconds
LONGEST = 60.0  # seconds between looks that end in a failure of our own: each is a traceback in the log

logger = logging.getLogger(__name__)


class Sweep(bootsteps.StartStopStep):
    """Starts before the consumer (the worker's last step), which may be waiting for Redis for as long as it takes."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: "WorkController", **kwargs: object) -> None:
        super().__init__(parent, **kwargs)
        self._threads: list[threading.Thread] = []

    def start(self, parent: "WorkController") -> None:
        """One thread a lane that this worker consumes, so that a long bulk run holds up nothing urgent."""
        from notifications.channels import prepare
        from notifications.models import Lane

        prepare()
        queues = parent.app.amqp.queues.consume_from
        self._threads = [
            threading.Thread(target=self._sweep, args=(lane,), name=f"sweep-{lane}", daemon=True)
            for lane in Lane
            if lane in queues
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, parent: "WorkController") -> None:  # noqa: ARG002 - Celery's signature
        """Stops before the pool does, so that its tasks end after the message at hand too."""
        from notifications.delivery import ending

        ending.set()
        for thread in self._threads:
            thread.join(timeout=30)

    terminate = stop

    def _sweep(self, lane: str) -> None:
        from django.db import InterfaceError, OperationalError, close_old_connections

        from notifications import delivery, hands
        from notifications.models import Lane

        pause, is_away = EVERY, False
        while not delivery.ending.wait(pause):
            try:
                hands.empty(Lane(lane))
            except (OperationalError, InterfaceError) as error:
                if not is_away:
                    logger.warning("database away", extra={"lane": str(lane), "failure": type(error).__name__})
                pause, is_away = EVERY, True
            except Exception:
                logger.exception("sweep failed", extra={"lane": str(lane)})
                pause = min(pause * 2, LONGEST)
            else:
                if is_away:
                    logger.info("database back", extra={"lane": str(lane)})
                pause, is_away = EVERY, False
            finally:
                close_old_connections()
