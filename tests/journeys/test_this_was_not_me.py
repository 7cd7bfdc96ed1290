"""Who is told of an enrollment can stop it from the email (docs/flows.md, rule 12)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import AccessState, PatientAccess
from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit


def test_owner_of_the_record_stops_an_access(practice: Practice, new_page: Callable[..., Page], mail: Mail) -> None:
    mia = cast.patient(practice)
    thief = Visit(new_page(), practice, look=checks.everything)
    thief.enroll(mia, email=cast.new_address("thief"))

    [message] = mail(mia.email, practice=practice)
    [link] = [link for link in message["links"] if "/not-me/" in link]
    owner = Visit(new_page(), practice, look=checks.everything)
    owner.page.goto(link)
    owner.at("This wasn't me", "not me")
    expect(owner.page).to_have_url(practice.address("/not-me/"))
    access = PatientAccess.objects.get(record=mia.chart)
    assert access.state == AccessState.ACTIVE  # opening a link stops nothing
    owner.press("This wasn't me: stop the access")
    owner.at("The access is stopped", "not me, done")
    access.refresh_from_db()
    assert access.state == AccessState.SUSPENDED

    thief.go("/home/")
    thief.at_home()
    expect(thief.page.get_by_role("heading", name="Access to the record is stopped")).to_be_visible()
    expect(thief.page.get_by_text(mia.chart.mrn)).to_have_count(0)
    [alarm] = mail(practice.email, practice=practice)
    assert mia.last_name not in alarm["body"] + alarm["subject"]


def test_unknown_link_says_what_to_do(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    visit.go("/not-me/made-up/")
    visit.at("This link does not work", "not me, unknown")
