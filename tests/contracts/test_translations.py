"""Everything that a patient reads is there in every language: in the catalogues, and on the pages themselves."""

from __future__ import annotations

import io
import re
from collections import Counter
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from babel.messages import mofile
from django.test import Client, RequestFactory
from django.utils import translation

from pages import errors
from portal import translations
from tests.contracts.test_notices import NAMES, rendered
from tests.layout.test_error_pages import database_away
from tests.people import BEN, HER_FATHER, MARIA, Browser, Person, a_practice, a_token_for

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

    from practices.models import Practice

LANGUAGES = pytest.mark.parametrize("language", translations.LANGUAGES)
RUN = "run `make messages`, translate what it lists, run it again"
# What has to be the same in every language: %(name)s, %d, {name}, <strong class="…">, </strong>.
PARTS = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|{\w*}|</?[a-z][^>]*>")
WORDS = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = frozenset({"data-pattern", "data-differs"})  # attributes for scripts, not for people
SAME_IN_ALL = frozenset({"Error:", "Cookies"})


def ids(catalog: Catalog) -> set[object]:
    return {(message.context, message.id) for message in catalog if message.id}


def messages(language: str) -> list[Message]:
    return [message for message in translations.read(language) if message.id]


@LANGUAGES
def test_every_text_of_the_sources_is_translated(language: str) -> None:
    catalog = translations.read(language)
    assert ids(translations.found()) - ids(catalog) == set(), RUN
    assert translations.missing(catalog) == [], RUN


@LANGUAGES
def test_the_catalogue_holds_nothing_that_is_gone(language: str) -> None:
    catalog = translations.read(language)
    assert not catalog.obsolete, RUN
    assert ids(catalog) - ids(translations.found()) == set(), RUN


@LANGUAGES
def test_the_compiled_catalogue_is_that_of_the_written_one(language: str) -> None:
    def as_read(file: io.BytesIO) -> dict[object, object]:
        return {(one.context, *translations.texts(one.id)): one.string for one in mofile.read_mo(file) if one.id}

    compiled = translations.compiled(translations.read(language))
    committed = translations.mo_path(language).read_bytes()
    assert as_read(io.BytesIO(committed)) == as_read(io.BytesIO(compiled)), RUN


@LANGUAGES
def test_placeholders_and_tags_are_the_same(language: str) -> None:
    for message in messages(language):
        wanted = Counter(PARTS.findall(translations.texts(message.id)[-1]))
        for text in translations.texts(message.string):
            assert Counter(PARTS.findall(text)) == wanted, text


@LANGUAGES
def test_texts_begin_and_end_alike(language: str) -> None:
    """A sentence stays a sentence, and a label that is followed by something keeps its colon."""
    for message in messages(language):
        for text in translations.texts(message.string):
            assert text == text.strip()
            last = translations.texts(message.id)[-1][-1]
        assert text[-1] == last or (text[-1] + last).isalnum(), text


def test_what_is_exempt_is_still_there() -> None:
    names = [path.relative_to(translations.ROOT).as_posix() for path in translations.ROOT.glob("[a-z]*/**/*.py")]
    for pattern, reason in translations.EXEMPT.items():
        assert reason
        assert any(fnmatch(name, pattern) for name in names), pattern


# --- On the pages ---------------------------------------------------------------------------------------------------


def enrolling(practice: Practice, language: str, person: Person) -> list[Any]:
    """Flow A and what lies beside it, with a few mistakes."""
    browser = Browser(practice, language=language)
    token = a_token_for(practice, person)
    aside = ["/", "/enroll/", "/enroll/declined/", "/enroll/no-code/", "/enroll/invitation-email/", "/signed-out/"]
    aside += ["/not-me/", "/this-browser/", "/password/link/sent/"]
    aside += ["/enroll/not-mine/told/", "/inbox/", "/nowhere/", "/sign-out/"]
    seen: list[Any] = [browser.get(path) for path in aside]
    seen.append(browser.post("/", {"name": ""}))
    browser.accept_terms()
    seen += [browser.get("/enroll/start/"), browser.get("/enroll/token/"), browser.post("/enroll/token/", {})]
    seen.append(browser.post("/enroll/token/", token.typed(birth_date="01/31/1999")))
    browser.post("/enroll/token/", token.typed())
    seen.append(browser.get("/enroll/account/"))
    browser.choose()
    names = ("", "new/", "username/", "sign-in/")
    seen += [browser.get(f"/enroll/credentials/{name}", follow=True) for name in names]
    seen.append(browser.create_account(password="short"))
    browser.create_account()
    seen += [browser.get(path) for path in ("/enroll/done/", "/home/", "/verify-email/")]
    return seen


