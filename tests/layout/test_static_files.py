"""Style sheets, scripts and pictures: all there, light, and free of what the security policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from pages import uswds
from tests.layout.sample import SampleForm, page

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
SHEETS = sorted(STATIC.rglob("*.css"))
FIRST_VIEW = 120_000  # bytes, uncompressed: two seconds on a slow phone
MANIFEST = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=MANIFEST):
        call_command("collectstatic", verbosity=0, interactive=False)
    return tmp_path


def test_every_file_that_a_file_names_is_there(collected: Path) -> None:
    assert (collected / "staticfiles.json").exists()
    assert list(collected.glob("uswds/css/uswds.*.css.br"))


def test_first_view_of_a_page_is_light() -> None:
    html = page(SampleForm())
    named = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', html))
    weight = len(html.encode()) + sum((STATIC / name).stat().st_size for name in named)
    assert {"css/portal.css", "uswds/css/uswds.css", "js/page.js", "uswds/img/icons.svg"} <= named
    assert weight < FIRST_VIEW


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheet_asks_for_nothing_elsewhere(sheet: Path) -> None:
    css = sheet.read_text(encoding="utf-8")
    assert not re.search(r"@font-face|@import|sourceMappingURL|https?://|url\(['\"]?data:", css)


def test_every_class_of_the_design_system_on_a_page_has_its_rules() -> None:
    """Another component is added in pages/uswds.py, which makes the style sheet again."""
    styled = set(
        re.findall(r"\.((?:usa|portal)-[\w-]+)", " ".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS))
    )
    used = {
        name
        for template in TEMPLATES.rglob("*.html")
        for attribute in re.findall(r'class="([^"]*)"', template.read_text(encoding="utf-8"))
        for name in re.findall(r"(?<![\w-])usa-[\w-]*\w(?![\w{-])", re.sub(r"{{.*?}}", "{", attribute))
    }
    assert used <= styled


def test_every_icon_on_a_page_is_in_the_sprite() -> None:
    sprite = (STATIC / "uswds/img/icons.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="(\w+)"', sprite))
    texts = [template.read_text(encoding="utf-8") for template in TEMPLATES.rglob("*.html")]
    used = {name for text in texts for name in re.findall(r'(?:{% icon |icon_name=)"(\w+)"', text)}
    assert there == set(uswds.ICONS)
    assert used <= there


def test_subset_keeps_the_components_and_drops_the_rest() -> None:
    css = (
        '@charset "UTF-8";/*! uswds */@font-face{font-family:x}@keyframes y{0%{left:0}}html{margin:0}'
        ".usa-input,.usa-combo-box__input{color:red}.margin-1{margin:1px}.usa-input:is(.a,.usa-focus){top:0}"
        "@media print{.usa-nav{color:red}.usa-button--outline{color:blue}}@media all{.usa-nav{left:0}}"
    )
    kept = "html{margin:0}.usa-input{color:red}@media print{.usa-button--outline{color:blue}}"
    assert uswds.subset(css) == kept


def test_scripts_are_modules_without_strings_that_run() -> None:
    for script in STATIC.rglob("*.js"):
        assert not re.search(
            r"\beval\b|new Function|innerHTML|document\.write|\.style\b", script.read_text(encoding="utf-8")
        )
