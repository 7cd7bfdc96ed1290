"""How a scene is told: a function that plays it at a practice, and the routes that its browser then stands before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from tests import people
from tests.journeys import cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from accounts.models import Account
    from practices.models import Practice


@dataclass(frozen=True)
class Stage:
    """`browser` has the cookies; `paths` say where the pages are whose address has a number or a {language} in it."""

    browser: people.Browser
    paths: dict[str, str] = field(default_factory=dict)

    def path(self, route: str, language: str) -> str:
        return (self.paths.get(route) or reverse(route)).replace("{language}", language)

    def bring(self, page: Page) -> None:
        """Go on in a real browser, with the cookies of this one."""
        url = self.browser.practice.address("/")
        page.context.add_cookies(
            [{"name": one.key, "value": one.value, "url": url} for one in self.browser.cookies.values()]
        )


@dataclass(frozen=True)
class Scene:
    """`settings`: of the practice that it is played at."""

    play: Callable[[Practice], Stage]
    routes: tuple[str, ...]
    settings: dict[str, Any]

    def played(self, practice: Practice) -> Stage:
        """In one transaction, which workers do not see before its end: by then its messages are read."""
        whole = transaction.atomic()
        whole._from_testcase = True  # type: ignore[attr-defined] # as Django's TestCase: durable ones may stand in it
        with whole:
            return self.play(practice)


SCENES: dict[str, Scene] = {}


def shows(*routes: str, **settings: Any) -> Callable[[Callable[[Practice], Stage]], Callable[[Practice], Stage]]:
    def kept(play: Callable[[Practice], Stage]) -> Callable[[Practice], Stage]:
        SCENES[play.__name__] = Scene(play, routes, settings)
        return play

    return kept


def somebody() -> people.Person:
    """Maria, with an email that no other scene has."""
    return people.someone_like(people.MARIA, email=cast.new_address("maria"))


def an_owner(practice: Practice, **options: Any) -> Account:
    return people.an_account(practice, somebody(), **options)


def signed_in(practice: Practice, account: Account) -> people.Browser:
    """As far as the password leads."""
    browser = people.Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def sent(notice: str, name: str, practice: Practice, **filters: Any) -> str:
    """The path of a link in the newest message of this kind at the practice."""
    return people.path_of(str(people.mail(notice, practice=practice, **filters)[-1][name]))
