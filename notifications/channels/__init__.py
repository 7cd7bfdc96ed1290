"""How a message leaves. A provider sits behind one small class; EMAIL_URL and TWILIO_ACCOUNT_SID say which one."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.models import PHONE, Channel, Message, State
from notifications.words import Words


@dataclass(frozen=True)
class Receipt:
    """What a provider says of a message that it took; `provider_id` is its own name for it."""

    state: State = State.SENT
    provider_id: str = ""
    failure: str = ""


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


class MayHaveLeft(Exception):
    """The request left, and nobody knows what became of it: sent once more, it could arrive twice."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Provider(Protocol):
    """Used for a batch: `with provider: provider.send(...)`; send raises NotSent and MayHaveLeft."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def send(self, message: Message, words: Words) -> Receipt: ...


class Providers(AbstractContextManager["Providers"]):
    """The providers of a batch, each begun when its first message comes."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._begun: dict[Channel, Provider] = {}

    def of(self, channel: Channel) -> Provider:
        if channel not in self._begun:
            self._begun[channel] = self._stack.enter_context(provider(channel))
        return self._begun[channel]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()


class Nobody:
    """Where there is no provider for a channel."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing was opened."""

    def send(self, message: Message, words: Words) -> Receipt:  # noqa: ARG002 - as all providers
        raise NotSent("no_provider", again=False)


def can_send(channel: Channel) -> bool:
    """Whether this installation has a provider for a channel: one without Twilio sends no texts and makes no calls."""
    return channel not in PHONE or bool(settings.TWILIO_ACCOUNT_SID) or settings.CAPTURES_PHONE


def prepare() -> None:
    """Load what the first text would have to wait for: Twilio's client takes half a second."""
    if settings.TWILIO_ACCOUNT_SID:
        from notifications.channels.twilio_api import load

        load()


def provider(channel: Channel) -> Provider:
    """Make the provider that the configuration names: SMTP, Twilio or, in the demo, capture."""
    from notifications.channels.capture import Capture
    from notifications.channels.email import Smtp
    from notifications.channels.sms import Texts
    from notifications.channels.voice import Calls

    if not can_send(channel):
        return Nobody()
    if channel in PHONE:
        if not settings.TWILIO_ACCOUNT_SID:
            return Capture()
        return Texts() if channel == Channel.SMS else Calls()
    scheme = urlsplit(settings.EMAIL_URL).scheme
    if scheme == "capture":
        return Capture()
    if scheme in {"smtp", "smtps"}:
        return Smtp(settings.EMAIL_URL)
    raise ImproperlyConfigured("EMAIL_URL begins with smtp://, smtps:// or capture://")
