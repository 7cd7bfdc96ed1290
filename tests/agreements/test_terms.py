from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from agreements import terms
from agreements.models import Acceptance, Kind, TermsVersion
from audit.models import AuditEvent
from practices.models import Practice
from tests.agreements.conftest import BOTH, EN
from tests.audit.breaking import break_the_trail

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def accept(account: Account, practice: Practice, request: HttpRequest, language: str = "en") -> None:
    shown = terms.current(practice, language).ids
    terms.accept(account=account, practice=practice, shown=shown, at=AT, request=request)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "en"), ("es", "es"), ("es-mx", "es"), ("fr", "en"), ("", "en")]
)
def test_the_text_is_in_the_language_asked_for_or_the_practices_first(
    published: Practice, language: str, expected: str
) -> None:
    current = terms.current(published, language)
    assert current.terms is not None
    assert current.privacy is not None
    assert current.terms.language == expected
    assert current.privacy.language == "en"
    assert terms.is_in_language(current.privacy, language) == (language == "en")


def test_the_newest_version_holds_even_where_an_older_one_speaks_the_language(published: Practice) -> None:
    terms.publish(practice=published, kind=Kind.TERMS, texts=EN, by=None)
    newest = terms.current(published, "es").terms
    assert newest is not None
    assert (newest.version, newest.language) == (2, "en")


def test_finding_them_is_one_query(published: Practice, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    terms.current(published, "es")  # the process learns of the texts
    with django_assert_max_num_queries(1):
        assert len(terms.current(published, "es").ids) == 2


def test_another_practices_texts_are_not_ours(published: Practice) -> None:
    other = Practice.objects.create(slug="other", host="other.example", name="Other", phone="1", email="o@example.com")
    current = terms.current(other, "en")
    assert (current.terms, current.privacy, current.ids) == (None, None, [])


def test_publishing_keeps_the_exact_text_and_its_hash(practice: Practice) -> None:
    body = "# Über\r\n  spaces kept \n"
    (version,) = terms.publish(practice=practice, kind=Kind.TERMS, texts={"en": body}, by=None)
    version.refresh_from_db()
    assert version.body == body
    assert version.sha256 == hashlib.sha256(body.encode()).hexdigest()


def test_publishing_needs_the_first_language(practice: Practice) -> None:
    with pytest.raises(terms.FirstLanguageMissingError):
        terms.publish(practice=practice, kind=Kind.TERMS, texts={"es": "Hola"}, by=None)


def test_publishing_is_in_the_audit_trail(published: Practice) -> None:
    rows = AuditEvent.objects.filter(event="terms.published", practice_id=published.pk)
    assert [row.details for row in rows] == [{"kind": "terms", "version": 1}, {"kind": "privacy", "version": 1}]


@pytest.mark.parametrize("table", ["agreements_termsversion", "agreements_acceptance"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET language = 'fr'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_published_and_accepted_cannot_be_changed(
    published: Practice, account: Account, request_: HttpRequest, table: str, statement: str
) -> None:
    accept(account, published, request_)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_an_acceptance_keeps_hash_version_language_time_and_address(
    published: Practice, account: Account, request_: HttpRequest
) -> None:
    accept(account, published, request_, "es")
    kept = Acceptance.objects.get(account=account, terms_version__kind=Kind.TERMS)
    assert kept.sha256 == hashlib.sha256(BOTH["es"].encode()).hexdigest()
    assert (kept.version, kept.language, kept.accepted_at, kept.address) == (1, "es", AT, "203.0.113.9")
    assert kept.user_agent.startswith("A browser")
    assert AuditEvent.objects.filter(event="terms.accepted", actor_id=str(account.pk)).count() == 2


def test_accepting_twice_is_as_good_as_once(published: Practice, account: Account, request_: HttpRequest) -> None:
    accept(account, published, request_)
    accept(account, published, request_)
    assert Acceptance.objects.count() == 2


def test_texts_of_another_practice_cannot_be_accepted_here(
    published: Practice, account: Account, request_: HttpRequest
) -> None:
    other = Practice.objects.create(slug="other", host="other.example", name="Other", phone="1", email="o@example.com")
    shown = terms.current(published, "en").ids
    with pytest.raises(terms.NotThisPracticesError):
        terms.accept(account=account, practice=other, shown=shown, at=AT, request=request_)
    with pytest.raises(terms.NotThisPracticesError):
        terms.accept(account=account, practice=published, shown=[*shown, 10**12], at=AT, request=request_)
    assert not Acceptance.objects.exists()


def test_a_replaced_text_is_not_still_current(published: Practice) -> None:
    shown = terms.current(published, "es").ids
    assert terms.still_current(published, shown)
    assert not terms.still_current(published, shown[:1])
    assert not terms.still_current(published, [*shown, 10**30])
    assert not terms.still_current(published, [])
    terms.publish(practice=published, kind=Kind.TERMS, texts=BOTH, by=None)
    assert not terms.still_current(published, shown)


def test_a_version_exists_once(published: Practice) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TermsVersion.objects.create(practice=published, kind="terms", version=1, language="en", body="x", sha256="x")


def test_an_acceptance_that_cannot_be_recorded_does_not_happen(
    published: Practice, account: Account, request_: HttpRequest
) -> None:
    break_the_trail()
    with pytest.raises(IntegrityError), transaction.atomic():
        accept(account, published, request_)
    assert not Acceptance.objects.exists()


def test_a_text_whose_publishing_cannot_be_recorded_is_not_published(practice: Practice) -> None:
    break_the_trail()
    with pytest.raises(IntegrityError):
        terms.publish(practice=practice, kind=Kind.TERMS, texts=EN, by=None)
    assert not TermsVersion.objects.exists()
