"""The task that a committed message wakes its worker with."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from notifications import delivery
from notifications.models import Lane

logger = logging.getLogger(__name__)


@shared_task
def drain(lane: str) -> None:
    """Send what is due in a lane. Running twice, or never, does no harm: the rows are the truth."""
    try:
        delivery.drain(Lane(lane))
    except (OperationalError, InterfaceError) as error:
        logger.warning("database away", extra={"lane": lane, "failure": type(error).__name__})
