from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Kind
from agreements.sample_texts import FOLDER, samples
from agreements.text import as_html
from practices.models import Practice


def test_headings_lists_and_paragraphs() -> None:
    body = "# Heading\nOne line\nand the next.\n\nAnother.\n- one\n- two\n\n# End\r\nlast"
    assert as_html(body) == (
        "<h2>Heading</h2>\n<p>One line and the next.</p>\n<p>Another.</p>\n"
        '<ul class="usa-list"><li>one</li><li>two</li></ul>\n<h2>End</h2>\n<p>last</p>'
    )


def test_the_level_of_headings_fits_the_page() -> None:
    assert as_html("# A", heading=3) == "<h3>A</h3>"


@given(st.text(alphabet="#- <>&\"'\n{}ascript=", max_size=60))
def test_nothing_in_a_text_becomes_markup(body: str) -> None:
    html = str(as_html(body))
    for tag in ("h2", "p", "li", 'ul class="usa-list"', "ul"):
        html = html.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert "<" not in html
    assert ">" not in html


@pytest.mark.parametrize("kind", Kind)
def test_samples_say_the_same_in_both_languages(kind: Kind) -> None:
    english, spanish = ((FOLDER / f"{kind}.{code}.txt").read_text() for code in ("en", "es"))
    assert english.startswith("This is a sample text.")
    assert spanish.startswith("Este es un texto de muestra.")
    for mark in ("# ", "- "):
        count = [sum(line.startswith(mark) for line in text.splitlines()) for text in (english, spanish)]
        assert count[0] == count[1]
    for blank in ("{practice}", "{phone}", "{email}"):
        assert english.count(blank) == spanish.count(blank) > 0


def test_samples_are_filled_in_for_the_practice(practice: Practice) -> None:
    texts = samples(practice)
    assert {kind: list(languages) for kind, languages in texts.items()} == {
        Kind.TERMS: ["en", "es"],
        Kind.PRIVACY: ["en", "es"],
    }
    for text in (*texts[Kind.TERMS].values(), *texts[Kind.PRIVACY].values()):
        assert "(212) 555-0110" in text
        assert "{practice}" not in text
        assert "{phone}" not in text
