from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.models import Account
from agreements.models import Kind
from agreements.terms import publish
from practices.current import forget
from practices.models import Practice

EN = {"en": "# One\nEnglish text."}
BOTH = {"en": "# Two\nEnglish text.", "es": "# Dos\nTexto en español."}


@pytest.fixture
def practice(db: None) -> Practice:
    practice = Practice.objects.create(
        slug="riverside",
        host="testserver",
        name="Riverside & Co {email}",
        phone="(212) 555-0110",
        email="help@example.com",
        languages=["en", "es"],
    )
    forget()
    return practice


@pytest.fixture
def published(practice: Practice) -> Practice:
    """The practice with a first version of both texts: terms in two languages, privacy in one."""
    publish(practice=practice, kind=Kind.TERMS, texts=BOTH, by=None)
    publish(practice=practice, kind=Kind.PRIVACY, texts=EN, by=None)
    return practice


@pytest.fixture
def account(db: None) -> Account:
    return Account.objects.create(sign_in_name="sam-rivera", sign_in_state="held")


@pytest.fixture
def request_() -> HttpRequest:
    request = RequestFactory().post("/", headers={"User-Agent": "A browser" * 100})
    request.client_address = "203.0.113.9"  # type: ignore[attr-defined]
    return request
