"""An email as it goes over the wire: a text and its HTML (RFC 5322, 2045 to 2047).

All of it is ASCII and no line is long, so that any server takes it. Python's own classes fold every header of every
message anew; that takes as long as rendering its words.
"""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import Mapping
from email.header import Header
from functools import lru_cache

from django.core.mail.message import sanitize_address

END = "\r\n"
LONGEST = 60  # characters of a header's value that needs no folding, whatever its name
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")  # RFC 5322 3.4.1, without quoted ones
_LINE_END = re.compile(r"\r\n|\r|\n")


def alternative(headers: Mapping[str, str], text: str, html: str) -> bytes:
    """The whole message. Headers are as `header` and `mailbox` make them; raises ValueError for one of two lines."""
    boundary = f"={secrets.token_hex(12)}="
    lines = [f"{name}: {_checked(value)}" for name, value in headers.items()]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for kind, content in (("plain", text), ("html", html)):
        lines += [f"--{boundary}", f"Content-Type: text/{kind}; charset=utf-8"]
        lines += ["Content-Transfer-Encoding: quoted-printable", "", _quoted(content)]
    return END.join([*lines, f"--{boundary}--", ""]).encode("ascii")


@lru_cache(maxsize=1000)
def header(value: str) -> str:
    """A text as a header has it: as it is, or in encoded words (RFC 2047). Subjects come again and again."""
    if value.isascii() and value.isprintable() and len(value) <= LONGEST:
        return value
    return Header(value, None if value.isascii() else "utf-8", maxlinelen=LONGEST).encode(linesep=END)


@lru_cache(maxsize=1000)
def mailbox(name: str, address: str) -> str:
    """A name and an address as a header has them (RFC 5322 3.4); raises ValueError."""
    return _LINE_END.sub(END, sanitize_address((name, address), "utf-8"))


def address(typed: str) -> str:
    """An address alone; raises ValueError for what is none."""
    if PLAIN_ADDRESS.fullmatch(typed) and ".." not in typed:
        return typed
    sanitized: str = sanitize_address(typed, "utf-8")
    return sanitized


def _checked(value: str) -> str:
    """Nothing but folding may stand behind a line end: else it would be a header of its own."""
    if any(not line.startswith((" ", "\t")) for line in _LINE_END.split(value)[1:]):
        raise ValueError("a header of more than one line")
    return value


def _quoted(content: str) -> str:
    """Quoted-printable (RFC 2045 6.7): lines of 76 characters at most. The first line end says how all are to end."""
    lines = _LINE_END.sub(END, content)
    return binascii.b2a_qp((lines if lines.endswith(END) else lines + END).encode(), istext=True).decode("ascii")
