"""How long facts of a patient record can be, in characters; alone for the reason of pages/limits.py."""

from __future__ import annotations

MRN_LENGTH = 64
NAME_LENGTH = 200
PHONE_LENGTH = 40
