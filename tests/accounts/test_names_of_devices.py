"""What a browser is called on **Where you are signed in**."""

from __future__ import annotations

import pytest

from accounts import devices

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1.15", "Safari on Mac"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} CriOS/142.0 Safari/604.1", "Chrome on iPhone"),
        (f"{MOZILLA} (Linux; Android 15; SM-S911B) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Safari/537.36",
         "Samsung Internet on Android"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on Chromebook"),
        ("curl/8.5 (Linux)", "Linux"),
        ("", "A browser that we do not know"),
    ],
)  # fmt: skip
def test_it_is_called_as_its_owner_calls_it(agent: str, words: str) -> None:
    assert devices.words(*devices.brief(agent)) == words
