"""**Funnel**: how far people come who were given a code, week by week, by kind, and where they give up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollment import funnel
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, FunnelWeek
from staff.trail import funnel_chart
from tests.people import (
    A_STRANGER,
    ANNA,
    BEN,
    HER_FATHER,
    MARIA,
    Browser,
    a_practice,
    a_token,
    a_token_for,
    front_desk,
    words,
)
from tests.staff.kit import a_manager, at_work

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
PAGE = "/staff/funnel/"


def counted(practice: Practice) -> dict[str, int]:
    funnel.count(practice)
    row = FunnelWeek.objects.get(practice=practice, week=funnel.monday(practice))
    return {step: getattr(row, step) for step in funnel.STEPS}


def test_each_person_counts_as_far_as_they_came(practice: Practice) -> None:
    """One never came, one typed a wrong date, one stopped before the account, one before the phone, one came home."""
    a_token_for(practice, ANNA)
    Browser(practice).type_token(a_token_for(practice, BEN), birth_date="01/02/1950")
    Browser(practice).walk_to_credentials(a_token_for(practice, HER_FATHER))
    Browser(practice).enroll(a_token_for(practice, A_STRANGER, mailed=True))
    patient = Browser(practice)
    patient.enroll(a_token_for(practice, MARIA))
    assert counted(practice) == {"invited": 5, "opened": 4, "identity": 3, "account": 2, "verified": 1, "home": 0}
    assert patient.get("/enroll/done/").status_code == 200
    assert counted(practice) == {"invited": 5, "opened": 4, "identity": 3, "account": 2, "verified": 1, "home": 1}


def test_home_is_noted_once(practice: Practice) -> None:
    patient = Browser(practice)
    patient.enroll(a_token_for(practice))
    patient.get("/enroll/done/")
    first = Enrollment.objects.get(practice=practice).home_at
    patient.get("/home/")
    again = Browser(practice)
    again.sign_in(MARIA.email)
    again.get("/home/")
    assert Enrollment.objects.get(practice=practice).home_at == first is not None


def test_a_code_that_was_replaced_counts_with_the_newer_one(practice: Practice) -> None:
    token = a_token_for(practice)
    a_token(token.chart)
    assert counted(practice)["invited"] == 1


def test_weeks_begin_on_monday_at_the_practice(practice: Practice) -> None:
    """Three in the morning of a Monday in UTC is still Sunday in New York."""
    monday = funnel.monday(practice) - timedelta(weeks=1)
    token = a_token_for(practice)
    issued = datetime(monday.year, monday.month, monday.day, 3, tzinfo=UTC)
    EnrollmentCode.objects.filter(pk=token.code.pk).update(issued_at=issued)
    funnel.count(practice)
    assert [row.week for row in FunnelWeek.objects.filter(practice=practice)] == [monday - timedelta(weeks=1)]


def test_the_page_says_it_in_words_and_numbers_and_by_kind(practice: Practice) -> None:
    a_token_for(practice, ANNA)
    Browser(practice).enroll(a_token_for(practice, MARIA))
    manager, _key = at_work(a_manager(practice), practice)
    assert "Nothing was counted yet." in words(manager.get(PAGE))
    assert not FunnelWeek.objects.filter(practice=practice).exists()  # a look writes nothing
    told = words(manager.post(f"{PAGE}count/", follow=True))
    assert "Of 2 invited, 0 came home: 0 percent." in told
    assert "Most people stop between Invited and Opened: 1." in told
    assert "Verified: 1 (50 %)" in told
    assert words(manager.get(f"{PAGE}?kind={CodeKind.TOKEN}&weeks=52")).count("Verified: 1 (50 %)") == 1
    assert "No code was issued in these weeks." in words(manager.get(f"{PAGE}?kind={CodeKind.INVITATION}"))


def test_it_is_for_managers_and_of_their_practice(practice: Practice) -> None:
    a_token_for(practice)
    funnel.count(practice)
    desk, _key = at_work(front_desk(practice), practice)
    assert desk.get(PAGE).status_code == 404
    elsewhere = a_practice("oak")
    manager, _key = at_work(a_manager(elsewhere), elsewhere)
    assert "Nothing was counted yet." in words(manager.get(PAGE))


def test_as_many_queries_for_a_year_as_for_a_week(practice: Practice) -> None:
    manager, _key = at_work(a_manager(practice), practice)
    a_token_for(practice)
    funnel.count(practice)
    manager.get(PAGE)

    def queries() -> int:
        with CaptureQueriesContext(connection) as done:
            assert manager.get(f"{PAGE}?weeks=52").status_code == 200
        return len(done)

    one = queries()
    [row] = FunnelWeek.objects.filter(practice=practice).values()
    FunnelWeek.objects.bulk_create(
        FunnelWeek(**{**row, "id": None, "week": row["week"] - timedelta(weeks=back)}) for back in range(1, 52)
    )
    assert queries() == one <= 14


def test_columns_stand_on_each_other_and_end_at_the_bottom() -> None:
    week = funnel_chart.Week(timezone.localdate(), (100, 60, 60, 30, 20, 10))
    [column], grid = funnel_chart.columns([week])
    assert [bar.key for bar in column.bars] == ["invited", "identity", "account", "verified", "home"]
    assert column.bars[0].top == funnel_chart.TOP
    ends = [round(bar.top + bar.height, 2) for bar in column.bars]
    assert ends == [*(bar.top for bar in column.bars[1:]), funnel_chart.BOTTOM]
    assert [number for _at, number in grid] == [0, 20, 40, 60, 80, 100]
    assert funnel_chart.worst(funnel_chart.steps((3, 3, 3, 3, 3, 3))) is None
