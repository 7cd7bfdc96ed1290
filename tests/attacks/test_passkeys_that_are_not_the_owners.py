"""The attacker: has the answer of a passkey, a copy of one, or one of their own, and wants into another's account."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from accounts import security
from guard.models import Session
from tests.accounts.test_passkeys import add, asked, origin, question, sign_in
from tests.people import MARIA, Browser, a_practice, a_request, an_account, h1, mail, trail, words
from tests.verification.soft_keys import PRESENT, SoftKey
from verification import passkey_challenges
from verification.models import Passkey

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def key(practice: Practice, account: Account) -> SoftKey:
    """The owner's, used once."""
    owner, made = Browser(practice), SoftKey()
    owner.sign_in(account.sign_in_name)
    assert add(owner, made).status_code == 302
    assert sign_in(Browser(practice), made).status_code == 302
    return made


def refused(browser: Browser, answer: str) -> str:
    """What the page says of an answer that let nobody in."""
    page = browser.post("/passkey/", {"answer": answer})
    assert page.status_code == 400
    assert h1(page) == "Your passkey was not accepted"
    assert settings.SESSION_COOKIE_NAME not in browser.cookies
    return words(page)


def twin(browser: Browser) -> Browser:
    """Another browser with the same secret of its forms, as for who copied all cookies."""
    copied = Browser(browser.practice)
    copied.cookies[settings.CSRF_COOKIE_NAME] = browser.cookies[settings.CSRF_COOKIE_NAME].value
    return copied


@pytest.fixture
def synced(key: SoftKey) -> SoftKey:
    """The owner's too, of a kind that does not count its uses: nothing but the question tells two answers apart."""
    Passkey.objects.update(sign_count=0)
    key.counter = -1
    return key


def test_answer_that_was_written_down_works_once(practice: Practice, synced: SoftKey) -> None:
    browser = Browser(practice)
    answer = synced.sign(question(browser), origin(browser))
    thief = twin(browser)
    assert browser.post("/passkey/", {"answer": answer}).status_code == 302
    assert "too long" in refused(thief, answer)


def test_question_is_used_up_by_a_wrong_answer_too(practice: Practice, synced: SoftKey) -> None:
    browser = Browser(practice)
    asked_once = question(browser)
    refused(browser, synced.sign(asked_once, "https://evil.example"))
    synced.counter = -1
    assert "too long" in refused(browser, synced.sign(asked_once, origin(browser)))


def test_question_of_another_browser_is_not_answered(practice: Practice, key: SoftKey) -> None:
    answer = key.sign(question(Browser(practice)), practice.address(""))
    victim = Browser(practice)
    question(victim)
    assert "too long" in refused(victim, answer)


def test_question_that_is_too_old(practice: Practice, key: SoftKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkey_challenges, "LIVES", timedelta(seconds=-1))
    browser = Browser(practice)
    assert "too long" in refused(browser, key.sign(question(browser), origin(browser)))


def test_question_that_was_made_up(practice: Practice, key: SoftKey) -> None:
    browser = Browser(practice)
    made_up = {**question(browser), "challenge": "A" * 75}
    assert "too long" in refused(browser, key.sign(made_up, origin(browser)))


def test_question_of_setting_up_is_good_for_nothing_else(practice: Practice, account: Account, key: SoftKey) -> None:
    owner = Browser(practice)
    sign_in(owner, key)
    order = asked(owner.get("/settings/security/passkey/"))
    for page in ("/passkey/", "/settings/security/confirm/passkey/"):
        answer = key.sign({"challenge": order["challenge"], "rpId": order["rp"]["id"]}, origin(owner))
        assert "too long" in words(owner.post(page, {"answer": answer}))


@pytest.mark.parametrize("counter", [0, 1])
def test_copied_passkey_is_refused_and_its_owner_told(practice: Practice, key: SoftKey, counter: int) -> None:
    """The copy knows the counter of before: the owner used it since, so that two answers have the same number."""
    thief = key.copy()
    sign_in(Browser(practice), key)
    thief.counter = counter
    for _ in range(2):
        browser = Browser(practice)
        assert "copied it" in refused(browser, thief.sign(question(browser), origin(browser)))
        thief.counter = counter
    assert [one["to"] for one in mail("passkey_copied", practice=practice)] == [MARIA.email]
    assert len(trail(practice, "passkey.refused")) == 1
    assert sign_in(Browser(practice), key).status_code == 302  # the owner's own goes on


def test_nobody_without_the_key_makes_it_look_copied(practice: Practice, key: SoftKey) -> None:
    forger = SoftKey(credential_id=key.credential_id, handle=key.handle)
    browser = Browser(practice)
    assert "did not work" in refused(browser, forger.sign(question(browser), origin(browser)))
    assert mail("passkey_copied", practice=practice) == []


