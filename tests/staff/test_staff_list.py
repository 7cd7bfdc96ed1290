"""**Staff list**, on Django's own list of a model: to read, of this practice, for managers; and what is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin import site as stock_site
from django.contrib.admin.models import LogEntry
from django.core import checks

from staff.site import site
from tests.people import A_STRANGER, Browser, a_practice, an_account, front_desk, h1, words
from tests.staff.kit import a_manager, at_work

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
LIST = "/staff/staff-list/"
ENTRIES = ("/staff/", "/staff/setup/")
NOT_THERE = (
    "login/",
    "logout/",
    "password_change/",
    "password_change/done/",
    "jsi18n/",
    "autocomplete/",
    "r/1/1/",
    "practices/",
    "practices/staffmembership/",
    "accounts/account/",
    "staff-list/add/",
    "staff-list/1/change/",
    "staff-list/1/delete/",
    "staff-list/1/history/",
    "staff-list/1/",
)


@pytest.fixture
def manager(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


def test_it_lists_who_works_here_and_nobody_else(manager: Browser, practice: Practice) -> None:
    front_desk(practice, "dana")
    left = front_desk(practice, "gone")
    left.staff_memberships.update(active=False)
    front_desk(a_practice("oak"), "stranger")
    page = manager.get(LIST)
    assert h1(page) == "Staff list"
    told = words(page)
    assert f"dana-{practice.pk} , Front desk" in told
    assert f"manager-{practice.pk} , Manager" in told
    assert "no longer works here" in told
    assert "stranger" not in told


def test_first_page_leads_to_what_one_may_open(manager: Browser, practice: Practice) -> None:
    page = words(manager.get("/staff/"))
    for said in ("Waiting for you", "Messages", "Practice", "Setup", "Roster", "Audit trail"):
        assert said in page
    clerk, _key = at_work(front_desk(practice), practice)
    page = words(clerk.get("/staff/"))
    assert "Waiting to be vouched for" in page
    for hidden in ("Setup", "Staff list", "Audit trail", "Roster"):
        assert hidden not in page


def test_first_page_and_setup_lead_nowhere_twice(manager: Browser) -> None:
    pages = [re.findall(r'class="portal-choice" href="([^"]+)"', manager.get(one).content.decode()) for one in ENTRIES]
    assert [len(page) for page in pages] == [10, 5]  # nothing waits
    assert len({*pages[0], *pages[1]}) == 15


def test_front_desk_does_not_read_it(practice: Practice) -> None:
    clerk, _key = at_work(front_desk(practice), practice)
    assert clerk.get(LIST).status_code == 404


def test_patient_and_other_practices_manager_find_nothing(practice: Practice) -> None:
    for account in (an_account(practice, A_STRANGER), a_manager(a_practice("oak"), "theirs")):
        browser = Browser(practice)
        browser.sign_in(account.sign_in_name)
        assert browser.get(LIST).status_code == 404


@pytest.mark.parametrize("path", NOT_THERE)
def test_stock_pages_of_djangos_admin_are_not_there(path: str, manager: Browser) -> None:
    assert manager.get(f"/staff/{path}").status_code == 404
    assert manager.post(f"/staff/{path}").status_code == 404


@pytest.mark.parametrize("query", ["account__password__startswith=a", "practice__staff__account__id=1", "nothing=1"])
def test_list_answers_no_questions_in_its_address(query: str, manager: Browser) -> None:
    assert manager.get(f"{LIST}?{query}").status_code in {302, 400}


def test_list_is_to_read(manager: Browser) -> None:
    manager.post(LIST, {"action": "delete_selected", "_selected_action": "1"})
    assert not LogEntry.objects.exists()


def test_nothing_but_what_staff_may_see_is_registered() -> None:
    assert [model.__name__ for model in site._registry] == ["StaffMembership"]
    assert not [error for error in checks.run_checks() if error.id and error.id.startswith("admin.")]
    assert stock_site.name == "admin"  # made when first asked for, and mounted nowhere
