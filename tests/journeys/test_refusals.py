"""Codes that open nothing: each says why and what to do, on a page in both languages, at two widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from enrollment import refusals
from enrollment.models import CodeState, EnrollmentCode
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.flow import Visit
from tests.journeys.scenes import SCENES
from tests.people import Token

LANGUAGES = {"en": "en-US", "es": "es-US"}


def now(token: Token, **facts: object) -> None:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(**facts)


def somebody_got_in(token: Token) -> None:
    """By another token, before the one in hand, which is the newest."""
    person = people.someone_like(people.MARIA, email=token.email)
    people.an_account(token.code.practice, person, token=people.a_token(token.chart))
    now(token, state=CodeState.PENDING)


def leaves_the_practice(token: Token) -> None:
    token.chart.active = False
    token.chart.save()


HAPPENED: dict[type[refusals.Refusal], Callable[[Token], object]] = {
    refusals.CodeExpired: lambda token: now(token, expires_at=timezone.now() - timedelta(hours=1)),
    refusals.CodeRevoked: lambda token: now(token, state=CodeState.REVOKED),
    refusals.CodeSuperseded: lambda token: people.a_token(token.chart),
    refusals.CodeLocked: lambda token: now(token, locked_until=timezone.now() + timedelta(minutes=20)),
    refusals.CodeUsed: lambda token: now(token, state=CodeState.REDEEMED),
    refusals.RecordHasAccount: somebody_got_in,
    refusals.RecordClosed: leaves_the_practice,
}


@pytest.mark.parametrize("why", HAPPENED, ids=lambda why: why.__name__)
def test_code_that_opens_nothing(why: type[refusals.Refusal], opens: Opens, new_page: Callable[..., Page]) -> None:
    practice = opens("refused")
    with transaction.atomic():
        token = people.a_token_for(practice, people.MARIA, emails=[cast.new_address()], mailed=True)
        HAPPENED[why](token)
    stage = SCENES["accepted_the_terms"].played(practice)
    for language, locale in LANGUAGES.items():
        page = new_page(locale=locale)
        stage.bring(page)
        visit = Visit(page, practice, look=checks.everything, language=language)
        visit.go("/enroll/token/")
        typed = token.typed()
        visit.type("Token number", typed["token"])
        visit.type("Date of birth", typed["birth_date"])
        visit.type("Last name", typed["last_name"])
        visit.type("Email address", typed["email"])
        visit.press("Next")
        visit.at(str(why.title), why.__name__)
        expect(page.get_by_role("main")).to_contain_text(practice.phone)
