"""Files that are small, and would fill a worker's memory or end it: nothing of them is kept, and the page says why."""

from __future__ import annotations

import tracemalloc

import pytest

from practices.upload import UploadState
from tests.people import a_practice
from tests.staff.kit import a_manager, at_work
from tests.staff.test_roster_upload import send, worked

pytestmark = pytest.mark.django_db
DEEP = 5_000
NESTED = b'{"a":' * DEEP + b"1" + b"}" * DEEP
BOMBS = [
    NESTED,
    b'{"resourceType":"Bundle","entry":[{"resource":' + NESTED + b"}]}",
    b"[" * 200_000,  # no header of a CSV either: one cell, longer than any
]
MOST = 20_000_000  # bytes


@pytest.mark.parametrize("page", ["staff:roster", "staff:result_upload"])
def test_brackets_in_brackets_fill_nothing(page: str) -> None:
    practice = a_practice()
    desk, _key = at_work(a_manager(practice), practice)
    for bomb in BOMBS:
        tracemalloc.start()
        upload = worked(send(desk, bomb, page=page))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert upload.state in {UploadState.CHECKED, UploadState.FAILED}
        assert not upload.counts.get("new")
        assert most < MOST
