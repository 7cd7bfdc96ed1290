from __future__ import annotations

import pytest

from audit.events import Event
from audit.record import OutsideTransactionError, record


def test_outside_a_transaction_is_a_mistake_of_ours(committed_db: None) -> None:
    with pytest.raises(OutsideTransactionError):
        record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=None)
