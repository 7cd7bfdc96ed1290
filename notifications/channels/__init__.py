"""How a message leaves. A provider sits behind one small class; which one is a matter of EMAIL_URL."""

from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.models import Channel, Message
from notifications.words import Words


class NotSent(Exception):
    """The provider did not take a message.

    `code` is short and holds nothing personal. `again`: a later try may succeed. `nobody`: the provider would not
    take any other message now either.
    """

    def __init__(self, code: str, *, again: bool, nobody: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.again = again
        self.nobody = nobody


class Provider(Protocol):
    """Used for a batch: `with provider: provider.send(...)`; send raises NotSent."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def send(self, message: Message, words: Words) -> None: ...


def provider() -> Provider:
    """Make the provider that EMAIL_URL names: smtp://, smtps:// or, in the demo, capture://."""
    from notifications.channels.capture import Capture
    from notifications.channels.email import Smtp

    scheme = urlsplit(settings.EMAIL_URL).scheme
    if scheme == "capture":
        return Capture()
    if scheme in {"smtp", "smtps"}:
        return Smtp(settings.EMAIL_URL)
    raise ImproperlyConfigured("EMAIL_URL begins with smtp://, smtps:// or capture://")


def refuse_unless_email(message: Message) -> None:
    if message.channel != Channel.EMAIL:
        raise NotSent("no_provider", again=False)
