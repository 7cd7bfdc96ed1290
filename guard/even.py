"""Answers that come at the same time whatever they took, where the work itself cannot be the same."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answered_after(seconds: float) -> Iterator[None]:
    """Let the block take so long at least; `seconds` well above what it ever takes.

    It holds one of the web server's threads: for what limits keep rare only.
    """
    ends = monotonic() + seconds
    try:
        yield
    finally:
        sleep(max(0.0, ends - monotonic()))
