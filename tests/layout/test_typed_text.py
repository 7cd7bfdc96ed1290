"""Lines of text, emails and passwords, as people and their phones type them."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pages.fields import EmailField, LineField, PasswordField, RadioField, fold_email
from pages.text import one_line

LAST_NAME = LineField(label="Last name", max_length=150)
EMAIL = EmailField(label="Email address")
PASSWORD = PasswordField(label="Password", autocomplete="new-password")
LIKE_EMAILS = st.emails() | st.text() | st.text(alphabet="aB1@.-+ß\u0130\u00fc\u0308\uff20\u3002\u200d\u2019")
LONGEST = "a@" + ".".join(["x" * 62] * 3) + ".example.com"


@pytest.mark.parametrize(
    "name", ["O'Brien-Núñez", "van der Berg", "李小龍", "Nguyễn", "Ōe", "Þórdís", "Мария", "\U00031350", "X"]
)
def test_names_are_kept(name: str) -> None:
    assert LAST_NAME.clean(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("O\u2019Brien\u2011Núñez", "O'Brien-Núñez"),
        ("Nu\u0301n\u0303ez", "Núñez"),
        ("  van   der\tBerg\n", "van der Berg"),
        ("San\u00adtos\u200b", "Santos"),
        ("\ufeffSantos\x00\x1f\x7f", "Santos"),
        ("\u202eSantos\u202c", "Santos"),
        ("San\u00a0Tos", "San Tos"),
        ("San\ufffe\U0010fffftos\ue000", "Santos"),
    ],
)
def test_what_keyboards_put_in_is_mended(typed: str, kept: str) -> None:
    assert LAST_NAME.clean(typed) == kept


@given(st.text())
def test_one_line_is_one_line_that_a_page_can_hold(typed: str) -> None:
    line = one_line(typed)
    assert line == one_line(line) == line.strip()
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_too_long_is_told_with_both_figures() -> None:
    with pytest.raises(ValidationError, match=r"Use at most 150 characters\. You typed 10,000\."):
        LAST_NAME.clean("x" * 10_000)


@pytest.mark.parametrize("field", [LAST_NAME, EMAIL, PASSWORD])
def test_combining_marks_stop_no_process(field: LineField | PasswordField) -> None:
    """Normalising them takes time by the square of their number: half a million would take minutes."""
    with pytest.raises(ValidationError, match="You typed 500,001"):
        field.clean("a" + "\u0301\u0316" * 250_000)


@pytest.mark.parametrize("typed", ["", "  ", "\x00", "\u200b", None])
def test_nothing_is_asked_for_by_name(typed: str | None) -> None:
    with pytest.raises(ValidationError, match=r"^\['Enter last name\.'\]$"):
        LAST_NAME.clean(typed)


def test_a_form_may_have_words_of_its_own() -> None:
    field = LineField(label="Token", error_messages={"required": "Where is it?"})
    with pytest.raises(ValidationError, match="Where is it"):
        field.clean("")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ann+portal@Example.COM", "ann+portal@example.com"),
        (" ann @ example.com ", "ann@example.com"),
        ("Ann@bücher.example", "Ann@bücher.example"),
        ("ann@xn--bcher-kva.example", "ann@bücher.example"),
        ("o\u2019brien@example.com", "o'brien@example.com"),
        ("ann\u200b@example.com\x00", "ann@example.com"),
        ("\uff41\uff4e\uff4e@example.com", "ann@example.com"),
        ("first\u2011last@example.org", "first-last@example.org"),
    ],
)
def test_emails_are_taken(typed: str, kept: str) -> None:
    assert EMAIL.clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "a..b@example.com", "ann@example..com",
        "ann@exam_ple.com", "ann@[127.0.0.1]", "ünn@example.com", "ann@example.com,bob@example.com",
        "Ann <ann@example.com>", "ann@-example.com", "ann@\u0301.example.com", "\x00@\x00",
    ],
)  # fmt: skip
def test_what_is_no_email_is_told_how_one_looks(typed: str) -> None:
    with pytest.raises(ValidationError, match=r"name@example\.com"):
        EMAIL.clean(typed)


def test_email_has_room_for_254_characters() -> None:
    assert len(LONGEST) < 254
    assert EMAIL.clean(LONGEST) == LONGEST
    with pytest.raises(ValidationError, match="at most 254"):
        EMAIL.clean("x" * 10_000 + "@example.com")


@given(LIKE_EMAILS)
def test_any_text_is_an_email_or_a_refusal(typed: str) -> None:
    with suppress(ValidationError):
        assert fold_email(EMAIL.clean(typed)) == fold_email(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Example.com", "ann@example.COM"),
        ("ann@bücher.example", "ann@XN--BCHER-KVA.example"),
        ("ann@BÜCHER.example", "ann@bu\u0308cher.example"),
        ("ann@example\uff0ecom", "ann@example.com"),
        ("  Maria.Santos ", "maria.santos"),
    ],
)
def test_same_address_has_the_same_key(one: str, other: str) -> None:
    assert fold_email(one) == fold_email(other)


def test_other_addresses_have_other_keys() -> None:
    folded = {
        fold_email(one) for one in ("ann@example.com", "ann+1@example.com", "an.n@example.com", "ann@example.org")
    }
    assert len(folded) == 4


@given(LIKE_EMAILS)
def test_a_key_is_settled_whatever_was_typed(typed: str) -> None:
    assert fold_email(fold_email(typed)) == fold_email(typed)


def test_password_is_kept_as_typed_but_for_its_form() -> None:
    assert PASSWORD.clean("  Pa ss\u2019\u2014w0rd ") == "  Pa ss\u2019\u2014w0rd "
    assert PASSWORD.clean("e\u0301\ufb01") == "\u00e9fi"


@pytest.mark.parametrize(("typed", "code"), [("", "required"), ("pass\x00word", "control"), ("x" * 129, "max_length")])
def test_passwords_that_cannot_be(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PASSWORD.clean(typed)
    assert refused.value.error_list[0].code == code


def test_password_of_spaces_is_a_password() -> None:
    assert PASSWORD.clean(" " * 8) == " " * 8


@pytest.mark.parametrize("typed", ["", None, "neither", "\x00"])
def test_choice_is_asked_for_by_its_question(typed: str | None) -> None:
    field = RadioField(label="Who is this account for?", choices=[("self", "Myself")])
    with pytest.raises(ValidationError, match=r"Choose an answer: Who is this account for\?"):
        field.clean(typed)
    assert field.clean("self") == "self"
