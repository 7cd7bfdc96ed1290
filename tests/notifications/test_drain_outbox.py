"""`manage.py drain_outbox`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Lane
from tests.notifications.conftest import Queue
from tests.notifications.mail_server import MailServer


def test_everything_due_is_sent_and_counted(queue: Queue, mail_server: MailServer) -> None:
    for lane in Lane:
        for _ in range(12):
            queue(lane=lane)
    out = StringIO()
    call_command("drain_outbox", stdout=out)
    assert out.getvalue() == "sent: 24, failed: 0, expired: 0, unknown: 0\nstill waiting: 0\n"
    assert len(mail_server.mails) == 24


def test_it_says_what_is_wrong(queue: Queue, mail_server: MailServer) -> None:
    mail_server.stop()
    queue()
    queue()
    out = StringIO()
    with pytest.raises(CommandError, match=r"unreachable.*EMAIL_URL"):
        call_command("drain_outbox", stdout=out)
    assert "still waiting: 2" in out.getvalue()


def test_an_empty_outbox_is_fine(db: None) -> None:
    out = StringIO()
    call_command("drain_outbox", stdout=out)
    assert out.getvalue() == "sent: 0, failed: 0, expired: 0, unknown: 0\nstill waiting: 0\n"
