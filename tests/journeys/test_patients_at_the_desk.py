"""Who typed fifty wrong codes comes to the desk: found by name and birth date, forgiven, and in again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from guard import limits
from practices.choices import StaffRole
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.devices import Device
from tests.journeys.flow import Visit
from verification.models import WrongCode


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "es")])
def test_desk_lets_a_patient_in_again(width: int, language: str, opens: Opens, new_page: Callable[..., Page]) -> None:
    practice = opens(option_required=False)
    chart = people.a_chart(practice, people.someone_like(people.MARIA, email=cast.new_address()))
    maria = people.an_account(practice, token=people.a_token(chart), name=f"maria.{practice.pk}")
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(limits.WRONG_A_YEAR))
    clerk = people.front_desk(practice)
    clerk.staff_memberships.update(role=StaffRole.MANAGER)

    page = new_page(width=width, locale="es-US" if language == "es" else "en-US")
    desk = Visit(page, practice, look=checks.everything, language=language)
    desk.go("/staff/")
    desk.sign_in(clerk.sign_in_name)
    device = Device(page)
    desk.go("/settings/security/passkey/")
    device.touch()
    desk.press("Create a passkey")
    desk.at_home()
    desk.go("/staff/staff-list/")
    desk.at("Staff list", "staff list")
    desk.follow("All pages for staff")
    desk.at("For staff", "staff, first page")
    desk.page.get_by_role("link", name=desk.words("Patients"), exact=True).first.click()
    desk.at("Patients", "patients")
    desk.type("Find a patient", "-")
    desk.press("Find")
    desk.at("Patients", "patients, nothing to look for")
    desk.type("Find a patient", "santos 3/12/1984")
    desk.press("Find")
    desk.at("Patients", "patients, found")
    page.get_by_role("link", name=chart.full_name).click()
    desk.at(chart.full_name, "a patient")
    desk.follow("Forgive the wrong codes")
    desk.at("Forgive the wrong codes", "forgive")
    desk.press("Forgive the wrong codes")
    desk.at("Forgive the wrong codes", "forgive, nothing said")
    desk.tick("Passport")
    desk.tick("The patient typed many codes wrong")
    desk.press("Forgive the wrong codes")
    desk.at(chart.full_name, "a patient, forgiven")
    expect(page.get_by_role("main")).to_contain_text(f"{limits.FORGIVEN_LEAVES} ")
