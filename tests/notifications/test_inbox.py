"""The demo's inbox, as a page and as JSON."""

import re

import pytest
from django.conf import settings
from django.test import Client

from notifications import delivery
from notifications.channels.capture import AT_ONCE, REPORTED
from notifications.models import Channel, Lane, State
from practices import current
from practices.models import Practice
from tests.notifications.conftest import CODE, PHONE, SECRET, Queue, make_practice, queue_hello

LINKS = [f"https://example.org/verify/{SECRET}"]


@pytest.fixture
def client(practice: Practice) -> Client:
    current.forget()
    return Client(headers={"host": practice.host})


def test_an_empty_inbox_says_so(client: Client) -> None:
    page = client.get("/inbox/").content.decode()
    assert "Nothing was sent yet" in page


def test_every_message_is_shown_with_its_links_newest_first(client: Client, queue: Queue) -> None:
    queue(to="first@example.com")
    other = queue_hello(make_practice(name="Another practice"), to="second@example.com")
    delivery.drain(Lane.URGENT)
    page = client.get("/inbox/").content.decode()
    assert 0 < page.index("second@example.com") < page.index("first@example.com")
    assert f'href="https://{other.practice.host}/verify/{SECRET}"' in page
    assert "Another practice" in page
    assert "Email: Sent" in page


def test_as_json_for_scripts(client: Client, queue: Queue, practice: Practice) -> None:
    queue()
    queue(to="maria+portal@example.com")
    delivery.drain(Lane.URGENT)
    everything = client.get("/inbox/", headers={"accept": "application/json"}).json()
    assert [message["to"] for message in everything[:2]] == ["maria+portal@example.com", "maria@example.com"]
    for query in ("maria+portal@example.com", "MARIA%2Bportal@example.com"):
        [message] = client.get(f"/inbox/?to={query}", headers={"accept": "application/json"}).json()
        assert message["to"] == "maria+portal@example.com"
    sent_at = message.pop("sent_at")
    assert sent_at.endswith("+00:00")
    assert message == {
        "channel": "email",
        "to": "maria+portal@example.com",
        "subject": f"News from {practice.name} for Maria",
        "body": message["body"],
        "links": [f"https://{practice.host}/verify/{SECRET}", *LINKS],
        "state": "sent",
        "practice": practice.slug,
    }
    assert SECRET in message["body"]


def test_a_filter_that_finds_nothing_offers_all(client: Client, queue: Queue) -> None:
    queue()
    delivery.drain(Lane.URGENT)
    page = client.get("/inbox/?to=nobody%00@example.com<b>").content.decode()
    assert "Nothing was sent to nobody@example.com&lt;b&gt;." in page
    assert 'href="/inbox/"' in page


def test_markup_in_a_message_is_shown_not_run(client: Client, queue: Queue) -> None:
    queue(context={"who": "<script>alert(1)</script>", "secret": "x"})
    delivery.drain(Lane.URGENT)
    page = client.get("/inbox/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_texts_and_calls_are_there_too(client: Client, code: Queue) -> None:
    code()
    code(Channel.VOICE)
    delivery.drain(Lane.URGENT)
    call, text = client.get(f"/inbox/?to={PHONE}", headers={"accept": "application/json"}).json()
    assert (text["channel"], text["to"], text["subject"], text["state"]) == ("sms", PHONE, "", "delivered")
    assert f"your code is {CODE}." in text["body"]
    assert (call["channel"], call["body"].count("0. 1. 2. 3. 4. 5.")) == ("voice", 3)
    page = client.get("/inbox/").content.decode()
    assert "Text: Delivered" in page
    assert "Call: Delivered" in page


@pytest.mark.parametrize("number", ["+12125530003", "+12125530007"])
def test_a_number_that_ends_in_a_carriers_error_code_meets_with_it(client: Client, code: Queue, number: str) -> None:
    message = code(to=number)
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.UNDELIVERED, f"twilio_{number[-5:]}")
    assert "Text: Not delivered" in client.get("/inbox/").content.decode()


def test_the_page_says_which_endings_fail_and_what_patients_are_told(client: Client) -> None:
    page = client.get("/inbox/").content.decode()
    assert "212-553-0003" in page
    assert "<b>30003</b>: The phone could not be reached." in page
    assert re.findall(r"<b>(\d{5})</b>", page) == [*AT_ONCE, *REPORTED]


def test_a_number_that_ends_in_a_refusal_is_refused(code: Queue) -> None:
    message = code(to="+12125521614")
    delivery.drain(Lane.URGENT)
    message.refresh_from_db()
    assert (message.state, message.failure) == (State.FAILED, "twilio_21614")


def test_stop_can_be_texted_back_and_start(client: Client, code: Queue, practice: Practice) -> None:
    code()
    delivery.drain(Lane.URGENT)
    [address] = re.findall(r'action="(/inbox/answer/\d+/)"', client.get("/inbox/").content.decode())
    assert client.post(address, {"word": "STOP"}).status_code == 302
    stopped = code()
    delivery.drain(Lane.URGENT)
    stopped.refresh_from_db()
    assert stopped.failure == "stopped"
    client.post(address, {"word": "START"})
    code()
    assert delivery.drain(Lane.URGENT) == 1
    assert practice.captured_messages.count() == 2


def test_the_demo_is_what_these_tests_run() -> None:
    assert settings.DEMO
