"""A patient invites her daughter, who accepts from her email, looks at the record, and is out on the next click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.test_activation import LANGUAGES
from tests.journeys.test_invitation import fill
from tests.journeys.test_two_step import newest_code

PHONE = "+12125550177"


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "es")])
def test_an_invited_daughter(
    width: int, language: str, opens: Opens, new_page: Callable[..., Page], mail: Mail
) -> None:
    practice = opens("people")
    chart = people.a_chart(practice, people.someone_like(people.MARIA, email=cast.new_address("maria")))
    maria = people.an_account(practice, token=people.a_token(chart), name=f"maria.{practice.pk}")
    hers = cast.new_address("julia")

    patient = Visit(new_page(width=width, locale=LANGUAGES[language]), practice, checks.everything, language)
    patient.open_sign_in()
    patient.sign_in(maria.sign_in_name)
    patient.at_home()
    patient.follow("Settings")
    patient.follow("People with access")
    patient.at("People with access", "people with access, nobody")
    patient.follow("Invite someone")
    patient.at("Invite someone", "invite someone")
    patient.press("Send invitation")
    patient.at("Invite someone", "invite someone, nothing typed")
    expect(patient.page.locator("[data-error-summary]")).to_be_focused()
    for label, text in (("First name", "Julia"), ("Last name", "Santos"), ("Their date of birth", "05/20/1998")):
        patient.type(label, text)
    patient.tick("Caregiver")
    patient.tick("View only")
    patient.type("Their email address", hers)
    patient.page.get_by_label(patient.words("Their mobile phone")).fill("(212) 555-0177")
    patient.press("Send invitation")
    patient.at("People with access", "people with access, invited")

    daughter = Visit(new_page(width=width, locale=LANGUAGES[language]), practice, checks.everything, language)
    links = mail(hers, practice=practice)[0]["links"]
    daughter.page.goto(next(link for link in links if "/invited-to-care/" in link))
    expect(daughter.page).to_have_url(practice.address("/enroll/invited-to-care/"))
    daughter.type("Your date of birth", "05/20/1998")
    fill(daughter, hers)
    daughter.press("Create account")
    daughter.at("Verify your phone on file", "phone on file, of a proxy")
    daughter.type("Patient's date of birth", f"{chart.birth_date:%m/%d/%Y}")
    daughter.press("Send code")
    daughter.type("Code", newest_code(mail, PHONE, practice))
    daughter.press("Verify")
    daughter.at("You're enrolled", "done, of a proxy")
    daughter.follow("Continue")
    daughter.at_home()
    expect(daughter.page.locator(".portal-record__whose")).to_contain_text("Maria Elena Santos")
    daughter.go("/settings/people/")
    daughter.at("Your access", "your access")

    patient.go("/settings/people/")
    patient.follow("End access")
    patient.at("End access", "end access")
    patient.press("End access")
    patient.at("People with access", "people with access, ended")
    daughter.go("/home/")
    expect(daughter.page.locator(".portal-record__whose")).to_have_count(0)
    assert not people.opens(Account.objects.get(email=hers), chart)
