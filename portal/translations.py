"""The catalogues of words, `locale/<language>/LC_MESSAGES/django.{po,mo}`, without a gettext on the machine.

Strings are found by Babel in Python and by Django's own `templatize` in templates. Babel comes with the tools for
developing: nothing that serves people imports this.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.conf import settings
from django.utils.translation.template import templatize

from audit.events import Event

ROOT: Path = settings.BASE_DIR
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# Words that no patient reads stay in English; each with the reason.
EXEMPT = {
    "*/management/commands/*": "said in the terminal of whoever runs the portal",
    "practices/models.py": "names of columns, which no page shows",
    "practices/practice_settings.py": "the same",
    "practices/apps.py": "the name of the app, which no page shows",
    "tests/*": "said to who develops",
}
KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LINE_LENGTH = 120


def po_path(language: str) -> Path:
    """Where the words of a language are written by people."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def mo_path(language: str) -> Path:
    """Where they are for the portal to read."""
    return po_path(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    """The catalogue as it is written; an empty one for a language that is new."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="patient-portal", header_comment="", fuzzy=False)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def merged(language: str) -> Catalog:
    """The catalogue with exactly the words of today's sources.

    New ones that look like an old one come with its translation, marked fuzzy: it counts once the mark is taken off.
    """
    catalog, today = read(language), found()
    today.creation_date = catalog.creation_date  # or every run would change the file
    catalog.update(today, update_header_comment=False)
    catalog.obsolete.clear()
    return catalog


def found() -> Catalog:
    """Every string for people in the sources, with the files it stands in."""
    catalog = Catalog()
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        code, marks = (text, keywords(text)) if path.suffix == ".py" else (as_python(text), KEYWORDS)
        for line, words, comments, context in extract(
            "python", io.BytesIO(code.encode()), marks, ["Translators"], {"encoding": "utf-8"}
        ):
            catalog.add(words, locations=[(name, line)], auto_comments=comments, context=context)
    for event in Event:  # said by **Audit trail**
        catalog.add(event.meaning, locations=[("audit/events.py", 0)])
    return catalog


def keywords(code: str) -> dict[str, Any]:
    """The functions that mark strings, under the names that this file imports them by."""
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    return KEYWORDS | {name.asname: KEYWORDS[name.name] for name in names if name.asname and name.name in KEYWORDS}


def sources() -> Iterator[Path]:
    """The project's Python files and templates, without those that are exempt."""
    packages = {path.parent for path in ROOT.glob("*/__init__.py")}
    python = [path for package in sorted(packages) for path in sorted(package.rglob("*.py"))]
    templates = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    for path in [*python, *templates]:
        if not any(fnmatch(path.relative_to(ROOT).as_posix(), pattern) for pattern in EXEMPT):
            yield path


def as_python(template: str) -> str:
    """Turn a template into calls of gettext; brackets around them keep its indentation from mattering."""
    return f"({templatize(template)}\n)"


def compiled(catalog: Catalog) -> bytes:
    """What the portal reads: translations that are neither missing nor fuzzy."""
    file = io.BytesIO()
    mofile.write_mo(file, catalog)
    return file.getvalue()


def write(language: str, catalog: Catalog) -> None:
    """Write both files. Lines of the sources are left out: they change with every edit."""
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pofile.write_po(file, catalog, width=LINE_LENGTH, include_lineno=False, sort_by_file=True)
    mo_path(language).write_bytes(compiled(catalog))


def missing(catalog: Catalog) -> list[str]:
    """The strings that have no translation which counts."""
    return [
        str(message.id if isinstance(message.id, str) else message.id[0])
        for message in catalog
        if message.id and (message.fuzzy or not all(texts(message.string)))
    ]


def texts(words: object) -> list[str]:
    """One text, or singular and plurals, as a list."""
    return list(words) if isinstance(words, (list, tuple)) else [str(words or "")]
