"""The attacker: has the password, or an option of his own on the account, and wants to keep the owner out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts import newcomers, notices, security, told
from accounts.models import Account
from practices.choices import CodeWhen, SecurityOption
from tests.accounts.options_kit import KEY, a_text_option, an_app, shown
from tests.accounts.test_passkeys import ADD, asked, origin
from tests.people import MARIA, Browser, a_practice, a_request, an_account, an_option, mail, path_of, trail
from tests.verification.codes_kit import pause_ends
from tests.verification.soft_keys import SoftKey
from verification import changes, options
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
OWNERS, THIEFS = "+12125550142", "+12125550199"
SET_UPS = ("/protect/", "/protect/text/", "/settings/security/authenticator/", ADD)


@pytest.fixture
def practice() -> Practice:
    return a_practice(option_required=True)


@pytest.fixture
def maria(practice: Practice) -> Account:
    return an_account(practice)


# --- At the gate, where the first option is set up --------------------------------------------------------------------


def at_the_gate(practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert browser.get("/home/").url == "/protect/"
    return browser


def set_up(browser: Browser, account: Account, phone: str) -> Any:
    pause_ends(account)
    browser.post("/protect/text/", {"phone": phone})
    return browser.type_code(phone, "/protect/code/")


@pytest.mark.parametrize("page", SET_UPS)
def test_who_waited_at_the_gate_adds_nothing_once_the_owner_is_protected(
    page: str, practice: Practice, maria: Account
) -> None:
    thief, owner = at_the_gate(practice), at_the_gate(practice)
    assert thief.get(page).status_code == 200
    assert set_up(owner, maria, OWNERS).url == "/home/"
    for method in (thief.get, thief.post):
        assert method(page).url == "/settings/security/confirm/"
    assert [one.target for one in options.of(maria)] == [OWNERS]


def test_code_that_was_sent_before_the_owner_was_protected_sets_nothing_up(practice: Practice, maria: Account) -> None:
    thief = at_the_gate(practice)
    thief.post("/protect/text/", {"phone": THIEFS})
    app = an_app(maria)
    assert thief.type_code(THIEFS, "/protect/code/").url == "/protect/"
    assert options.of(maria) == [app]


def test_authenticator_key_that_was_shown_before_is_good_for_nothing(practice: Practice, maria: Account) -> None:
    thief, owner = at_the_gate(practice), at_the_gate(practice)
    thief.get("/settings/security/authenticator/")
    set_up(owner, maria, OWNERS)
    answer = thief.post("/settings/security/authenticator/", {"code": shown(KEY), "option_name": ""})
    assert answer.url == "/settings/security/confirm/"


def test_owner_in_a_second_browser_proves_the_option_and_goes_on(practice: Practice, maria: Account) -> None:
    second, first = at_the_gate(practice), at_the_gate(practice)
    set_up(first, maria, OWNERS)
    pause_ends(maria)
    assert second.get("/protect/").url == "/settings/security/confirm/"
    code_page = second.post("/settings/security/confirm/", {"password": "Kite-flying-77"}).url
    assert second.type_code(OWNERS, code_page).url == "/home/"
    assert second.get("/home/").status_code == 200


def test_password_alone_does_not_open_the_gate_of_a_second_browser(practice: Practice, maria: Account) -> None:
    thief, owner = at_the_gate(practice), at_the_gate(practice)
    set_up(owner, maria, OWNERS)
    pause_ends(maria)
    thief.post("/settings/security/confirm/", {"password": "Kite-flying-77"})
    assert thief.get("/home/").url == "/protect/"


def test_password_once_more_is_no_option(practice: Practice, maria: Account) -> None:
    thief = at_the_gate(practice)
    thief.post("/settings/security/confirm/", {"password": "Kite-flying-77"})
    assert thief.get("/home/").url == "/protect/"


def test_who_was_stopped_at_the_gate_does_not_add_the_next_one(practice: Practice, maria: Account) -> None:
    thief = at_the_gate(practice)
    set_up(thief, maria, THIEFS)
    [told] = [one for one in mail("option_added") if one["to"] == MARIA.email]
    owner = Browser(practice)
    owner.get(path_of(told["not_me"]))
    owner.post("/not-my-change/")
    assert options.of(maria) == []
    again = at_the_gate(practice)
    assert again.get("/protect/").url == "/settings/security/confirm/stronger/"
    page = again.get("/settings/security/confirm/stronger/")
    assert 'href="/settings/security/"' not in page.content.decode()  # it would lead back here
    assert "the people at the practice can lift this sooner" in page.content.decode()
    assert practice.phone in page.content.decode()
    assert again.post("/protect/text/", {"phone": THIEFS}).status_code == 302
    assert options.of(maria) == []


# --- The thief's own address on the account ---------------------------------------------------------------------------


def weeks_old(account: Account) -> None:
    """The account, its email and all its options are older than a week."""
    long_ago = timezone.now() - changes.LIVES * 3
    Account.objects.filter(pk=account.pk).update(created_at=long_ago, email_verified_at=long_ago)
    CodeOption.objects.filter(user=account).update(created_at=long_ago)
    account.refresh_from_db()


@pytest.fixture
def settled(maria: Account) -> Account:
    """Maria, who has had her phone on the account for weeks; a thief has just added his own."""
    an_option(maria, OWNERS)
    weeks_old(maria)
    an_option(maria, THIEFS)
    return maria


def links(notice: str) -> dict[str, str]:
    return {one["to"]: one["not_me"] for one in mail(notice)}


def test_thiefs_phone_is_told_and_cannot_undo_its_own_removal(practice: Practice, settled: Account) -> None:
    theirs = CodeOption.objects.get(target=THIEFS)
    security.remove(account=settled, option=theirs, request=a_request(practice))
    sent = links("option_removed")
    assert sent.keys() == {MARIA.email, OWNERS, THIEFS}
    assert sent[MARIA.email]
    assert sent[OWNERS]
    assert sent[THIEFS] == ""


def test_owners_phone_gets_the_link_when_the_thief_removes_it(practice: Practice, settled: Account) -> None:
    security.remove(account=settled, option=CodeOption.objects.get(target=OWNERS), request=a_request(practice))
    sent = links("option_removed")
    assert sent[OWNERS]
    assert sent[THIEFS] == ""
    assert newcomers.of(settled) == {("sms", THIEFS)}  # it does not become the oldest by that


def test_other_changes_of_the_owner_are_out_of_the_thiefs_reach(practice: Practice, settled: Account) -> None:
    security.ask_to_change(account=settled, request=a_request(practice))
    security.add_backup_codes(account=settled, request=a_request(practice))
    for notice in ("option_change_asked", "option_added"):
        assert [to for to, link in links(notice).items() if not link] == [THIEFS]


def test_password_that_the_owner_changed_is_not_put_back_by_the_thief(practice: Practice, settled: Account) -> None:
    """The link would make it the old one again, which he knows."""
    notices.password_changed(account=settled, to=told.everybody(settled, practice), secret="of-the-owner")
    assert [to for to, link in links("password_changed").items() if not link] == [THIEFS]
    assert OWNERS in links("password_changed")


def test_email_that_was_verified_lately_is_a_newcomer_too(settled: Account) -> None:
    Account.objects.filter(pk=settled.pk).update(email_verified_at=timezone.now())
    settled.refresh_from_db()
    assert newcomers.of(settled) == {("email", MARIA.email), ("sms", THIEFS)}


def test_in_the_first_week_and_where_nobody_else_could_everybody_may_object(practice: Practice) -> None:
    new = an_account(practice)
    an_option(new, OWNERS)
    assert newcomers.of(new) == set()
    Account.objects.filter(pk=new.pk).update(created_at=timezone.now() - changes.LIVES * 3)
    new.refresh_from_db()
    assert newcomers.of(new) == set()


def test_after_a_week_an_address_is_one_like_the_others(settled: Account) -> None:
    weeks_old(settled)
    assert newcomers.of(settled) == set()


# --- A phone that was lost --------------------------------------------------------------------------------------------


def test_removing_an_option_has_every_browser_asked_for_a_code_again() -> None:
    practice = a_practice(code_when=CodeWhen.NEW_DEVICES)
    account = an_account(practice)
    lost, kept = an_option(account, THIEFS), an_option(account, OWNERS)
    finder = Browser(practice)
    finder.sign_in(MARIA.email)
    finder.post("/second-step/choose/", {"option": lost.persistent_id})
    finder.type_code(mail("code")[-1]["to"])
    finder.post("/sign-out/")
    assert finder.sign_in(MARIA.email).url == "/home/"
    security.remove(account=account, option=lost, request=a_request(practice))
    finder.post("/sign-out/")
    pause_ends(account)
    assert finder.sign_in(MARIA.email).url == "/second-step/code/"
    assert mail("code")[-1]["to"] == kept.target


# --- Ways that no page offers -----------------------------------------------------------------------------------------


def test_call_is_not_to_be_had_where_the_practice_offers_none(maria: Account, practice: Practice) -> None:
    practice.settings.options_offered = [SecurityOption.TEXT]
    practice.settings.save()
    browser = at_the_gate(practice)
    browser.post("/protect/text/", {"phone": OWNERS})
    pause_ends(maria)
    assert browser.post("/protect/code/call/").url == "/protect/"
    assert {one["to"] for one in mail("code")} == {OWNERS}
    assert not mail("code", channel=Channel.VOICE.value)


def test_passkey_of_another_host_is_not_to_be_chosen(practice: Practice, maria: Account) -> None:
    elsewhere = a_practice("oak")
    owner = Browser(elsewhere)
    owner.sign_in(MARIA.email)
    key = SoftKey()
    owner.post(ADD, {"called": "Key", "answer": key.make(asked(owner.get(ADD)), origin(owner))})
    [passkey] = options.of(maria)
    browser = Browser(practice)
    assert browser.sign_in(MARIA.email).url == "/second-step/ways/"
    assert browser.post("/second-step/choose/", {"option": passkey.persistent_id}).url == "/second-step/ways/"


def test_passkeys_that_are_answered_with_rubbish_fill_no_trail(practice: Practice, maria: Account) -> None:
    owner = at_the_gate(practice)
    key = SoftKey()
    owner.post(ADD, {"called": "Key", "answer": key.make(asked(owner.get(ADD)), origin(owner))})
    thief = Browser(practice)
    assert thief.sign_in(MARIA.email).url == "/second-step/passkey/"
    for _ in range(12):
        assert thief.post("/second-step/passkey/", {"answer": "{}"}).status_code == 400
    assert trail(practice, "second_step.failed") == [str(maria.pk)]


def test_app_is_asked_for_and_its_wrong_codes_stay_counted(practice: Practice, maria: Account) -> None:
    """What is counted already is on the trail each time."""
    an_app(maria)
    a_text_option(maria)
    thief = Browser(practice)
    thief.sign_in(MARIA.email)
    option = next(one for one in options.of(maria) if options.kind(one) == SecurityOption.APP)
    thief.post("/second-step/choose/", {"option": option.persistent_id})
    for _ in range(3):
        thief.post("/second-step/typed/", {"code": "000000"})
    assert len(trail(practice, "second_step.failed")) == 3
