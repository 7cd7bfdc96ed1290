"""Email through SMTP (RFC 5321), over one connection a batch."""

import contextlib
import smtplib
from email.utils import format_datetime
from types import TracebackType
from typing import NamedTuple, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

import idna
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from guard import secrets
from notifications.channels import NotSent, Receipt, mime
from notifications.models import Message
from notifications.words import Words

TIMEOUT = 10  # seconds for each answer of the server: RFC 5321 4.5.3.2 asks for minutes, a waiting person for less
WITHOUT_TLS = {"no", "none", "off"}


class Email(NamedTuple):
    """As SMTP takes it: the envelope's two addresses, and the message."""

    sender: str
    to: str
    content: bytes


class Smtp:
    """`smtp://user:password@host:port` (STARTTLS; `?tls=no` leaves it out) or `smtps://…` (TLS from the start)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        tls = parse_qs(parts.query).get("tls", ["starttls"])[0].lower()
        secure = parts.scheme == "smtps"
        self._backend = EmailBackend(
            host=parts.hostname,
            port=parts.port or (465 if secure else 587),
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_tls=not secure and tls not in WITHOUT_TLS,
            use_ssl=secure,
            timeout=TIMEOUT,
            fail_silently=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, message: Message, words: Words) -> Receipt:
        """Hand a message to the server. After any failure the next message gets a connection of its own."""
        email = compose(message, words)
        try:
            self._connect().sendmail(email.sender, [email.to], email.content)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._hang_up()
            raise _refusal(error) from error
        except NotSent:
            self._hang_up()
            raise
        return Receipt()

    def _connect(self) -> smtplib.SMTP:
        """A 5xx while connecting (a wrong password, say) is ours to mend, so nobody's message is lost over it."""
        try:
            self._backend.open()
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_code(error, "unreachable"), again=True, nobody=True) from error
        return cast("smtplib.SMTP", self._backend.connection)

    def _hang_up(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._backend.close()


def compose(message: Message, words: Words) -> Email:
    """Make the email, text and HTML; raises NotSent for an address that no server could take."""
    name, to = " ".join(message.practice.name.split()), wire_address(message.to)
    answers = {"Reply-To": wire_address(message.practice.email)} if message.practice.email else {}
    headers = {
        "Subject": mime.header(words.subject),
        "From": mime.mailbox(name, settings.DEFAULT_FROM_EMAIL),
        "To": to,
        **answers,
        "Message-ID": message_id(message),
        "Date": format_datetime(timezone.now()),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday answers, please
        "X-Auto-Response-Suppress": "All",  # the same to Exchange
        "Content-Language": message.language,
    }
    return Email(wire_address(settings.DEFAULT_FROM_EMAIL), to, mime.alternative(headers, words.text, words.html))


def message_id(message: Message) -> str:
    """The same at every try, so that a duplicate is known as one; tells nobody how many messages there are."""
    return f"<{secrets.digest('message id', str(message.pk)).hex()[:32]}@{settings.PORTAL_BASE_HOST}>"


def wire_address(address: str) -> str:
    """The address with its host as RFC 5891 sends it. A local part beyond ASCII needs what few servers have."""
    local, _, host = address.rpartition("@")
    if not local or not local.isascii() or not local.isprintable():
        raise NotSent("address", again=False)
    try:
        return mime.address(f"{local}@{host if host.isascii() else idna.encode(host, uts46=True).decode()}")
    except (idna.IDNAError, ValueError):
        raise NotSent("address", again=False) from None


def _refusal(error: Exception) -> NotSent:
    """RFC 5321 4.2.1: 4xx may pass at a later try, 5xx will not. Where there was no answer at all, nobody gets one.

    Whom the server does not greet, or not as a sender, is us and not the message: as with a failure to connect.
    """
    if isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException | ValueError):
        return NotSent(_code(error, "no_answer"), again=True, nobody=True)
    if isinstance(error, smtplib.SMTPHeloError | smtplib.SMTPSenderRefused):
        return NotSent(_code(error, "no_answer"), again=True, nobody=True)
    if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
        return NotSent("address", again=False)
    status = _status(error)
    # 421 closes the connection, 452 and the like are about one mailbox.
    return NotSent(f"smtp_{status}", again=status < 500, nobody=status == 421)  # noqa: PLR2004 - RFC 5321's own


def _status(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    return int(getattr(error, "smtp_code", 0) or 450)


def _code(error: Exception, otherwise: str) -> str:
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return f"smtp_{error.smtp_code}"
    return "timeout" if isinstance(error, TimeoutError) else otherwise
