"""Limits of what people enter. They stand alone so that a program that only cleans text starts without Django."""

from __future__ import annotations

from datetime import date

EARLIEST = date(1875, 1, 1)  # nobody known has lived past 122 years
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets
