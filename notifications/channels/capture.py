"""The demo's provider: keeps every message for /inbox/ instead of sending it."""

import re
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

from notifications import senders, texting
from notifications.channels import NotSent, Receipt
from notifications.models import PHONE, CapturedMessage, Channel, Message, State
from notifications.words import Words

IN_TEXT = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
# A text to a number that ends in one of Twilio's error codes meets with it: the first at once, the others as a report.
AT_ONCE = ("21211", "21610", "21614")
REPORTED = ("30003", "30005", "30006", "30007", "30008")


class Capture:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing was opened."""

    def send(self, message: Message, words: Words) -> Receipt:
        """Keep a message. Texts and calls arrive at once, but for numbers that stand for a failure."""
        receipt = _fate(message)
        CapturedMessage.objects.create(
            practice=message.practice,
            channel=message.channel,
            to=message.to,
            subject=words.subject[:255],
            body=words.text,
            html=words.html,
            links=links(words),
            state=receipt.state,
        )
        return receipt


def _fate(message: Message) -> Receipt:
    if message.channel not in PHONE:
        return Receipt()
    if message.channel == Channel.SMS:
        if refused := texting.refusal(message, senders.of_text(message)):
            raise NotSent(refused, again=False)
        ending = message.to[-5:]
        if ending in AT_ONCE:
            raise NotSent(f"twilio_{ending}", again=False)
        if ending in REPORTED:
            return Receipt(State.UNDELIVERED, failure=f"twilio_{ending}")
    return Receipt(State.DELIVERED)


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
