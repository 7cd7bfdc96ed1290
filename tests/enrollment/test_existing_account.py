"""**Add this practice to an account I already have**."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from accounts.models import Account, PatientAccess
from agreements.models import Acceptance
from guard import limits
from guard.models import Tally
from tests.people import (
    A_STRANGER,
    ANNA,
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    front_desk,
    h1,
    opens,
    someone_like,
    words,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Practice:
    return a_practice()


@pytest.fixture
def there() -> Practice:
    return a_practice("oak")


def test_account_gets_a_second_practice(here: Practice, there: Practice) -> None:
    account = an_account(there)
    browser = Browser(here)
    token = a_token_for(here)
    browser.walk_to_credentials(token, account="existing")
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/sign-in/"
    page = browser.get("/enroll/credentials/sign-in/").content.decode()
    assert 'value="maria@example.com"' in page
    assert browser.use_account(MARIA.email).url == "/enroll/done/"
    assert h1(browser.get("/enroll/done/")) == "You're enrolled"
    assert opens(account, token.chart)
    assert token.now().state == "redeemed"
    assert Account.objects.count() == 1
    assert Acceptance.objects.filter(account=account).values("terms_version__practice").distinct().count() == 2


def test_home_links_to_the_other_practices_host(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here), account="existing")
    browser.use_account(MARIA.email)
    home = browser.get("/home/")
    assert f'href="{there.address("/")}"' in home.content.decode()
    assert there.name in words(home)
    assert set(re.findall(r"Record of (\w+)", words(home))) == {"Maria"}


def test_email_that_is_held_is_said_and_its_account_suggested(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.type_token(a_token_for(here))
    page = browser.get("/enroll/account/")
    assert "The email address maria@example.com is already associated with an account." in words(page)
    assert re.search(r'value="existing"[^>]* checked', page.content.decode())


def test_email_that_is_held_cannot_sign_a_new_account_in(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here))
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/username/"
    assert "already signs in another account" in words(browser.get("/enroll/credentials/username/"))
    answer = browser.create_account()  # a page of the time before
    assert "Email has been taken." in words(answer)
    assert browser.create_account(username="maria.santos").url == "/enroll/done/"


def test_email_that_is_only_claimed_says_nothing_and_reserves_nothing(here: Practice, there: Practice) -> None:
    an_account(there, ANNA, verified=False, password="Other-pass-42")
    browser = Browser(here)
    browser.type_token(a_token_for(here), email=ANNA.email)
    assert "already associated" not in words(browser.get("/enroll/account/"))
    browser.choose()
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/new/"
    assert browser.create_account().url == "/enroll/done/"
    assert Account.objects.filter(sign_in_name=ANNA.email).count() == 2


def test_another_person_cannot_be_added_to_the_account(here: Practice, there: Practice) -> None:
    account = an_account(there, HER_FATHER)
    browser = Browser(here)
    token = a_token_for(here)
    browser.walk_to_credentials(token, account="existing")
    answer = browser.use_account(HER_FATHER.email)
    assert (answer.status_code, h1(answer)) == (409, "This account belongs to somebody else")
    assert here.phone in words(answer)
    assert not PatientAccess.objects.filter(record=token.chart).exists()
    assert not opens(account, token.chart)
    assert token.now().state == "pending"


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"family": "Santos-Lopez"}, True),
        ({"given": "Maria"}, True),
        ({"given": "MARÍA ELENA"}, True),
        ({"born": MARIA.born + timedelta(days=1)}, False),
        ({"given": "Elena Maria"}, False),
    ],
    ids=str,
)
def test_same_person_is_birth_date_and_first_given_name(
    here: Practice, there: Practice, changes: dict[str, str], *, is_same: bool
) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here, someone_like(MARIA, **changes)), account="existing")
    assert (browser.use_account(MARIA.email).status_code == 302) is is_same


def test_second_record_at_the_same_practice_is_for_the_practice_to_mend(here: Practice) -> None:
    an_account(here)
    browser = Browser(here)
    token = a_token_for(here)
    browser.walk_to_credentials(token, account="existing")
    answer = browser.use_account(MARIA.email)
    assert (answer.status_code, h1(answer)) == (409, "This account has a record at this practice already")
    assert token.now().state == "pending"


def test_wrong_password_of_the_account_keeps_the_journey(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here), account="existing")
    assert "This name and password do not match." in words(browser.use_account(MARIA.email, "Wrong-pass-1"))
    assert browser.use_account(MARIA.email).url == "/enroll/done/"


def test_guessing_is_slowed_here_as_at_the_front_door(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here, address="203.0.113.66")
    browser.walk_to_credentials(a_token_for(here), account="existing")
    seen = [browser.use_account(MARIA.email, "Wrong-pass-1").status_code for _ in range(11)]
    assert seen == [200] * 10 + [429]
    assert Browser(here, address="203.0.113.66").sign_in(MARIA.email).status_code == 429


def test_pressing_twice_adds_it_once(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here), account="existing")
    assert [browser.use_account(MARIA.email).url for _ in range(2)] == ["/enroll/done/"] * 2
    assert PatientAccess.objects.filter(practice=here).count() == 1


def test_signed_in_as_another_the_journey_goes_on(here: Practice, there: Practice) -> None:
    """A shared computer: her father is signed in, and Maria's token is typed."""
    an_account(here, HER_FATHER)
    an_account(there)
    browser = Browser(here)
    browser.sign_in(HER_FATHER.email)
    browser.walk_to_credentials(a_token_for(here), account="existing")
    assert browser.use_account(MARIA.email).url == "/enroll/done/"
    home = words(browser.get("/home/"))
    assert "Record of Maria" in home
    assert "Rafael" not in home