def stopped(practice: Practice, language: str) -> list[Any]:
    """The pages for what went wrong."""
    request = RequestFactory().get("/", headers={"host": practice.host})
    request.practice = practice  # type: ignore[attr-defined]
    with translation.override(language):
        pages: list[Any] = [errors.bad_request(request), errors.forbidden(request), errors.server_error(request)]
        pages.append(database_away(request))
    pages.append(Browser(practice, language=language, enforce_csrf_checks=True).post("/"))
    return [*pages, Client().get("/", headers={"host": "nobody.example.org", "accept-language": language})]


def said(page: Any, language: str) -> set[str]:
    """Every text on a page that is in the page's own language: between tags, and in attributes that people meet."""
    assert page.status_code != 302, page.headers["Location"]
    root = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    assert root.get("lang") == language
    found: set[str] = set()
    elements: list[Any] = [root]
    while elements:
        element = elements.pop()
        if element.tag in {"script", "style"} or element.get("lang", language) != language:
            found.add(element.tail or "")
            continue
        attributes = {name: value for name, value in element.attrib.items() if name not in NOT_WORDS}
        found |= {value for name, value in attributes.items() if name in {"aria-label", "alt", "title", "placeholder"}}
        found |= {value for name, value in attributes.items() if name.startswith("data-") and " " in value.strip()}
        found |= {element.text or "", element.tail or ""}
        elements.extend(child for child in element if isinstance(child.tag, str))
    return {" ".join(text.split()) for text in found}


def of_the_practice(practice: Practice) -> set[str]:
    return {practice.name, practice.phone, practice.email, practice.hours}


@pytest.mark.django_db
@LANGUAGES
def test_pages_leave_nothing_in_english(language: str) -> None:
    practice = a_practice()
    english = [*enrolling(practice, "en", MARIA), *stopped(practice, "en")]
    translated = [*enrolling(practice, language, HER_FATHER), *stopped(practice, language)]
    for there, here in zip(english, translated, strict=True):
        same = said(there, "en") & said(here, language) - of_the_practice(practice) - SAME_IN_ALL
        assert {text for text in same if WORDS.search(text)} == set(), said(here, language)


@pytest.mark.django_db
@LANGUAGES
def test_a_mailed_token_leaves_nothing_in_english(language: str) -> None:
    practice = a_practice()
    seen = []
    for spoken, person in (("en", MARIA), (language, BEN)):
        browser = Browser(practice, language=spoken)
        letter = a_token_for(practice, person, mailed=True, emails=[])
        browser.enroll(letter, username=f"{person.family}.{spoken}")
        seen.append(said(browser.get("/enroll/done/"), spoken) | said(browser.get("/home/"), spoken))
    same = seen[0] & seen[1] - of_the_practice(practice) - {practice.host}
    assert {text for text in same if WORDS.search(text)} == set()


@LANGUAGES
@pytest.mark.parametrize("name", NAMES)
def test_notices_leave_nothing_in_english(name: str, language: str) -> None:
    there, here = rendered(name, "en"), rendered(name, language)
    assert there.subject != here.subject
    same = set(there.text.splitlines()) & set(here.text.splitlines())
    facts = re.compile(r"\[\w+\]$|.*\(212\) 555-0147|Mon-Fri 8-5$|\W*$")
    assert [line for line in same if not facts.match(line)] == []
