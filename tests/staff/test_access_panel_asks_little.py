"""**Access** on a chart, and the chart whole: as many queries for five proxies as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.models import PatientRecord, Practice
from staff.panel import section
from tests.enrollment.by_email import Mailbox
from tests.enrollment.carers import accept
from tests.enrollment.people_kit import DAUGHTER, an_access, named
from tests.people import A_CHILD, Browser, a_chart, a_token, an_account, an_option, someone_like
from tests.staff.desk_kit import a_full_chart, chart_page
from tests.staff.panel_kit import invited

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the panel alone asked, each time."""
    found, real = list[int](), section.of

    def counted(*args: object, **options: object) -> object:
        with CaptureQueriesContext(connection) as queries:
            shown = real(*args, **options)  # type: ignore[arg-type]
        found.append(len(queries))
        return shown

    monkeypatch.setattr(section, "of", counted)
    return found


def with_proxies(practice: Practice, count: int) -> PatientRecord:
    """A record with an account, proxies with options, and as many who are named and on the way."""
    chart = a_full_chart(practice)
    an_option(an_account(practice, token=a_token(chart), name=f"maria{count}"))
    for at in range(count):
        person = someone_like(DAUGHTER, given=f"Julia{'abcde'[at]}", email=f"julia{count}.{at}@example.com")
        an_option(an_access(chart, person).account, f"+1212555{count}{at}11")
        named(chart, someone_like(person, given=f"Anna{'abcde'[at]}", email=f"anna{count}.{at}@example.com"))
    return chart


def asked(page: str, desk: Browser) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(page).status_code == 200
    return len(queries)


def test_five_proxies_cost_no_more_than_one(desk: Browser, practice: Practice, spent: list[int]) -> None:
    pages = [chart_page(with_proxies(practice, count)) for count in (1, 5)]
    desk.get(pages[0])
    one, five = [asked(page, desk) for page in pages]
    assert one == five
    assert spent[1] == spent[2] <= MOST


def test_family_that_is_on_the_way_costs_little(desk: Browser, practice: Practice, spent: list[int]) -> None:
    """Parents of a child, named by the desk, who have yet to prove who they are; and the child's own code."""
    child = a_chart(practice, A_CHILD, mobile_e164="+12125550142")
    a_token(child)
    desk.get(chart_page(child))
    whole = []
    for given in ("Julia", "Anna", "Ines"):
        person = someone_like(DAUGHTER, given=given, email=f"{given}@example.com")
        parent = named(child, person, phone_e164="+12125550177")
        desk.post(f"/staff/named/{parent.pk}/invite/")
        accept(Mailbox(practice), invited(child, parent.email), f"{DAUGHTER.born:%m/%d/%Y}")
        whole.append(asked(chart_page(child), desk))
    assert whole[0] == whole[1] == whole[2]
    assert max(spent) <= MOST
