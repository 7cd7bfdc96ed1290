"""Whatever is typed or sent gets a page that says what is wrong; never a failure of the portal's own."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import MARIA, Browser, a_practice, a_token_for, an_account, h1, words

pytestmark = pytest.mark.django_db
BAD = {
    "long": "x" * 10_000,
    "long number": "9" * 10_000,
    "null": "\x00",
    "null inside": "San\x00tos",
    "emoji": "😀👩‍👩‍👧‍👦",
    "right to left": "\u202eSantos\u202c\u2067\u200f",
    "zero width": "\u200b\u200d\ufeff",
    "line breaks": "a\r\nb\r\nSet-Cookie: c=d",
    "markup": "<script>alert(1)</script>",
    "template": "{{ request }}{% debug %}",
    "format": "%s %(x)s {0} {x}",
    "sql": "' OR 1=1; --",
    "private use": "\ue000\U0010ffff",
    "expands": "ﷺ" * 60,
    "combining": "e" + "\u0301" * 60,
    "at signs": "a@@b@",
    "bad host": "a@xn--a.example",
    "long host": "a@" + "b" * 64 + ".example",
    "idn": "a@\u0130.example",
    "spaces": " \u00a0\u3000",
}
FIELDS = {
    "/": ["name", "next"],
    "/enroll/": ["shown"],
    "/enroll/token/": ["token", "birth_date", "last_name", "email", "no_email"],
    "/enroll/account/": ["whose", "account"],
    "/enroll/account/email/": ["email"],
    "/enroll/credentials/new/": ["password", "confirm_password"],
    "/enroll/credentials/username/": ["username", "password", "confirm_password"],
    "/enroll/credentials/sign-in/": ["name", "password"],
    "/password/": ["password"],
}
RIGHT = {
    "/enroll/token/": {"birth_date": "03/12/1984", "last_name": "Santos", "email": "maria@example.com"},
    "/enroll/credentials/username/": {"username": "maria.santos"},
}
CASES = [(page, field) for page, fields in FIELDS.items() for field in fields]


def at_every_page() -> Browser:
    """A browser that may open every page of the journey, and has typed a name to sign in."""
    practice = a_practice()
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    browser.post("/", {"name": MARIA.email})
    return browser


@pytest.mark.parametrize(("page", "field"), CASES)
def test_field_takes_it_or_says_why_not(page: str, field: str) -> None:
    browser = at_every_page()
    for name, bad in BAD.items():
        answer = browser.post(page, {**RIGHT.get(page, {}), field: bad})
        assert answer.status_code in {200, 302, 429}, name
        html = answer.content.decode()
        assert "<script>alert" not in html, name
        assert "\x00" not in html, name
        if answer.status_code == 302:
            assert h1(browser.get(answer.url, follow=True)), name
            browser = at_every_page()


@pytest.mark.parametrize(("page", "field"), CASES)
def test_bytes_that_are_no_text(page: str, field: str) -> None:
    browser = at_every_page()
    for raw in [b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80", b"\xf4\x90\x80\x80"]:
        body = f"{field}={quote_from_bytes(raw)}"
        answer = browser.post(page, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in {200, 302, 400}, raw


@pytest.mark.parametrize("page", FIELDS)
def test_empty_form_says_what_is_missing(page: str) -> None:
    browser = at_every_page()
    answer = browser.post(page, {"csrfmiddlewaretoken": "of the page"})
    assert answer.status_code == 200
    if page != "/enroll/":
        assert b"<title>Error:" in answer.content
        assert "There is a problem" in words(answer)


@pytest.mark.parametrize("page", FIELDS)
def test_same_field_many_times(page: str) -> None:
    browser = at_every_page()
    answer = browser.post(page, {field: ["one", "two", "three"] for field in FIELDS[page]})
    assert answer.status_code in {200, 302}


@pytest.mark.parametrize("page", [*FIELDS, "/home/", "/enroll/done/", "/verify-email/", "/not-me/"])
def test_other_methods(page: str) -> None:
    browser = at_every_page()
    for method in ("put", "delete", "patch", "options", "head"):
        assert getattr(browser, method)(page).status_code < 500, method


@pytest.mark.parametrize("name", ["session", "browser", "csrf", "django_language"])
def test_made_up_cookies(name: str) -> None:
    practice = a_practice()
    for cookie in ["", "x", "'", "\\x00", "a" * 4000, "../../etc", '"a', "%00"]:
        browser = Browser(practice)
        browser.cookies[name] = cookie
        for page in ["/", "/enroll/token/", "/home/"]:
            assert browser.get(page).status_code in {200, 302}, cookie
        assert browser.post("/", {"name": "maria"}).status_code == 302, cookie


@pytest.mark.parametrize("host", ["", "evil.example", "a b", "[::1", "x" * 300, "localhost:99999", "..", "é.example"])
def test_hosts_that_nobody_has(host: str) -> None:
    a_practice()
    assert Client(HTTP_HOST=host).get("/").status_code in {400, 404}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.fixed_dictionaries({name: st.text(max_size=40) for name in FIELDS["/enroll/token/"]}))
def test_any_text_in_token_details(typed: dict[str, str], walked: Browser) -> None:
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in typed.items()}
    assert walked.post("/enroll/token/", encodable).status_code in {200, 429}


@pytest.fixture
def walked() -> Browser:
    browser = Browser(a_practice())
    browser.accept_terms()
    return browser


@pytest.mark.parametrize(
    "typed",
    ["3/12/1984", "03-12-1984", "03121984", "1984-03-12", "3.12.1984", "０３/１２/１９８４"],  # noqa: RUF001 - full-width
)
def test_birth_dates_of_all_forms_match(typed: str) -> None:
    practice = a_practice()
    assert Browser(practice).type_token(a_token_for(practice), birth_date=typed).url == "/enroll/account/"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("03/12/84", "four digits"),
        ("031284", "four digits"),
        ("02/30/1984", "no such day"),
        ("13/12/1984", "no such day"),
        ("03/12/2984", "in the future"),
        ("03/12/1084", "too long ago"),
        ("yesterday", "Enter the date as month, day and year"),
        ("3" * 10_000, "Enter the date as month, day and year"),
        ("", "Enter date of birth."),
    ],
)
def test_birth_dates_that_cannot_be(typed: str, says: str) -> None:
    practice = a_practice()
    assert says in words(Browser(practice).type_token(a_token_for(practice), birth_date=typed))


@pytest.mark.parametrize(
    "look",
    [str.lower, lambda shown: shown.replace("-", "\u2013"), lambda shown: shown.replace("-", " "), "\u200b".join],
)
def test_token_is_read_as_people_type_it(look: object) -> None:
    assert callable(look)
    practice = a_practice()
    token = a_token_for(practice)
    assert Browser(practice).type_token(token, token=look(token.typed()["token"])).url == "/enroll/account/"


# --- Forms that a stale page sent -------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*FIELDS, "/sign-out/", "/verify-email/", "/not-me/", "/enroll/not-mine/"])
def test_form_of_a_stale_page_offers_to_go_on(page: str) -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice, enforce_csrf_checks=True)
    answer = browser.post(page, {"name": MARIA.email, "csrfmiddlewaretoken": "x" * 64})
    assert answer.status_code == 403
    assert h1(answer) == "Please send that once more"
    html = answer.content.decode()
    assert "Go on" in html
    assert 'lang="en"' in html
    assert Browser(practice).get("/").status_code == 200


def test_going_on_from_a_stale_page_shows_the_same_page() -> None:
    practice = a_practice()
    browser = Browser(practice, enforce_csrf_checks=True)
    answer = browser.post("/?next=/verify-email/", {"name": MARIA.email})
    assert 'href="/?next=/verify-email/"' in answer.content.decode()


def test_form_with_its_own_token_is_taken() -> None:
    practice = a_practice()
    browser = Browser(practice, enforce_csrf_checks=True)
    html = browser.get("/").content.decode()
    token = html.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = browser.post("/", {"name": MARIA.email, "csrfmiddlewaretoken": token})
    assert answer.url == "/password/"
