"""No page is heavy: what its HTML names is counted as the portal sends it, for the first view and for every later one.

bench/weight.py asks a browser the same. Headers are left out here: they are some 1 KB a page and 0.3 KB a file.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, RequestFactory, override_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from agreements import terms
from bench import walks
from bench.goals import GOALS
from bench.weight import KB, named_by_file, named_by_page
from tests import people
from tests.people import Browser

if TYPE_CHECKING:
    from practices.models import Practice

FIRST, SECOND = GOALS["first_view"].limit * KB, GOALS["second_view"].limit * KB
LOOKED_AT = ["/", "/terms/", "/privacy/", "/enroll/no-code/", "/enroll/declined/", "/signed-out/", "/nowhere/"]
HEADERS = 3 * KB  # of a page, its question and its two scripts
TEXTS = {".css", ".js"}


class Phone(Browser):
    """Takes compressed answers, as every browser does; what they say is checked elsewhere."""

    request = Client.request

    def __init__(self, practice: Practice, language: str) -> None:
        super().__init__(practice, language=language, HTTP_ACCEPT_ENCODING="gzip, deflate, br")


def sent(data: bytes) -> int:
    """Bytes on the wire of a file that WhiteNoise compresses where that makes it smaller."""
    return min(len(data), len(brotli.compress(data)))


def page_and_files(browser: Phone, answer: Any) -> tuple[int, dict[str, int]]:
    """The bytes of a page, and of each file that it and its style sheets and scripts name."""
    files: dict[str, int] = {}
    packed = answer.headers.get("Content-Encoding") == "gzip"
    waiting = named_by_page((gzip.decompress(answer.content) if packed else answer.content).decode())
    while waiting:
        address = waiting.pop()
        data = contents(browser, address)
        files[address] = sent(data)
        if Path(address).suffix in TEXTS:
            waiting |= named_by_file(address, data.decode()) - files.keys()
    return len(answer.content), files


def contents(browser: Phone, address: str) -> bytes:
    if address.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        found = finders.find(address.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))
        assert isinstance(found, str), f"{address} is not there"
        return Path(found).read_bytes()
    return bytes(browser.get(address).content)


def opened(browser: Phone, steps: Sequence[walks.Step]) -> dict[str, Any]:
    """Take the steps of a walk; the pages that are opened on the way."""
    pages = {}
    for step in steps:
        answer = browser.get(step.path) if step.fields is None else browser.post(step.path, step.fields)
        seen = (answer.status_code, answer.url if answer.status_code == HTTPStatus.FOUND else "")
        assert seen == ((302, step.leads_to) if step.leads_to else (200, "")), step
        if not step.leads_to:
            pages[step.path] = answer
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_light(language: str) -> None:
    practice = people.a_practice()
    [patient] = walks.patients(practice, 1)
    shown = terms.current(practice, "en").ids
    browser = Phone(practice, language)
    answers = {path: browser.get(path) for path in LOOKED_AT}
    answers |= opened(browser, walks.enrollment(patient, shown))
    answers |= opened(Phone(practice, language), walks.sign_in(patient.email))
    weights = {path: page_and_files(browser, answer) for path, answer in answers.items()}
    assert "/static/css/portal.css" in weights["/"][1]
    first = {path: page + sum(files.values()) for path, (page, files) in weights.items()}
    assert {path: weight for path, weight in first.items() if weight > FIRST} == {}
    assert {path: page for path, (page, _) in weights.items() if page > SECOND} == {}
    page, files = weights["/"]  # signed out and in again: with the scripts that only it has
    assert page + sum(files[one] for one in files.keys() - weights["/signed-out/"][1].keys()) < SECOND - HEADERS


def test_a_file_is_sent_compressed_and_kept_for_good(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages, WHITENOISE_USE_FINDERS=False, DEBUG=False):
        call_command("collectstatic", verbosity=0, interactive=False)
        [hashed] = tmp_path.glob("css/portal.*.css")
        request = RequestFactory(headers={"accept-encoding": "gzip, br"}).get(f"/static/css/{hashed.name}")
        answer: Any = WhiteNoiseMiddleware(lambda _: None)(request)
        body = b"".join(answer.streaming_content)
    assert len(body) == sent((Path(settings.BASE_DIR) / "static/css/portal.css").read_bytes())
    assert answer["Content-Encoding"] == "br"
    assert "immutable" in answer["Cache-Control"]
