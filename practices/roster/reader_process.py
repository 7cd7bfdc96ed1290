"""The program of a process that reads spans of a roster; practices.roster.reading starts it."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from practices.roster.reading import SPAN, Reading, identity


def main(connection: Connection) -> None:
    """Answer each span with its block, until the process that asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    with suppress(EOFError, ConnectionError):
        reading: Reading
        reading, expected = connection.recv()
        with reading.path.open("rb", buffering=SPAN) as file:
            if identity(file) != expected:
                sys.exit(f"{reading.path} was replaced while it was imported.")
            while True:
                connection.send(reading.read(file, connection.recv()))


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
