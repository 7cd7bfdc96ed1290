"""How a form looks on a page: labels, hints, errors, and the summary that leads to them (docs/flows.md, rule 4)."""

from __future__ import annotations

import html5lib
import pytest
from django import forms
from django.utils.translation import override

from pages.text import LONGEST
from tests.layout.sample import SampleForm, a_practice, page, typed
from tests.pages import page_faults, words

RIGHT = {
    "last_name": "Santos",
    "birth_date": "3/4/1950",
    "whose": "self",
    "several": "a",
    "one": "a",
    "more": "x",
    "password": "Kite-flying-77",
}


def parsed(html: str) -> html5lib.treebuilders.etree.Element:  # type: ignore[name-defined]
    return html5lib.parse(html, namespaceHTMLElements=False)


def summary(html: str) -> dict[str, str]:
    """The lines of the error summary, and where each leads."""
    links = parsed(html).findall(".//*[@data-error-summary]//a")
    return {words(link): link.get("href") for link in links}


@pytest.mark.parametrize("form", [SampleForm(), SampleForm(typed()), SampleForm(typed(**RIGHT))])
def test_pages_with_every_field_break_no_rule(form: forms.Form) -> None:
    for language in ("en", "es"):
        with override(language):
            assert page_faults(page(form, steps=["One", "Two", "Three"], step=2)) == []


def test_empty_form_names_every_answer_that_is_missing() -> None:
    html = page(SampleForm(typed()))
    assert summary(html) == {
        "Enter last name.": "#id_last_name",
        "Enter date of birth.": "#id_birth_date",
        "Choose an answer: Whose is it?": "#id_whose_0",
        "This field is required.": "#id_more",
        "Enter password.": "#id_password",
    }
    assert "<title>Error: Sample " in html


def test_first_page_has_no_errors_and_no_echo() -> None:
    html = page(SampleForm())
    assert summary(html) == {}
    assert "<title>Sample " in html
    assert "We read this as March" not in html


def test_date_that_was_understood_is_said_in_words_beside_other_errors() -> None:
    html = page(SampleForm(typed(birth_date="3/4/1950")))
    echo = parsed(html).find(".//output[@id='id_birth_date_echo']")
    assert words(echo) == "We read this as March 4, 1950."
    assert 'value="3/4/1950"' in html
    with override("es"):
        assert "4 de marzo de 1950" in page(SampleForm(typed(birth_date="3/4/1950")))


def test_what_was_typed_is_kept_but_for_the_password() -> None:
    html = page(SampleForm(typed(last_name="O\u2019Brien\x00", password="Kite-flying-77", email="x" * 10_000)))
    assert 'value="O&#x27;Brien"' in html
    assert "Kite-flying-77" not in html
    assert "x" * LONGEST in html
    assert page_faults(html) == []


def test_field_is_described_by_hint_error_rules_and_echo() -> None:
    root = parsed(page(SampleForm(typed())))
    described = {
        name: root.find(f".//*[@id='id_{name}']").get("aria-describedby")
        for name in RIGHT
        if name not in {"whose", "several"}
    }
    assert described["last_name"] == "id_last_name_helptext id_last_name_error"
    assert described["birth_date"] == "id_birth_date_helptext id_birth_date_error id_birth_date_echo"
    assert described["password"] == "id_password_rules id_password_error"
    assert root.find(".//fieldset").get("aria-describedby") == "id_whose_error"
    assert root.find(".//*[@id='id_last_name']").get("aria-invalid") == "true"
    assert root.find(".//*[@id='id_whose_0']").get("aria-invalid") is None


def test_error_about_several_fields_leads_to_the_first() -> None:
    form = SampleForm(typed(**RIGHT))
    form.add_error(None, "These do not match.")
    form.add_error("hidden", "Something is stale.")
    assert summary(page(form)) == {"These do not match.": "#id_last_name", "Something is stale.": "#id_last_name"}


def test_only_what_may_be_left_out_is_marked_so() -> None:
    labels = {label.get("for"): words(label) for label in parsed(page(SampleForm())).iter("label")}
    assert labels["id_nickname"] == "Nickname (optional)"
    assert labels["id_email"] == "Email address"
    assert labels["id_last_name"] == "Last name"


def test_words_of_people_are_text_never_markup() -> None:
    html = page(SampleForm(typed(last_name="<b>x</b>")), said="<i>")
    assert "<b>x</b>" not in html
    assert "Elm &lt;Street&gt; &amp; Sons" in html


def test_steps_say_where_one_is() -> None:
    root = parsed(page(SampleForm(), steps=["Terms", "Token", "Account"], step=2))
    segments = root.findall(".//li[@class]")
    assert [words(one) for one in segments[:3]] == ["Terms completed", "Token", "Account not completed"]
    assert [one.get("aria-current") for one in segments[:3]] == [None, "step", None]
    assert words(root.find(".//p[@class='portal-step']")) == "Step 2 of 3"


def test_header_has_the_practice_its_help_line_and_the_other_language() -> None:
    root = parsed(page(SampleForm()))
    header = root.find(".//header")
    assert "Elm <Street> & Sons" in words(header)
    assert header.find(".//a[@href='tel:+12125550110']") is not None
    assert [(b.get("value"), b.get("lang"), words(b)) for b in header.iter("button")] == [("es", "es", "Español")]
    with override("es"):
        header = parsed(page(SampleForm())).find(".//header")
        assert [words(button) for button in header.iter("button")] == ["English"]


def test_practice_of_one_language_offers_no_other() -> None:
    assert parsed(page(SampleForm(), practice=a_practice(languages=["en"]))).findall(".//header//button") == []


@pytest.mark.parametrize("logo", ["", "img/logos/none.svg"])
def test_practice_without_a_logo_has_pages(logo: str) -> None:
    assert page_faults(page(SampleForm(), practice=a_practice(logo=logo))) == []
