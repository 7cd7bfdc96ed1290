"""The attacker: asks for her link with a Host header of his own, so that it leads to his server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.accounts.getting_back import FORGOT, USERNAME, Comeback, months_old
from tests.accounts.options_kit import PHONE, a_text_option, an_app
from tests.enrollment.account_reset_kit import a_record_elsewhere
from tests.people import MARIA, a_chart, a_practice, a_token, an_account, mail

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS = "evil.example.org"
NAMES = {
    "HTTP_HOST": HIS,
    "HTTP_X_FORWARDED_HOST": HIS,
    "HTTP_X_HOST": HIS,
    "HTTP_FORWARDED": f"host={HIS}",
    "HTTP_X_ORIGINAL_URL": f"https://{HIS}/",
    "SERVER_NAME": HIS,
    "HTTP_ORIGIN": f"https://{HIS}",
    "HTTP_REFERER": f"https://{HIS}/",
}


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=PHONE)))
    a_text_option(account)
    months_old(account)
    return account


def links() -> list[str]:
    said = [str(value) for notice in NOTICES for one in mail(notice) for value in one.values()]
    return [value for value in said if value.startswith("http")]


NOTICES = ("password_reset_link", "usernames", "password_reset", "password_reset_waits", "account_reset_asked")


@pytest.mark.parametrize("header", NAMES)
def test_link_leads_to_the_practice_whatever_the_request_says(practice: Practice, maria: Account, header: str) -> None:
    for page, typed in ((FORGOT, {"name": MARIA.email}), (USERNAME, {"email": MARIA.email})):
        told: dict[str, Any] = {"HTTP_HOST": practice.host, header: NAMES[header]}
        answer = Client(**told).post(page, typed)
        assert answer.status_code in {302, 400, 404}
        assert HIS not in answer.headers.get("Location", "")
    assert header == "HTTP_HOST" or len(mail("password_reset_link")) == 1
    assert all(urlsplit(link).hostname == practice.host for link in links())


def test_unknown_host_sends_nothing(practice: Practice, maria: Account) -> None:
    for host in (HIS, f"{practice.host}.{HIS}", f"{practice.host}@{HIS}", f"{practice.host}:80@{HIS}"):
        assert Client(HTTP_HOST=host).post(FORGOT, {"name": MARIA.email}).status_code in {400, 404}
    assert mail("password_reset_link") == []


def test_port_that_was_made_up_is_not_in_the_link(practice: Practice, maria: Account) -> None:
    Client(HTTP_HOST=f"{practice.host}:6666").post(FORGOT, {"name": MARIA.email})
    [link] = links()
    assert "6666" not in link


def test_all_that_follows_leads_there_too(practice: Practice, maria: Account) -> None:
    an_app(maria)
    thief = Comeback(practice, HTTP_X_FORWARDED_HOST=HIS)
    thief.begin()
    thief.post("/reset-password/wait/")
    thief.post("/reset-account/")
    assert len(links()) >= 4
    assert all(urlsplit(link).hostname == practice.host for link in links())


def test_link_of_one_practice_is_opened_at_its_own_address(practice: Practice, maria: Account) -> None:
    """The account is known elsewhere, too; what she asked for at one practice is not sent in the name of another."""
    oak = a_record_elsewhere(maria).practice
    for asked_at in (practice, oak):
        Comeback(asked_at).ask()
        link = links()[-1]
        assert [one["link"] for one in mail("password_reset_link", practice=asked_at)] == [link]
        assert urlsplit(link).hostname == asked_at.host
