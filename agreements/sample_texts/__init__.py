"""Sample terms and privacy policies, for the demo and to start from. A practice has its own counsel look at them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agreements.models import Kind

if TYPE_CHECKING:
    from practices.models import Practice

FOLDER = Path(__file__).parent


def samples(practice: Practice) -> dict[Kind, dict[str, str]]:
    """Return the texts by kind and language, in those of the practice's languages that there are, filled in for it."""
    return {kind: _in_languages(practice, kind) for kind in Kind}


def _in_languages(practice: Practice, kind: Kind) -> dict[str, str]:
    files = {language: FOLDER / f"{kind}.{language}.txt" for language in practice.languages}
    return {language: _filled_in(practice, file) for language, file in files.items() if file.exists()}


def _filled_in(practice: Practice, file: Path) -> str:
    """Put the practice in; replaced one by one, so that a brace in a name breaks nothing."""
    text = file.read_text(encoding="utf-8")
    for blank, words in (("practice", practice.name), ("phone", practice.phone), ("email", practice.email)):
        text = text.replace(f"{{{blank}}}", words)
    return text
