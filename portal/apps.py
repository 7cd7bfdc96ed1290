"""What every process of the portal does when it begins."""

from __future__ import annotations

import atexit

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        """Closes the pools of connections at the end: left open they hold up Python 3.13 by seconds, and complain."""
        atexit.register(close_pools)


def close_pools() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
