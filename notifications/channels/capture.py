"""The demo's provider: keeps every message for /inbox/ instead of sending it."""

import re
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

from notifications.models import CapturedMessage, Message, State
from notifications.words import Words

IN_TEXT = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")


class Capture:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing was opened."""

    def send(self, message: Message, words: Words) -> None:
        CapturedMessage.objects.create(
            practice=message.practice,
            channel=message.channel,
            to=message.to,
            subject=words.subject[:255],
            body=words.text,
            html=words.html,
            links=links(words),
            state=State.SENT,
        )


def links(words: Words) -> list[str]:
    """List the addresses that a message leads to, once each, in the order of the text and then of the HTML."""
    parser = _Links()
    parser.feed(words.html)
    return list(dict.fromkeys([*IN_TEXT.findall(words.text), *parser.found]))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.startswith(("http://", "https://")):
            self.found.append(href)
