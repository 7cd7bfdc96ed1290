"""One email for two people, one person at two practices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from accounts.models import Account
from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit

NOT_THERE = 0


def test_couple_shares_an_email_and_neither_opens_the_others_record(
    practice: Practice, new_page: Callable[..., Page], mail: Mail
) -> None:
    email = cast.new_address("ann.and.ben")
    ann = cast.patient(practice, given="Ann", family="Lee", email=email)
    ben = cast.patient(practice, given="Ben", family="Lee", born=date(1984, 2, 29), email=email)
    hers = Visit(new_page(), practice)
    hers.enroll(ann)
    verify(hers, mail(email, practice=practice)[0])

    his = Visit(new_page(), practice, look=checks.everything)
    his.come_to_token()
    his.enter_token(ben)
    his.at("Account options", "account, email known")
    expect(his.page.get_by_text("is already associated with an account")).to_be_visible()
    expect(his.page.get_by_label("Add this practice to an account I already have")).to_be_checked()
    his.press("Next")
    his.at("Account credentials", "sign in and add")
    his.type("Password", cast.PASSWORD)  # they share it, too
    his.press("Sign in and add this practice")
    his.at("This account belongs to somebody else", "refused, somebody else's account")

    his.go("/enroll/account/")
    his.tick("Create a new account")
    his.press("Next")
    his.at("Account credentials", "username, email known")
    username = f"ben.{practice.slug}"
    his.type("Username", username)
    his.set_password()
    his.at("You're enrolled", "done, with a username")
    his.follow("Continue")
    his.at_home()
    only(his, "Record of Ben Lee", not_="Record of Ann Lee")

    hers.sign_out()
    hers.follow("Sign in")
    hers.sign_in(email)
    hers.at_home()
    only(hers, "Record of Ann Lee", not_="Record of Ben Lee")


def test_couple_shares_an_unverified_email(practice: Practice, new_page: Callable[..., Page]) -> None:
    email = cast.new_address("cal.and.dee")
    passwords = {"Cal": "Kite-flying-77", "Dee": "Boat-sailing-88"}
    for given, password in passwords.items():
        visit = Visit(new_page(), practice)
        visit.come_to_token()
        visit.enter_token(cast.patient(practice, given=given, family="Roe", email=email))
        visit.choose_new_account()
        visit.set_password(password)
        visit.at("You're enrolled", "done")
    for given, password in passwords.items():
        visit = Visit(new_page(), practice)
        visit.open_sign_in()
        visit.sign_in(email, password)
        visit.at_home()
        other = next(name for name in passwords if name != given)
        only(visit, f"Record of {given} Roe", not_=f"Record of {other} Roe")


def test_second_practice_is_added_to_the_account(opens: Opens, new_page: Callable[..., Page], mail: Mail) -> None:
    first, second = opens("first"), opens("second")
    email = cast.new_address()
    page = new_page()
    here = Visit(page, first)
    here.enroll(cast.patient(first, email=email))
    verify(here, mail(email, practice=first)[0])

    there = Visit(page, second, look=checks.everything)
    there.come_to_token()
    there.enter_token(cast.patient(second, family="Núñez", email=email))
    there.at("Account options", "account, email known")
    there.press("Next")
    there.at("Account credentials", "sign in and add")
    expect(page.get_by_label("Email or username")).to_have_value(email)
    there.type("Password", "Wrong-password-1")
    there.press("Sign in and add this practice")
    there.at("Account credentials", "sign in and add, wrong password")
    there.type("Password", cast.PASSWORD)
    there.press("Sign in and add this practice")
    there.at("You're enrolled", "done, second practice")
    there.follow("Continue")
    there.at_home()
    expect(page.get_by_role("heading", name="Record of Mia Sofía Núñez")).to_be_visible()
    expect(page.get_by_role("link", name=first.name, exact=True)).to_have_attribute("href", first.address("/"))
    assert Account.objects.filter(sign_in_name=email).count() == 1
    assert mail(email, practice=second, at_least=2)  # they are told at the address they had before


def verify(visit: Visit, message: dict[str, object]) -> None:
    links = message["links"]
    assert isinstance(links, list)
    visit.page.goto(next(link for link in links if "/verify-email/" in link))
    visit.press("Verify")
    visit.at("Your email address is verified", "verified")
    visit.go("/home/")
    visit.at_home()


def only(visit: Visit, heading: str, *, not_: str) -> None:
    expect(visit.page.get_by_role("heading", name=heading)).to_be_visible()
    expect(visit.page.get_by_role("heading", name=not_)).to_have_count(NOT_THERE)
