"""The attacker: sends files where no form has any, so that the portal reads, keeps or writes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files import temp
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.people import MARIA, Browser, a_practice, h1

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [1, 3_000_000])
def test_file_is_never_kept(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    really = temp.NamedTemporaryFile

    def noted(*args: Any, **options: Any) -> Any:
        kept.append("a file")
        return really(*args, **options)

    monkeypatch.setattr(temp, "NamedTemporaryFile", noted)
    file = SimpleUploadedFile("letter.bin", b"x" * size)
    answer = Browser(a_practice()).post("/", {"name": MARIA.email, "file": file})
    assert kept == []
    assert answer.status_code in {302, 400, 413}
    assert answer.status_code == 302 or h1(answer)
