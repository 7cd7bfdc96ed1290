"""Redis for Celery, without acknowledgements: a task is a hint, or comes again by the clock, and may be lost.

Kombu's own channel gives back what was not acknowledged when it is closed. Where Redis is gone it fails at that in a
way that Celery takes for a mistake of ours, and the worker ends (kombu 5.7). A late acknowledgement does the same.
"""

from __future__ import annotations

from kombu.transport import redis


class Channel(redis.Channel):
    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's signature
        """Nothing: the queues are read with `no_ack`."""


class Transport(redis.Transport):
    Channel = Channel
