"""The text of a consent form that a person gets to read, and what it says now that it did not say before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreements import changes, words
from agreements.models import ConsentText, TermsVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreements.changes import Change
    from practices.models import Practice


def best(versions: Iterable[int], practice: Practice, language: str) -> dict[int, ConsentText]:
    """By version, its text in the language asked for or, where there is none, the practice's first; one query."""
    plain = language.partition("-")[0].casefold()
    every = ConsentText.objects.filter(version__in=versions).select_related("version").order_by("-language")
    by_fit = sorted(every, key=lambda text: (text.language == plain, text.language == practice.language))
    return {text.version_id: text for text in by_fit}  # of several, the last stays: the best


def changed(old: ConsentText, new: ConsentText) -> list[Change]:
    """What a version says other than the one that was answered, where both are there in the language of the new one."""
    if old.language != new.language:
        same = ConsentText.objects.filter(version=old.version_id, language=new.language).select_related("version")
        old = same.first() or old
    if old.language != new.language:
        return []
    return changes.between(_lines(old), _lines(new))


def terms_changed(old: TermsVersion, new: TermsVersion) -> list[Change]:
    """The same of the terms or the privacy policy."""
    if old.language != new.language:
        twins = TermsVersion.objects.filter(practice=old.practice_id, kind=old.kind, version=old.version)
        old = twins.filter(language=new.language).first() or old
    if old.language != new.language:
        return []
    return changes.between(words.plain(old.body), words.plain(new.body))


def _lines(text: ConsentText) -> list[str]:
    return words.lines(text, text.version.questions.all())