def test_keys_that_do_not_count_sign_in_again_and_again(practice: Practice, account: Account) -> None:
    owner, synced = Browser(practice), SoftKey(counter=-1)
    owner.sign_in(account.sign_in_name)
    order = asked(owner.get("/settings/security/passkey/"))
    synced.counter = 0
    owner.post("/settings/security/passkey/", {"called": "Cloud", "answer": synced.make(order, origin(owner))})
    for _ in range(3):
        synced.counter = -1
        assert sign_in(Browser(practice), synced).status_code == 302


def test_counter_may_be_as_large_as_it_gets(practice: Practice, key: SoftKey) -> None:
    key.counter = 2**32 - 2
    assert sign_in(Browser(practice), key).status_code == 302
    assert Passkey.objects.get().sign_count == 2**32 - 1


def test_removed_passkey_is_refused(practice: Practice, account: Account, key: SoftKey) -> None:
    security.remove(account=account, option=Passkey.objects.get(), request=a_request(practice))
    browser = Browser(practice)
    assert "may have been removed" in refused(browser, key.sign(question(browser), origin(browser)))


def test_closed_account_is_not_opened(practice: Practice, account: Account, key: SoftKey) -> None:
    account.is_active = False
    account.save()
    browser = Browser(practice)
    assert "not known here" in refused(browser, key.sign(question(browser), origin(browser)))


def test_finder_of_a_phone_who_cannot_unlock_it(practice: Practice, key: SoftKey) -> None:
    browser = Browser(practice)
    assert "did not work" in refused(browser, key.sign(question(browser), origin(browser), flags=PRESENT))


def test_page_of_somebody_else_gets_nothing(practice: Practice, key: SoftKey) -> None:
    for elsewhere in ("https://evil.example", f"{practice.address('')}.evil.example", a_practice("oak").address("")):
        browser = Browser(practice)
        assert "did not work" in refused(browser, key.sign(question(browser), elsewhere))
    browser = Browser(practice)
    assert "did not work" in refused(browser, key.sign(question(browser), origin(browser), host="evil.example"))


def test_passkey_of_another_host_is_none_here(practice: Practice, key: SoftKey) -> None:
    browser = Browser(a_practice("oak"))
    assert "not known here" in refused(browser, key.sign(question(browser), origin(browser)))


def test_device_names_the_owner_or_nobody_comes_in(practice: Practice, account: Account, key: SoftKey) -> None:
    browser = Browser(practice)
    assert "not known here" in refused(browser, key.sign(question(browser), origin(browser), userHandle=None))
    other = key.copy()
    other.handle = "AAAA"
    browser = Browser(practice)
    assert "not known here" in refused(browser, other.sign(question(browser), origin(browser)))


def test_passkey_that_nobody_unlocked_is_not_kept(practice: Practice, account: Account) -> None:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    order = asked(browser.get("/settings/security/passkey/"))
    answer = SoftKey().make(order, origin(browser), flags=PRESENT)
    page = browser.post("/settings/security/passkey/", {"called": "x", "answer": answer})
    assert page.status_code == 400
    assert not Passkey.objects.exists()


def test_credential_of_another_account_is_not_taken_over(practice: Practice, key: SoftKey) -> None:
    thief = an_account(practice, MARIA, name="the.thief")
    browser = Browser(practice)
    browser.sign_in(thief.sign_in_name)
    page = add(browser, SoftKey(credential_id=key.credential_id))
    assert page.status_code == 400
    assert Passkey.objects.get().user_id != thief.pk


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_garbage_is_refused_and_leaves_nothing(practice: Practice, key: SoftKey, data: st.DataObject) -> None:
    """Parts of an honest answer in any shape, and anything else."""
    browser = Browser(practice)
    honest: dict[str, Any] = json.loads(key.sign(question(browser), origin(browser)))
    spoilt = data.draw(st.sampled_from([*honest, *honest["response"], ""]))
    wrong = data.draw(JSON)
    if spoilt in honest["response"]:
        honest["response"][spoilt] = wrong
    elif spoilt:
        honest[spoilt] = wrong
    answer = json.dumps(honest) if spoilt else str(wrong)
    before = Session.objects.count()
    answered = browser.post("/passkey/", {"answer": answer})
    assert answered.status_code in {302, 400}
    if answered.status_code == 400:
        assert Session.objects.count() == before


@pytest.mark.parametrize("answer", ["", "[", "[" * 16_000, "{}", '{"rawId":1}', "x" * 60_000, '"\\ud800"'])
def test_what_no_browser_sends(practice: Practice, answer: str) -> None:
    refused(Browser(practice), answer)
