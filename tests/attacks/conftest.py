"""Tests of this folder that roll back see no people of other tests."""

from __future__ import annotations

from tests.alone import alone

__all__ = ["alone"]
