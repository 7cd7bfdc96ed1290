"""**Who texted STOP**: to this practice's senders, whose phones they are, and what to say to them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from notifications import optout
from practices import current
from practices.models import Practice
from staff.outreach import opt_outs
from tests.people import HER_FATHER, MARIA, Browser, a_chart, a_practice, front_desk, h1, words
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
PAGE = "/staff/opt-outs/"
SHARED, OWN = "MGshared", "MGown"
MARIAS, RAFAELS, STRANGERS = "+12125550142", "+12125550143", "+12125550144"


@pytest.fixture
def practice(settings: Settings) -> Practice:
    settings.TWILIO_CODES_SERVICE_SID = SHARED
    return a_practice()


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def with_its_own(practice: Practice) -> None:
    practice.settings.codes_service_sid = OWN
    practice.settings.bulk_service_sid = "MGbulk"
    practice.settings.save()
    current.forget()


def test_nobody_did(desk: Browser, practice: Practice) -> None:
    assert PAGE in desk.get("/staff/").content.decode()
    page = desk.get(PAGE)
    assert h1(page) == "Who texted STOP"
    assert "Nobody." in words(page)
    assert "Text the word START" in words(page)


def test_practice_without_texts(desk: Browser, settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.CAPTURES_PHONE = "", False
    assert "Nobody: no texts are sent from here." in words(desk.get(PAGE))


def test_who_said_stop_to_the_practices_own_sender_is_listed_with_the_chart(desk: Browser, practice: Practice) -> None:
    with_its_own(practice)
    chart = a_chart(practice, MARIA, mobile_e164=MARIAS)
    optout.stop(MARIAS, OWN)
    optout.stop(STRANGERS, OWN)  # on no chart: it texted us all the same
    optout.stop(RAFAELS, SHARED)  # another practice's business
    page = desk.get(PAGE)
    said = words(page)
    assert "•••-•••-0142 Maria Elena Santos" in said
    assert "•••-•••-0144 on no chart" in said
    assert "0143" not in said
    assert MARIAS not in page.content.decode()
    assert f'href="/staff/patients/{chart.pk}/"' in page.content.decode()
    assert said.index("0144") < said.index("0142")  # the last first
    assert "several practices share" not in said


def test_of_a_shared_sender_only_phones_on_the_practices_own_charts_are_listed(
    desk: Browser, practice: Practice
) -> None:
    a_chart(practice, MARIA, mobile_e164=MARIAS)
    a_chart(practice, HER_FATHER, home_e164=RAFAELS)
    a_chart(a_practice("oak"), HER_FATHER, mobile_e164=STRANGERS)
    for number in (MARIAS, RAFAELS, STRANGERS):
        optout.stop(number, SHARED)
    said = words(desk.get(PAGE))
    assert "several practices share" in said
    assert "Maria Elena Santos" in said
    assert "Rafael Santos" in said
    assert "0144" not in said


def test_who_said_start_is_not_listed_any_more(desk: Browser, practice: Practice) -> None:
    with_its_own(practice)
    optout.stop(MARIAS, OWN)
    assert "0142" in words(desk.get(PAGE))
    optout.start(MARIAS, OWN)
    assert "Nobody." in words(desk.get(PAGE))


def test_it_says_which_texts_are_stopped_where_there_are_two_senders(desk: Browser, practice: Practice) -> None:
    with_its_own(practice)
    optout.stop(MARIAS, "MGbulk")
    assert "reminders and notices" in words(desk.get(PAGE))
    optout.stop(MARIAS, OWN)
    assert "codes and warnings" in words(desk.get(PAGE))


def test_pages_go_back_and_take_as_many_queries_for_one_as_for_many(
    desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            desk.get(PAGE)
        return len(made)

    monkeypatch.setattr(opt_outs, "A_PAGE", 20)
    a_chart(practice, MARIA, mobile_e164=MARIAS)
    optout.stop(MARIAS, SHARED)
    queries()
    few = queries()
    for n in range(30):
        number = f"+121255501{n:02}"
        a_chart(practice, HER_FATHER, mobile_e164=number)
        optout.stop(number, SHARED)
    assert queries() == few <= 14
    page = desk.get(PAGE).content.decode()
    assert page.count("•••-•••-") == 20
    after = page.partition("?after=")[2].partition('"')[0]
    rest = desk.get(f"{PAGE}?after={after}").content.decode()
    assert rest.count("•••-•••-") == 11
    assert "•••-•••-0142" in rest
