"""**Add a passkey**, and signing in with one: alone, and as the second step."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import record as audit_record
from guard.models import Session
from practices.choices import CodeWhen
from tests.people import MARIA, Browser, a_practice, an_account, h1, mail, trail, words
from tests.verification.soft_keys import SoftKey
from verification.models import Passkey

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
ADD = "/settings/security/passkey/"
SECOND_STEP = "/second-step/passkey/"


@pytest.fixture
def owner(practice: Practice, account: Account) -> Browser:
    """The account's own browser, signed in."""
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def asked(page: Any) -> dict[str, Any]:
    """What a page tells its script to ask the browser."""
    found = re.search(r'data-question="([^"]+)"', page.content.decode())
    assert found, words(page)
    question: dict[str, Any] = json.loads(unescape(found[1]))
    return question


def origin(browser: Browser) -> str:
    return browser.practice.address("")


def add(browser: Browser, key: SoftKey, called: str = "My phone") -> Any:
    order = asked(browser.get(ADD))
    return browser.post(ADD, {"called": called, "answer": key.make(order, origin(browser))})


def question(browser: Browser) -> dict[str, Any]:
    """As the script of the sign-in page asks."""
    browser.get("/")
    told: dict[str, Any] = browser.get("/passkey/question/").json()
    return told


def sign_in(browser: Browser, key: SoftKey, **how: Any) -> Any:
    return browser.post("/passkey/", {"answer": key.sign(question(browser), origin(browser), **how)})


@pytest.fixture
def key(owner: Browser) -> SoftKey:
    """A passkey that is on the account."""
    made = SoftKey()
    assert add(owner, made).status_code == 302
    return made


def test_passkey_is_made_and_signs_in_by_itself(practice: Practice, account: Account, key: SoftKey) -> None:
    browser = Browser(practice)
    assert sign_in(browser, key).url == "/home/"
    assert browser.is_signed_in
    passkey = Passkey.objects.get(user_id=account.pk)
    assert (passkey.name, passkey.sign_count, passkey.rp_id) == ("My phone", 1, practice.host)
    assert passkey.last_used_at is not None
    assert sign_in(Browser(practice), key).url == "/home/"


def test_way_back_is_kept_and_leads_nowhere_else(practice: Practice, key: SoftKey) -> None:
    for path, leads_to in (("/settings/", "/settings/"), ("//evil.example/", "/home/")):
        browser = Browser(practice)
        answer = key.sign(question(browser), origin(browser))
        assert browser.post("/passkey/", {"answer": answer, "next": path}).url == leads_to


def test_several_have_names_and_a_device_is_not_asked_twice(owner: Browser, account: Account, key: SoftKey) -> None:
    order = asked(owner.get(ADD))
    assert len(order["excludeCredentials"]) == 1
    assert add(owner, SoftKey(), called="Yellow key").status_code == 302
    assert set(Passkey.objects.filter(user_id=account.pk).values_list("name", flat=True)) == {"My phone", "Yellow key"}
    page = words(owner.get("/settings/security/"))
    assert "My phone" in page
    assert "Yellow key" in page


def test_making_one_is_told_and_on_the_trail(practice: Practice, account: Account, key: SoftKey) -> None:
    assert trail(practice, "option.added") == [str(account.pk)]
    assert [one["to"] for one in mail("option_added", practice=practice)] == [MARIA.email]


def test_nothing_is_kept_where_the_trail_cannot_be_written(
    owner: Browser, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = asked(owner.get(ADD))

    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit_record, "add", fails)
    with pytest.raises(RuntimeError):
        owner.post(ADD, {"called": "x", "answer": SoftKey().make(order, origin(owner))})
    assert not Passkey.objects.filter(user_id=account.pk).exists()


def test_name_is_asked_for(owner: Browser, account: Account) -> None:
    page = owner.post(ADD, {"called": "", "answer": ""})
    assert page.status_code == 400
    assert "Enter name of this passkey." in words(page)
    assert not Passkey.objects.filter(user_id=account.pk).exists()


def test_practice_that_offers_none_leaves_those_there_are(practice: Practice, owner: Browser, key: SoftKey) -> None:
    practice.settings.options_offered = ["text"]
    practice.settings.save()
    from practices import current

    current.forget()
    assert owner.get(ADD).url == "/settings/security/"
    assert sign_in(Browser(practice), key).url == "/home/"


def test_second_step_takes_it_after_the_password(practice: Practice, account: Account, key: SoftKey) -> None:
    browser = Browser(practice)
    assert browser.sign_in(account.sign_in_name).url == SECOND_STEP
    page = browser.get(SECOND_STEP)
    assert h1(page) == "Use your passkey"
    wanted = asked(page)
    assert len(wanted["allowCredentials"]) == 1
    assert not browser.is_signed_in
    # A security key need not say whose it is: the password did.
    answer = key.sign(wanted, origin(browser), userHandle=None)
    assert browser.post(SECOND_STEP, {"answer": answer}).url == "/home/"
    assert browser.is_signed_in


def test_second_step_refuses_somebody_elses(practice: Practice, account: Account, key: SoftKey) -> None:
    stranger = an_account(practice, MARIA, name="somebody.else")
    theirs = Browser(practice)
    theirs.sign_in(stranger.sign_in_name)
    other = SoftKey()
    add(theirs, other)
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    page = browser.post(SECOND_STEP, {"answer": other.sign(asked(browser.get(SECOND_STEP)), origin(browser))})
    assert page.status_code == 400
    assert "not known here" in words(page)
    assert not browser.is_signed_in
    assert trail(practice, "second_step.failed") == [str(account.pk)]


def test_confirming_a_change_takes_it_without_the_password(owner: Browser, key: SoftKey) -> None:
    confirm = "/settings/security/confirm/passkey/"
    assert confirm in owner.get("/settings/security/confirm/").content.decode()
    session = owner.session
    session.pop("step_up", None)
    session.save()
    assert owner.get(ADD).url == "/settings/security/confirm/"
    answer = key.sign(asked(owner.get(confirm)), origin(owner))
    assert owner.post(confirm, {"answer": answer}).url == ADD
    assert h1(owner.get(ADD)) == "Add a passkey"


def test_second_step_without_a_password_begins_at_the_beginning(practice: Practice, key: SoftKey) -> None:
    assert Browser(practice).get(SECOND_STEP).url == "/"


def test_new_browser_is_not_asked_again_where_the_practice_trusts_it(practice: Practice) -> None:
    trusting = a_practice("oak", code_when=CodeWhen.NEW_DEVICES)
    account = an_account(trusting)
    owner = Browser(trusting)
    owner.sign_in(account.sign_in_name)
    key = SoftKey()
    add(owner, key)
    browser = Browser(trusting)
    sign_in(browser, key)
    browser.post("/sign-out/")
    assert browser.sign_in(account.sign_in_name).url == "/home/"
    assert Browser(trusting).sign_in(account.sign_in_name).url == SECOND_STEP


def test_looking_at_the_question_costs_nothing(practice: Practice) -> None:
    browser = Browser(practice)
    browser.get("/")
    before = Session.objects.count()
    with CaptureQueriesContext(connection) as queries:
        told = browser.get("/passkey/question/").json()
    assert [query["sql"] for query in queries] == []
    assert settings.SESSION_COOKIE_NAME not in browser.cookies
    assert Session.objects.count() == before
    assert told["userVerification"] == "required"
    assert told["allowCredentials"] == []