def test_staff_without_a_record_may_be_a_patient_too(here: Practice) -> None:
    desk = front_desk(here)
    browser = Browser(here)
    token = a_token_for(here, A_STRANGER)
    browser.walk_to_credentials(token, account="existing")
    browser.use_account(desk.sign_in_name)
    assert opens(desk, token.chart)


# --- Which emails have an account is said for three of them -----------------------------------------------------------


def test_three_emails_a_token(here: Practice) -> None:
    token = a_token_for(here)
    browser = Browser(here)
    for email in ["one@example.com", "two@example.com", "three@example.com", "ONE@example.com"]:
        assert browser.type_token(token, email=email).url == "/enroll/account/"
    fourth = browser.type_token(token, email="four@example.com")
    assert "Three email addresses were tried with this code already." in words(fourth)
    assert browser.type_token(token, email="two@example.com").url == "/enroll/account/"
    assert browser.type_token(token, email="", no_email="on").url == "/enroll/account/"


def test_three_emails_a_token_also_where_another_is_chosen(here: Practice) -> None:
    browser = Browser(here)
    browser.type_token(a_token_for(here), email="one@example.com")
    for email in ["two@example.com", "three@example.com"]:
        assert browser.post("/enroll/account/email/", {"email": email}).url == "/enroll/account/"
    fourth = browser.post("/enroll/account/email/", {"email": "four@example.com"})
    assert "Three email addresses were tried" in words(fourth)


def test_new_token_asks_about_three_more(here: Practice) -> None:
    token = a_token_for(here)
    for number in range(3):
        Browser(here).type_token(token, email=f"{number}@example.com")
    assert Browser(here).type_token(a_token(token.chart), email="four@example.com").url == "/enroll/account/"


def test_another_email_is_used_for_the_new_account(here: Practice, there: Practice) -> None:
    an_account(there)
    browser = Browser(here)
    browser.walk_to_credentials(a_token_for(here), account="existing")
    assert h1(browser.get("/enroll/account/email/")) == "Use a different email address"
    browser.post("/enroll/account/email/", {"email": "mine@example.com"})
    browser.choose()
    assert browser.create_account().url == "/enroll/done/"
    assert Browser(here).sign_in("mine@example.com", PASSWORD).url == "/home/"


def test_email_is_not_looked_up_before_the_match(here: Practice, there: Practice) -> None:
    an_account(there)
    token = a_token_for(here)
    answer = Browser(here).type_token(token, last_name="Somebody")
    assert "associated" not in words(answer)
    assert token.now().emails_asked == []
    assert not Tally.objects.filter(limit=limits.SIGN_IN_BY_NAME.name).exists()
