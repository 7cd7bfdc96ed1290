"""**Let security options be changed again**, for who reset a password within a day and stands at the desk."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import Account, PatientAccess
from practices.models import Practice
from tests.people import MARIA, Browser, a_practice, a_token_for, an_account, front_desk, h1, mail, trail, words
from tests.staff.kit import at_work
from verification import changes

pytestmark = pytest.mark.django_db
SAID = {"id_seen": "passport", "reason": "forgotten"}


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    with transaction.atomic():
        changes.rest(account=account, practice=practice)
    return account


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def page(account: Account) -> str:
    return f"/staff/access/{PatientAccess.objects.get(account=account).pk}/stop/"


def test_chart_says_that_it_rests_and_offers_to_lift_it(desk: Browser, maria: Account) -> None:
    chart = desk.get(f"/staff/patients/{PatientAccess.objects.get(account=maria).record_id}/")
    assert "Options and email rest until" in words(chart)
    assert "Changes of options are stopped" not in words(chart)
    assert f'href="{page(maria)}"' in chart.content.decode()


def test_desk_lifts_it_for_who_shows_an_id(desk: Browser, maria: Account, practice: Practice) -> None:
    asked = desk.get(page(maria))
    assert h1(asked) == "Let security options be changed again"
    assert "The password was reset within a day" in words(asked)
    assert "This wasn't me" not in words(asked).partition("Which ID")[0]
    assert desk.post(page(maria), SAID).status_code == 302
    assert changes.lately(maria).rests_until is None
    assert trail(practice, "option.stop_lifted") == [str(maria.pk)]
    assert [one["to"] for one in mail("lifted_stop")] == [MARIA.email]
    patient = Browser(practice)
    patient.sign_in(MARIA.email)
    assert patient.get("/settings/email/").status_code == 200


def test_what_another_practice_depends_on_rests_for_its_day(desk: Browser, maria: Account, practice: Practice) -> None:
    elsewhere = a_practice("oak")
    PatientAccess.objects.create(
        account=maria, practice=elsewhere, record=a_token_for(elsewhere).chart, relationship="self", state="active"
    )
    mine = PatientAccess.objects.get(account=maria, practice=practice)
    answer = desk.post(f"/staff/access/{mine.pk}/stop/", SAID)
    assert answer.status_code == 409
    assert "It ends a day after the reset." in words(answer)
    assert changes.lately(maria).rests_until is not None
