from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agreements.models import TermsVersion
from practices.models import Practice


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("publish_terms", "--practice", "riverside", *arguments, stdout=out)
    return out.getvalue()


def test_samples(practice: Practice) -> None:
    assert run("--samples") == "Terms and Conditions: version 1 (en, es)\nPrivacy Policy: version 1 (en, es)\n"
    assert "version 2" in run("--samples")


def test_own_files_in_two_languages(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "en").write_bytes(b"\xef\xbb\xbf# Terms\r\nText")
    (tmp_path / "es").write_text("# Términos")
    run("--language", "en", "--terms", f"{tmp_path}/en", "--language", "es", "--terms", f"{tmp_path}/es")
    assert dict(TermsVersion.objects.values_list("language", "body")) == {
        "en": "# Terms\nText",
        "es": "# Términos",
    }


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Nothing to publish"),
        (["--terms", "/no/such/file"], "cannot be read"),
        (["--terms", "{empty}"], "is empty"),
        (["--terms", "{latin}"], "cannot be read"),
        (["--language", "es", "--terms", "{good}"], "first language"),
        (["--terms", "{good}", "--terms", "{good}"], "one file for each --language"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_published(
    practice: Practice, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    files = {"empty": b" \n", "latin": "ñ".encode("latin-1"), "good": b"Text"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    filled_in = [argument.format(**{name: tmp_path / name for name in files}) for argument in arguments]
    with pytest.raises(CommandError, match=complaint):
        run(*filled_in)
    assert not TermsVersion.objects.exists()


def test_an_unknown_practice_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="riverside"):
        run("--samples")
