"""Lab results in a browser: from home to the list, to one result, to its chart and back; on paper; by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, PdfMargins, expect

from accounts.models import Account, PatientAccess
from practices.models import Practice
from results.models import Look
from tests.journeys import checks
from tests.journeys.test_settings_and_home import LANGUAGES, an_owner, signed_in
from tests.results import kit

COUNT = "Complete blood count"
MARGINS: PdfMargins = {"top": "0.5in", "right": "0.5in", "bottom": "0.5in", "left": "0.5in"}


def a_patient(practice: Practice) -> Account:
    """An account with years of results of its own, and a record besides its own where one is new."""
    account = an_owner(practice, records=2)
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(welcomed_at=timezone.now())
        kit.years_of(kit.chart_of(account))
        other = PatientAccess.objects.select_related("record__practice").get(account=account, relationship="caregiver")
        kit.a_report(other.record, {**kit.GLUCOSE, "number": "90"})
    return account


@pytest.mark.parametrize("width", checks.WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_home_to_a_result_and_over_time(
    language: str, width: int, practice: Practice, new_page: Callable[..., Page]
) -> None:
    account = a_patient(practice)
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = signed_in(page, practice, account, language)
    visit.at("Welcome", "home with results")
    page.get_by_role("navigation", name=visit.words("Pages of this record")).get_by_role("link").nth(1).click()
    visit.at("Results", "results")
    page.get_by_role("link", name=COUNT).click()
    visit.at(COUNT, "a blood count")
    visit.go("/results/")
    page.get_by_role("link", name="LDL cholesterol").click()
    expect(page.locator("h1")).to_contain_text("LDL cholesterol")
    visit.look(page, "LDL over time")
    page.get_by_role("table").get_by_role("link").first.click()
    visit.at("Lipid panel", "a lipid panel")
    assert Look.objects.filter(account=account).count() == 2


def test_by_keyboard_alone(practice: Practice, page: Page) -> None:
    """Every link of the way is reached by Tab, and shows that it is."""
    visit = signed_in(page, practice, a_patient(practice))
    visit.at("Welcome", "home")
    for link, heading in (("Results", "Results"), ("Hemoglobin A1c", "Hemoglobin A1c")):
        tab_to(page, link)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(heading)
    tab_to(page, "Over time")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Hemoglobin A1c over time")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on the first link with these words, and see its ring."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => [document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]"
        )
        if focused[0].strip().startswith(words):
            assert focused[1] == "solid"
            return
    pytest.fail(f"Tab never came to {words}")


def test_a_result_is_one_sheet_of_paper(practice: Practice, page: Page) -> None:
    visit = signed_in(page, practice, a_patient(practice))
    visit.go("/results/")
    page.get_by_role("link", name=COUNT).click()
    visit.at(COUNT, "a blood count")
    page.emulate_media(media="print")
    main = page.locator("main")
    for shown in (
        COUNT,
        "Record of Maria Elena Santos",
        "Printed from the patient portal of",
        "Hemoglobin",
        "Very low",
    ):
        expect(main.get_by_text(shown).first).to_be_visible()
    for hidden in (
        page.get_by_role("button"),
        page.get_by_role("navigation"),
        page.get_by_role("link", name="Over time"),
    ):
        for one in hidden.all():
            expect(one).to_be_hidden()
    assert pages_of(page.pdf(format="Letter", margin=MARGINS)) == 1


def pages_of(pdf: bytes) -> int:
    """How many sheets a PDF of Chromium has."""
    return BytesIO(pdf).read().count(b"/Type /Page\n")


def test_forced_colours_and_large_text(practice: Practice, new_page: Callable[..., Page]) -> None:
    page = new_page(forced_colors="active")
    visit = signed_in(page, practice, a_patient(practice))
    visit.look = checks.clean
    visit.go("/results/trend/4548-4/")
    visit.look(page, "chart in forced colours")
    page.set_viewport_size({"width": checks.NARROWEST, "height": 800})
    checks.no_sideways_scrolling(page, "chart")
