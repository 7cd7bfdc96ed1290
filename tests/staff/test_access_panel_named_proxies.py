"""**Access** on a chart, of who is named to act for the patient: each has lines of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from enrollment.models import CodeState, EnrollmentCode
from enrollment.named_proxy import NamedProxy
from practices.models import Practice
from staff.panel.causes import Cause
from tests.enrollment.people_kit import DAUGHTER, a_code_of, named
from tests.people import (
    Browser,
    an_account,
)
from tests.staff.desk_kit import HERS, claim_of
from tests.staff.panel_kit import bounces, comes_in, invited, is_clear, is_told, row_of

pytestmark = pytest.mark.django_db


def test_every_named_proxy_has_lines_of_their_own(desk: Browser, practice: Practice) -> None:
    chart = claim_of(an_account(practice)).record
    daughter = named(chart, phone_e164=HERS)
    page = f"/staff/named/{daughter.pk}/"
    assert row_of(desk, chart, Cause.NO_CODE).page == page
    desk.post(f"{page}invite/")
    assert row_of(desk, chart, Cause.CODE_UNUSED).page == page
    bounces(DAUGHTER.email, "smtp_550")
    row = row_of(desk, chart, Cause.MAIL_BOUNCED)
    assert row.page == page
    assert "Withdraw them there, and name them anew." in row.says
    EnrollmentCode.objects.filter(proxy=daughter).update(expires_at=timezone.now())
    assert row_of(desk, chart, Cause.CODE_EXPIRED).page == page
    desk.post(f"{page}invite/")
    assert row_of(desk, chart, Cause.SUPERSEDED).page == page
    comes_in(practice, invited(chart, DAUGHTER.email), HERS, DAUGHTER.born)
    assert is_clear(desk, chart)


def test_name_whose_last_day_is_over_opens_nothing(desk: Browser, practice: Practice) -> None:
    chart = claim_of(an_account(practice)).record
    daughter = named(chart)
    desk.post(f"/staff/named/{daughter.pk}/invite/")
    NamedProxy.objects.update(ends_on=timezone.localdate())
    row = row_of(desk, chart, Cause.OVER)
    assert "Withdraw them there, and name them anew." in row.says
    assert desk.post(f"{row.page}withdraw/", {"reason": "mistake"}).status_code == 302
    assert is_clear(desk, chart)
    assert a_code_of(daughter).state == CodeState.REVOKED


def test_name_given_for_a_child_is_over_with_its_birthday(desk: Browser, practice: Practice) -> None:
    chart = claim_of(an_account(practice)).record
    named(chart)
    NamedProxy.objects.update(named_at=datetime(2000, 1, 1, tzinfo=UTC))
    assert is_told(desk, chart, Cause.CAME_OF_AGE)
