"""What an email looks like on the wire."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from notifications import delivery
from notifications.channels.email import Smtp
from notifications.channels.mime import alternative, header
from notifications.models import Lane, State
from practices.models import Practice
from tests.notifications.conftest import Queue
from tests.notifications.mail_server import MailServer


def sent(server: MailServer) -> EmailMessage:
    delivery.drain(Lane.URGENT)
    [mail] = server.mails
    return mail


def test_it_comes_from_the_practice_and_is_answered_there(
    queue: Queue, mail_server: MailServer, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "no-reply@portal.example.org"
    queue(context={"who": "Mary\r\nBcc: all@example.com", "secret": "x"})
    mail = sent(mail_server)
    [sender] = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "O'Brien & Núñez, Family Practice",
        "no-reply@portal.example.org",
    )
    assert mail["Reply-To"] == "desk@riverside.example.org"
    assert mail["To"] == "maria@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo
    assert mail["Message-ID"].endswith(f"@{settings.PORTAL_BASE_HOST}>")
    assert mail["Subject"].strip() == "News from O'Brien & Núñez, Family Practice for Mary Bcc: all@example.com"
    assert mail["Bcc"] is None
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_text_is_plain_and_html_is_escaped(queue: Queue, mail_server: MailServer) -> None:
    queue(context={"who": "O'Brien <b>", "secret": "x"})
    mail = sent(mail_server)
    text, html = (str(part.get_content()) for part in mail.iter_parts())
    assert "Hello O'Brien <b>," in text
    assert "O'Brien & Núñez, Family Practice · (212) 555-0147 · desk@riverside.example.org" in text
    assert "Hello O&#x27;Brien &lt;b&gt;," in html
    assert "O&#x27;Brien &amp; Núñez, Family Practice" in html


def test_a_practice_name_cannot_inject_headers(queue: Queue, practice: Practice, mail_server: MailServer) -> None:
    practice.name = "River\r\nBcc: all@example.com\n\nside"
    practice.save()
    queue()
    mail = sent(mail_server)
    assert mail["Bcc"] is None
    [sender] = mail["From"].addresses
    assert sender.display_name == "River Bcc: all@example.com side"


def test_an_idn_host_is_encoded(queue: Queue, mail_server: MailServer) -> None:
    queue(to="jürgen".replace("ü", "ue") + "+portal@bücher.example")
    sent(mail_server)
    assert mail_server.envelopes[0].rcpt_tos == ["juergen+portal@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address", ["jürgen@example.com", "no-address", "@example.com", "a\nb@example.com", "a@x\nBcc: b@example.com"]
)
def test_an_address_that_no_server_takes_fails_at_once(queue: Queue, mail_server: MailServer, address: str) -> None:
    message = queue(to=address)
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure, mail_server.mails) == (State.FAILED, "address", [])


@pytest.mark.parametrize(
    ("url", "host", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, 1, 0),
        ("smtp://mail.example.org:25?tls=no", "mail.example.org", 25, 0, 0),
        ("smtps://mail.example.org", "mail.example.org", 465, 0, 1),
    ],
)
def test_encrypted_unless_told_otherwise(url: str, host: str, port: int, starttls: int, tls: int) -> None:
    backend = Smtp(url)._backend
    assert (backend.host, backend.port, backend.use_tls, backend.use_ssl) == (host, port, starttls, tls)


def test_credentials_may_hold_any_character() -> None:
    backend = Smtp("smtp://portal%40example.org:p%2Fw%3A%23@mail.example.org")._backend
    assert (backend.username, backend.password) == ("portal@example.org", "p/w:#")


@pytest.mark.parametrize("line", ["x" * 3000, "é" * 3000, "trailing space ", ".", "=3D", "From here", "a\u2028b", "–"])
def test_any_text_arrives_as_it_is_and_no_line_is_long(line: str) -> None:
    wire = alternative({"Subject": "s"}, f"one\n{line}\nlast\n", f"<p>{line}</p>")
    assert max(map(len, wire.split(b"\r\n"))) <= 76
    assert b"\n" not in wire.replace(b"\r\n", b"")
    text, html = (str(part.get_content()) for part in read(wire).iter_parts())
    assert text.split("\r\n") == ["one", line, "last", ""]
    assert html == f"<p>{line}</p>\r\n"


@pytest.mark.parametrize("subject", ["short", "long words " * 30, "código de activación " * 20, "x" * 500])
def test_a_subject_of_any_length_is_folded(subject: str) -> None:
    wire = alternative({"Subject": header(subject.strip()), "To": "a@example.com"}, "t\n", "<p>h</p>\n")
    mail = read(wire)
    assert mail["Subject"].replace("\n", "").split() == subject.split()
    assert mail["To"] == "a@example.com"


def test_a_header_of_two_lines_is_none() -> None:
    with pytest.raises(ValueError, match="more than one line"):
        alternative({"Subject": "a\r\nBcc: all@example.com"}, "t", "h")


def read(wire: bytes) -> EmailMessage:
    return message_from_bytes(wire, _class=EmailMessage, policy=policy.default)
