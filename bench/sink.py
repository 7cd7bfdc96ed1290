"""`python -m bench.sink PORT TIMES`: an SMTP server (RFC 5321) that takes all it is given, as quickly as Python can.

It writes down when it took each message, and for whom: a line of TIMES.
"""

from __future__ import annotations

import socketserver
import sys
import time
from pathlib import Path
from typing import BinaryIO

ANSWERS = {
    b"EHLO": b"250-mail.example.org\r\n250 8BITMIME\r\n",
    b"HELO": b"250 mail.example.org\r\n",
    b"MAIL": b"250 fine\r\n",
    b"RCPT": b"250 fine\r\n",
    b"RSET": b"250 fine\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, times: BinaryIO) -> None:
        self.times = times
        super().__init__(("127.0.0.1", port), _Session)


class _Session(socketserver.StreamRequestHandler):
    server: Sink
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")
        to = b""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._take(to)
                continue
            to = line.partition(b"<")[2].partition(b">")[0] if verb == b"RCPT" else to
            self.wfile.write(ANSWERS.get(verb, b"502 not here\r\n"))

    def _take(self, to: bytes) -> None:
        self.wfile.write(b"354 go ahead\r\n")
        while self.rfile.readline() not in {b".\r\n", b""}:
            pass
        self.server.times.write(b"%f %b\n" % (time.time(), to))
        self.wfile.write(b"250 taken\r\n")


def main(port: str, times: str) -> None:
    with Path(times).open("ab", buffering=0) as file, Sink(int(port), file) as sink:
        sink.serve_forever(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
