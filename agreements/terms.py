"""The terms and the privacy policy: publishing them, which ones hold now, and who accepted them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, Value, When

from agreements.models import Acceptance, Kind, TermsVersion
from audit.events import Event
from audit.record import record
from audit.together import add
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from agreements.models import ConsentText

LONGEST_USER_AGENT = 300
LONGEST_ID = 18  # digits: what a bigint holds


class FirstLanguageMissingError(Exception):
    """Each version is published in the practice's first language too: it is what everybody else gets to read."""


class PublishedMeanwhileError(Exception):
    """Somebody published another version since this one was written."""


class NotThisPracticesError(Exception):
    """What was shown is not a text of this practice."""


@dataclass(frozen=True)
class CurrentTerms:
    """What holds now, in the language asked for or, where there is none, the practice's first; None: not published."""

    terms: TermsVersion | None
    privacy: TermsVersion | None

    def __iter__(self) -> Iterator[TermsVersion]:
        """Go through what is published."""
        return iter(text for text in (self.terms, self.privacy) if text)

    @property
    def ids(self) -> list[int]:
        """What accept() takes as `shown`; can be kept in a session or a form."""
        return [text.pk for text in self]


def current(practice: Practice, language: str) -> CurrentTerms:
    """Find the newest version of both texts, in one query; "es-mx" gets "es"."""
    newest_first = (
        TermsVersion.objects.filter(practice=practice)
        .alias(fit=_fit(practice, language))
        .order_by("kind", "-version", "fit")
        .distinct("kind")
    )
    found = {kind: _text(pk) for kind, pk in newest_first.values_list("kind", "pk")}
    return CurrentTerms(terms=found.get(Kind.TERMS), privacy=found.get(Kind.PRIVACY))


def is_in_language(text: TermsVersion | ConsentText, language: str) -> bool:
    """Tell whether a text is in the language asked for; where it is not, the page says so."""
    return text.language == _plain(language)


@transaction.atomic
def publish(
    *,
    practice: Practice,
    kind: Kind,
    texts: Mapping[str, str],
    by: object | None,
    request: HttpRequest | None = None,
    follows: int | None = None,
) -> list[TermsVersion]:
    """Publish the next version, `texts` by language, each exactly as given. Raises FirstLanguageMissingError.

    The practice's row is locked: two who publish at once get two versions, or, where they say which one theirs
    `follows` (0: none), the second one a PublishedMeanwhileError.
    """
    if practice.language not in texts:
        raise FirstLanguageMissingError(practice.language)
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    newest = TermsVersion.objects.filter(practice=practice, kind=kind).order_by("-version").first()
    before = newest.version if newest else 0
    if follows not in {None, before}:
        raise PublishedMeanwhileError
    version = before + 1
    published = TermsVersion.objects.bulk_create(
        TermsVersion(
            practice=practice, kind=kind, version=version, language=language, body=body, sha256=fingerprint(body)
        )
        for language, body in texts.items()
    )
    record(
        Event.TERMS_PUBLISHED,
        actor=by,
        practice=practice,
        subject=published[0],
        request=request,
        kind=kind,
        version=version,
    )
    return published


def accept(
    *,
    account: AbstractBaseUser,
    practice: Practice,
    shown: Collection[int],
    at: datetime,
    request: HttpRequest,
) -> None:
    """Keep that the account accepted the texts with the ids `shown`, at the time it said so; twice is as good as once.

    In the caller's transaction, which may come later than the acceptance (docs/flows.md A.2: there is no account yet).
    Raises NotThisPracticesError.
    """
    texts = _published(practice, shown)
    if len(texts) != len(set(shown)):
        raise NotThisPracticesError
    add(*(_acceptance(account, text, at, request) for text in texts), unless_there=True)
    for text in texts:
        record(
            Event.TERMS_ACCEPTED,
            actor=account,
            practice=practice,
            subject=text,
            request=request,
            kind=text.kind,
            version=text.version,
            language=text.language,
        )


def typed_ids(values: Iterable[str]) -> list[int]:
    """The ids that a form sent as `shown`, as far as they can be such."""
    return [int(pk) for pk in list(values)[: len(Kind)] if pk.isdecimal() and len(pk) <= LONGEST_ID]


def still_current(practice: Practice, shown: Collection[int]) -> bool:
    """Tell whether the texts with the ids `shown` are still the newest, so that nobody accepts what was replaced."""
    newest = TermsVersion.objects.filter(practice=practice).order_by("kind", "-version").distinct("kind")
    seen = _published(practice, shown)
    same = set(newest.values_list("kind", "version")) == {(text.kind, text.version) for text in seen}
    return same and len(seen) == len(set(shown))


def fingerprint(body: str) -> str:
    """SHA-256 of the exact text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(body.encode()).hexdigest()


def _published(practice: Practice, ids: Collection[int]) -> list[TermsVersion]:
    """The texts of the practice with these ids, as far as there are such."""
    found = []
    for pk in set(ids):
        with suppress(TermsVersion.DoesNotExist):
            found.append(_text(pk))
    return [text for text in found if text.practice_id == practice.pk]


@lru_cache(maxsize=256)
def _text(pk: int) -> TermsVersion:
    """A text, kept in the process: what is published never changes (migrations/0002_sql_immutable.py)."""
    return TermsVersion.objects.get(pk=pk)


def _acceptance(account: AbstractBaseUser, text: TermsVersion, at: datetime, request: HttpRequest) -> Acceptance:
    return Acceptance(
        account_id=account.pk,
        terms_version=text,
        version=text.version,
        language=text.language,
        sha256=text.sha256,
        accepted_at=at,
        address=getattr(request, "client_address", "") or None,
        user_agent=request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT],
    )


def _fit(practice: Practice, language: str) -> Case:
    """Order languages: the one asked for, the practice's first, any other."""
    return Case(
        When(language=_plain(language), then=Value(0)),
        When(language=practice.language, then=Value(1)),
        default=Value(2),
    )


def _plain(language: str) -> str:
    return language.partition("-")[0].casefold()
