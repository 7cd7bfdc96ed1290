"""What tests of a forgotten password need: the link in the mail, and the way from it to home."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F

from accounts.models import Account, AccountChange, ChangeKind
from tests.accounts.getting_back import CHECK, CODE, CREATE, FORGOT, NEW
from tests.accounts.options_kit import PHONE, a_text_option, code_sent, rested
from tests.people import HOME, MARIA, PASSWORD, Browser, an_account, mail, path_of
from verification.models import Challenge, Purpose

if TYPE_CHECKING:
    from practices.models import Practice

SENT, CHOOSE = "/forgot-password/sent/", CREATE


def ask(practice: Practice, name: str = MARIA.email, **options: Any) -> Browser:
    """A browser that pressed **Email me**."""
    browser = Browser(practice, **options)
    assert browser.post(FORGOT, {"name": name}).url == SENT
    return browser


def links(practice: Practice) -> list[str]:
    """The paths of all links that were sent, oldest first."""
    return [path_of(one["link"]) for one in mail("password_reset_link", practice=practice)]


def link(practice: Practice, name: str = MARIA.email) -> str:
    """The path of a new link."""
    ask(practice, name)
    return links(practice)[-1]


def opened(practice: Practice, path: str = "", *, address: str = HOME) -> Browser:
    """A browser that followed a new link, or this one."""
    browser = Browser(practice, address=address)
    assert browser.get(path or link(practice)).url == CHOOSE
    return browser


def choose(browser: Browser, password: str = NEW) -> Any:
    """**Save and continue**."""
    return browser.post(CHOOSE, {"password": password, "confirm_password": password})


def chosen(practice: Practice, path: str = "", *, address: str = HOME) -> Browser:
    """A browser that chose a new password, which counts nothing yet."""
    browser = opened(practice, path, address=address)
    assert choose(browser).url == CHECK
    return browser


def asked_for_code(practice: Practice, path: str = "") -> Browser:
    """A browser that was sent a code by text for its new password."""
    browser = chosen(practice, path)
    assert browser.post(CHECK).url == CODE
    return browser


def with_phone(practice: Practice, **options: Any) -> Account:
    """Maria's account, which gets codes by text."""
    account = an_account(practice, **options)
    a_text_option(account)
    return account


def reset_by_text(practice: Practice, path: str = "") -> Browser:
    """The whole of flow F, to home."""
    browser = asked_for_code(practice, path)
    assert browser.post(CODE, {"code": code_sent(PHONE)}).url == "/home/"
    return browser


def password_of(account: Account) -> str:
    """Which of the passwords counts."""
    now = Account.objects.get(pk=account.pk)
    return next((one for one in (PASSWORD, NEW) if now.check_password(one)), "another")


def links_age(by: timedelta) -> None:
    """The same time later, for links alone: codes and what is told apart by its age stay young."""
    for one in Challenge.objects.filter(purpose=Purpose.PASSWORD_RESET):
        Challenge.objects.filter(pk=one.pk).update(expires_at=one.expires_at - by, created_at=one.created_at - by)


def a_wait_ages(account: Account, by: timedelta) -> None:
    """The same time later, for what waits."""
    waits = AccountChange.objects.filter(account=account, kind=ChangeKind.WAIT)
    waits.update(at=F("at") - by, due_at=F("due_at") - by)
    rested(account)
