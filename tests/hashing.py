"""Password hashes at a price that ten thousand tests can pay."""

from __future__ import annotations

from guard.passwords import PortalArgon2


class QuickArgon2(PortalArgon2):
    """The portal's own, with one pass over 64 KiB. What the real price is, tests/guard/test_passwords.py says."""

    time_cost = 1
    memory_cost = 64  # KiB
