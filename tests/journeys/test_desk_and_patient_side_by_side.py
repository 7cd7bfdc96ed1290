"""A patient who cannot get in, and the desk that sees why, each at their own screen, until she is home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from enrollment.models import EnrollmentCode
from practices.models import PatientRecord, Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.desk import clock_in, clock_out
from tests.journeys.flow import Visit
from tests.journeys.test_invitation import TITLE, fill
from tests.staff.kit import a_manager

PAW = "Send portal invitation or reset link"


def a_patient_with_an_old_letter(practice: Practice) -> cast.Patient:
    mia = cast.patient(practice)
    weeks = timedelta(days=60)
    EnrollmentCode.objects.filter(record=mia.chart).update(
        issued_at=timezone.now() - weeks, expires_at=timezone.now() - timedelta(days=1)
    )
    return mia


def test_an_expired_code_is_mended_and_she_is_home(opens: Opens, new_page: Callable[..., Page], mail: Mail) -> None:
    practice = opens("side", option_required=False)
    mia = a_patient_with_an_old_letter(practice)
    patient = Visit(new_page(width=360), practice, look=checks.everything)
    desk = Visit(new_page(), practice, look=checks.everything)

    patient.come_to_token()
    patient.enter_token(mia)
    patient.at("This code has expired", "token, expired")

    device = clock_in(desk, a_manager(practice, "first"))
    sees_why_and_sends(desk, mia.chart)

    links = mail(mia.email, practice=practice)[0]["links"]
    patient.page.goto(next(link for link in links if "/invitation/" in link))
    patient.at(TITLE, "create your new password")
    fill(patient, mia.email)
    patient.press("Create account")
    patient.page.wait_for_load_state()
    patient.go(reverse("enroll_vouch"))
    patient.at("Ask the practice to vouch for me", "vouch")
    patient.press("Ask the practice to vouch for me")
    expect(patient.page.get_by_role("link", name="Check again")).to_be_visible()
    patient.at("Ask the practice to vouch for me", "vouch, asked")

    desk.go(reverse("staff:waiting"))
    desk.at("Waiting to be vouched for", "waiting, of her own code")
    expect(desk.page.get_by_role("main")).to_contain_text("ask a colleague")  # nobody vouches for a code of their own
    clock_out(desk, device)
    clock_in(desk, people.front_desk(practice, "colleague"))
    vouches(desk, mia.chart)

    patient.follow("Check again")
    patient.press("Continue")
    patient.at("You're enrolled", "done")
    patient.follow("Continue")
    patient.at_home()
    desk.go(reverse("staff:chart", args=[mia.chart.pk]))
    desk.at(mia.chart.full_name, "chart, in")
    expect(desk.page.get_by_role("region", name="Access", exact=True)).to_contain_text("Nothing is in the way.")


def sees_why_and_sends(desk: Visit, chart: PatientRecord) -> None:
    """The **Access** panel says what is in the way, and has the button."""
    desk.page.get_by_role("link", name="Patients", exact=True).first.click()
    desk.at("Patients", "patients")
    desk.type("Find a patient", chart.mrn)
    desk.press("Find")
    desk.at("Patients", "patients, found")
    desk.follow(chart.full_name)
    desk.at(chart.full_name, "chart, code expired")
    panel = desk.page.get_by_role("region", name="Access", exact=True)
    expect(panel).to_contain_text("The code expired before it was used.")
    panel.get_by_role("link", name=PAW).click()
    desk.at(PAW, "paw")
    desk.press("Send")
    desk.at(chart.full_name, "chart, code sent")
    expect(desk.page.get_by_role("main")).to_contain_text("is on its way")


def vouches(desk: Visit, chart: PatientRecord) -> None:
    desk.follow("Waiting to be vouched for")
    desk.at("Waiting to be vouched for", "waiting")
    desk.follow(f"Vouch for {chart.full_name}")
    desk.at("Vouch for a patient", "vouch, colleague")
    desk.tick("Passport")
    desk.press("Vouch")
    desk.at("Waiting to be vouched for", "vouched")
