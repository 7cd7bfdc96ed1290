"""Renaming and removing options, who is told, and **This wasn't me** (docs/flows.md D and rule 12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts import notices, security
from accounts.models import Account
from notifications.models import Channel, Message
from notifications.words import render_notice
from practices.models import Practice
from tests.accounts.options_kit import (
    PHONE,
    SECURITY,
    a_sheet,
    a_text_option,
    an_app,
    code_sent,
    key_on,
    rested,
    sessions_of,
    shown,
    week_later,
)
from tests.people import Browser, a_practice, an_account, front_desk, h1, mail, path_of, trail, words
from verification import backup, changes, options
from verification.models import AuthenticatorOption, BackupCodes, CodeOption, Option, OptionChange

pytestmark = pytest.mark.django_db

OTHER = "+12125550177"


@pytest.fixture
def account(practice: Practice) -> Account:
    account = an_account(practice)
    a_text_option(account)
    return account


@pytest.fixture
def browser(practice: Practice, account: Account) -> Browser:
    """Signed in just now, with a code."""
    return fresh(practice, account)


def fresh(practice: Practice, account: Account) -> Browser:
    browser = Browser(practice)
    browser.post(browser.sign_in(account.sign_in_name).url, {"code": code_sent()})
    return browser


def remove(browser: Browser, option: Option) -> object:
    return browser.post(reverse("option_remove", args=[option.persistent_id]))


def text_of(account: Account) -> CodeOption:
    return CodeOption.objects.get(user=account, target=PHONE)


def test_a_name_tells_it_from_the_others(browser: Browser, account: Account) -> None:
    page = reverse("option_rename", args=[text_of(account).persistent_id])
    assert h1(browser.get(page)) == "Rename a security option"
    assert browser.post(page, {"option_name": "  My   old phone "}).url == SECURITY
    assert "Text me: My old phone" in words(browser.get(SECURITY))


def test_the_page_says_what_removing_means_and_a_get_removes_nothing(browser: Browser, account: Account) -> None:
    page = browser.get(reverse("option_remove", args=[text_of(account).persistent_id]))
    assert h1(page) == "Remove a security option"
    assert "We tell all your addresses" in words(page)
    assert text_of(account).confirmed


def test_a_removed_option_is_gone_and_the_old_addresses_are_told(
    browser: Browser, practice: Practice, account: Account
) -> None:
    remove(browser, text_of(account))
    assert options.of(account) == []
    assert "Text me" not in words(browser.get(SECURITY)).partition("Where you are signed in")[0]
    assert [one["to"] for one in mail("option_removed")] == ["maria@example.com", PHONE]
    assert trail(practice, "option.removed") == [str(account.pk)]


def test_an_added_phone_is_told_as_well_as_the_old_one(practice: Practice, account: Account) -> None:
    browser = fresh(practice, account)
    Message.objects.all().delete()
    rested(account)
    browser.post("/protect/text/", {"phone": OTHER})
    browser.post("/protect/code/", {"code": code_sent(OTHER)})
    assert sorted(one["to"] for one in mail("option_added")) == sorted(["maria@example.com", PHONE, OTHER])


def test_an_unverified_email_is_told_nothing(practice: Practice) -> None:
    account = an_account(practice, verified=False)
    a_text_option(account)
    remove(fresh(practice, account), text_of(account))
    assert [one["to"] for one in mail("option_removed")] == [PHONE]


def test_the_last_one_stays_where_a_practice_requires_one() -> None:
    practice = a_practice(option_required=True)
    account = an_account(practice)
    a_text_option(account)
    a_sheet(account)
    browser = fresh(practice, account)
    page = reverse("option_remove", args=[text_of(account).persistent_id])
    assert "Add another first" in words(browser.get(page))
    assert browser.post(page).url == page
    assert text_of(account).confirmed
    second = a_text_option(account, OTHER)
    assert browser.post(page).url == SECURITY
    assert [one.pk for one in options.of(account) if isinstance(one, CodeOption)] == [second.pk]


def test_the_last_one_of_staff_stays(practice: Practice) -> None:
    staff = front_desk(practice)
    assert security.is_last_of_required(staff, a_text_option(staff))


def test_backup_codes_can_always_be_removed() -> None:
    practice = a_practice(option_required=True)
    account = an_account(practice)
    a_text_option(account)
    a_sheet(account)
    remove(fresh(practice, account), BackupCodes.objects.get(user=account))
    assert [options.kind(one) for one in options.of(account)] == ["text"]


@pytest.mark.parametrize("broken", ["audit", "notice", "change"])
def test_all_of_it_or_nothing(broken: str, browser: Browser, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_options: object) -> None:
        raise RuntimeError(broken)

    where = {"audit": (security, "record"), "notice": (notices, "option_removed"), "change": (changes, "note")}
    monkeypatch.setattr(*where[broken], fails)
    with pytest.raises(RuntimeError, match=broken):
        remove(browser, text_of(account))
    monkeypatch.undo()
    assert text_of(account).confirmed
    assert mail("option_removed") == []
    assert not OptionChange.objects.filter(user=account).exists()


# --- This wasn't me --------------------------------------------------------------------------------------------------


def objects(practice: Practice, notice: str, *, to: str = "maria@example.com") -> Browser:
    """Who was told opens the link in another browser and presses the button."""
    told = Browser(practice, address="203.0.113.5")
    [link] = [path_of(one["not_me"]) for one in mail(notice) if one["to"] == to]
    assert told.get(link).url == "/not-my-change/"
    assert h1(told.get("/not-my-change/")) == "This wasn't me"
    assert told.post("/not-my-change/").url == "/not-my-change/"
    assert h1(told.get("/not-my-change/")) == "The change is taken back"
    return told


def test_opening_the_link_takes_nothing_back(browser: Browser, practice: Practice, account: Account) -> None:
    remove(browser, text_of(account))
    told = Browser(practice)
    told.get(path_of(mail("option_removed")[0]["not_me"]))
    told.get("/not-my-change/")
    assert options.of(account) == []
    assert browser.is_signed_in


@pytest.mark.parametrize("to", ["maria@example.com", PHONE])
def test_what_was_removed_comes_back_and_the_thief_is_out(
    to: str, browser: Browser, practice: Practice, account: Account
) -> None:
    remove(browser, text_of(account))
    objects(practice, "option_removed", to=to)
    assert [option.persistent_id for option in options.of(account)] == [text_of(account).persistent_id]
    assert not browser.is_signed_in
    assert sessions_of(account) == 0
    assert trail(practice, "option.change_stopped") == [str(account.pk)]
    assert [one["to"] for one in mail("option_change_stopped")] == [practice.email]


def test_what_was_added_is_gone_and_nothing_can_be_added_instead(practice: Practice) -> None:
    """Somebody who knows the password of an account without options makes it theirs, and the owner hears of it."""
    account = an_account(practice)
    thief = Browser(practice, address="203.0.113.99")
    thief.sign_in(account.sign_in_name)
    page = "/settings/security/authenticator/"
    thief.post(page, {"code": shown(key_on(thief.get(page)))})
    objects(practice, "option_added")
    assert not AuthenticatorOption.objects.filter(user=account, confirmed=True).exists()
    assert not thief.is_signed_in
    thief.sign_in(account.sign_in_name)
    assert thief.get(page).url == "/settings/security/confirm/stronger/"
    said = words(thief.get("/settings/security/confirm/stronger/"))
    assert "answered that it was not them" in said
    assert "Use my authenticator app or passkey" not in said
    week_later(account)
    assert thief.get(page).status_code == 200  # the practice has had a week


def test_pressing_twice_is_once(browser: Browser, practice: Practice, account: Account) -> None:
    remove(browser, text_of(account))
    objects(practice, "option_removed").post("/not-my-change/")
    assert len(mail("option_change_stopped")) == 1


def test_the_same_number_set_up_again_meanwhile_stays_as_it_is(
    browser: Browser, practice: Practice, account: Account
) -> None:
    remove(browser, text_of(account))
    again = CodeOption.objects.create(user=account, channel="sms", target=PHONE)
    objects(practice, "option_removed")
    assert [option.persistent_id for option in options.of(account)] == [again.persistent_id]


def test_new_backup_codes_give_way_to_the_old_ones(browser: Browser, practice: Practice, account: Account) -> None:
    old = a_sheet(account)
    browser.post("/settings/security/backup-codes/")
    objects(practice, "option_added")
    sheet = backup.sheet_of(account)
    assert sheet is not None
    assert backup.check(account=account, option=sheet, typed=old[0]).is_proven


@pytest.mark.parametrize("late", [week_later, lambda account: OptionChange.objects.filter(user=account).delete()])
def test_after_a_week_the_link_says_whom_to_call(
    late: Callable[[Account], object], browser: Browser, practice: Practice, account: Account
) -> None:
    remove(browser, text_of(account))
    link = path_of(mail("option_removed")[0]["not_me"])
    late(account)
    told = Browser(practice)
    told.get(link)
    answer = told.get("/not-my-change/")
    assert answer.status_code == 404
    assert practice.phone in words(answer)


def test_the_link_of_another_practice_is_not_known_here(browser: Browser, account: Account) -> None:
    remove(browser, text_of(account))
    told = Browser(a_practice("oak"))
    told.get(path_of(mail("option_removed")[0]["not_me"]))
    assert told.post("/not-my-change/").status_code == 404
    assert options.of(account) == []


def test_after_a_week_the_removed_phone_is_deleted_for_good(browser: Browser, account: Account) -> None:
    remove(browser, text_of(account))
    kept = an_app(account)
    changes.purge()
    assert CodeOption.objects.filter(user=account).exists()
    week_later(account)
    assert changes.purge() == 1
    assert not CodeOption.objects.filter(user=account).exists()
    assert AuthenticatorOption.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("notice", ["option_added", "option_removed", "option_change_asked"])
def test_a_text_says_where_from_and_how_to_stop_it_and_nothing_of_the_patient(notice: str, language: str) -> None:
    context = {"practice": a_practice(), "option": "passkey", "not_me": "https://elm.example.org/not-my-change/secret/"}
    text = render_notice(notice, context, language=language, channel=Channel.SMS).text
    assert text.startswith("Elm Street Practice: ")
    assert text.endswith(" https://elm.example.org/not-my-change/secret/")
    assert "\n" not in text
    assert len(text) < 250  # two segments of a text, with a real link
