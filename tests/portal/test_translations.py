"""Strings are found however they are marked."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from audit.events import Event
from portal import translations

TEMPLATE = """
    {% load i18n %}
  <h1 title="{% translate 'A title' %}">
    {% translate 'A "quoted" word' as words %}{{ words|default:_("A default") }}</h1>
        {% blocktranslate trimmed with name=person.name %}
          Two lines
          for {{ name }}
        {% endblocktranslate %}
    {% blocktranslate count n=n %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}
{% translate "May" context "month" %} 100 % {# no string #}
{% include "x.html" with words=_("An argument") %}
"""
PYTHON = """
    from django.utils.translation import gettext as _, gettext_lazy as _lazy, ngettext, pgettext_lazy
    LATER = _lazy("Later")
    def say(n):
        yield _("One "
                "text") if n else _("Other")
        yield ngettext("%(n)d day", "%(n)d days", n)
        yield pgettext_lazy("verb", "Open")
"""


def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[object]:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text(dedent(PYTHON))
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    meanings = {event.meaning for event in Event}  # of the audit trail: they are in no file of these
    said = [message for message in translations.found() if message.id and message.id not in meanings]
    return {(message.context, message.id) for message in said}


def test_strings_are_found_however_they_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch) == {
        (None, "A title"),
        (None, 'A "quoted" word'),
        (None, "A default"),
        (None, "Two lines for %(name)s"),
        (None, ("%(n)s page", "%(n)s pages")),
        ("month", "May"),
        (None, "An argument"),
        (None, "Later"),
        (None, "One text"),
        (None, "Other"),
        (None, ("%(n)d day", "%(n)d days")),
        ("verb", "Open"),
    }


def test_merging_keeps_translations_and_drops_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(tmp_path, monkeypatch)
    catalog = translations.merged("es")
    catalog["Later"].string = "Más tarde"
    translations.write("es", catalog)
    (tmp_path / "templates" / "page.html").unlink()
    merged = translations.merged("es")
    assert merged["Later"].string == "Más tarde"
    assert "A title" not in merged
    assert not merged.obsolete
    assert "Later" not in translations.missing(merged)
    assert "One text" in translations.missing(merged)


def test_a_second_run_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(tmp_path, monkeypatch)
    translations.write("es", translations.merged("es"))
    files = [translations.po_path("es"), translations.mo_path("es")]
    before = [file.read_bytes() for file in files]
    translations.write("es", translations.merged("es"))
    assert [file.read_bytes() for file in files] == before
