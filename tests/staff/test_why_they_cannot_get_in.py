"""**Access** on a chart: what is in somebody's way, and the page that mends it."""

from __future__ import annotations

import pytest

from enrollment.models import EnrollmentCode
from practices.models import Practice
from staff.panel import words as panel_words
from staff.panel.causes import RULES, Cause, in_the_way
from staff.panel.person import Facts
from tests.people import MARIA, Browser, a_chart, a_practice, a_token, an_account, front_desk, opens, words
from tests.staff.desk_kit import a_full_chart, chart_page
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db


def desk() -> tuple[Practice, Browser]:
    practice = a_practice()
    return practice, at_work(front_desk(practice), practice)[0]


def test_every_cause_has_a_rule_and_words() -> None:
    assert set(RULES) == set(Cause) == set(panel_words.SAYS)


def test_nothing_is_in_the_way_of_who_opens_the_record() -> None:
    practice, clerk = desk()
    token = a_token(a_full_chart(practice))
    an_account(practice, token=token)
    assert "Nothing is in the way. At the next sign-in: Email or username and password." in words(
        clerk.get(chart_page(token.chart))
    )


def test_what_closes_the_chart_hides_all_else() -> None:
    assert in_the_way(Facts(deceased=True, has_email=False)) == [Cause.DECEASED]


def test_never_invited_the_paw_sends_a_code_that_lets_them_in() -> None:
    practice, clerk = desk()
    chart = a_chart(practice, MARIA)
    page = clerk.get(chart_page(chart))
    assert "They were never invited" in words(page)
    assert f"/staff/patients/{chart.pk}/paw/" in page.content.decode()
    assert clerk.post(f"/staff/patients/{chart.pk}/paw/").status_code == 302
    assert "They have a code that is good" in words(clerk.get(chart_page(chart)))


def test_a_number_locked_by_wrong_dates_is_unlocked_there_and_they_get_in() -> None:
    practice, clerk = desk()
    token = a_token(a_full_chart(practice))
    patient = Browser(practice)
    for day in range(1, 5):
        patient.type_token(token, birth_date=f"01/{day:02}/1970")
    assert "A wrong date of birth or name was typed" in words(clerk.get(chart_page(token.chart)))
    patient.type_token(token, birth_date="01/05/1970")
    page = clerk.get(chart_page(token.chart))
    assert "locked for 20 minutes" in words(page)
    unlock = f"/staff/codes/{token.code.pk}/unlock/"
    assert unlock in page.content.decode()
    assert clerk.post(unlock, {"reason": "mistyped"}).status_code == 302
    patient.enroll(token)
    account = EnrollmentCode.objects.get(pk=token.code.pk).enrollments.get().account
    assert account is not None
    assert opens(account, token.chart)
