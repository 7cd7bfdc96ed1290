"""Pages that a link in a message leads to: **Verify**, **This wasn't me**, and what they say once it is pressed."""

from __future__ import annotations

from django.utils import timezone

from accounts import names
from accounts.models import Account
from guard import limits
from practices.models import Practice
from tests import people
from tests.accounts.options_kit import an_app
from tests.enrollment.by_email import Mailbox, an_activation_code
from tests.journeys import cast
from tests.journeys.scenes.enrolling import MOBILE
from tests.journeys.scenes.stage import Stage, an_owner, sent, shows, signed_in, somebody
from verification import changes
from verification.models import Challenge

PASSWORDS = {"current_password": people.PASSWORD, "password": "Quiet-harbor-58", "confirm_password": "Quiet-harbor-58"}


@shows("verify_email")
def opened_the_verification_link(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice, verified=False))
    browser.get(sent("enrollment_complete", "link", practice))
    return Stage(browser)


@shows("not_me")
def was_told_of_an_access(practice: Practice) -> Stage:
    an_owner(practice, verified=False)
    browser = people.Browser(practice)
    browser.get(sent("enrollment_complete", "not_me", practice))
    return Stage(browser)


@shows("not_me")
def stopped_an_access(practice: Practice) -> Stage:
    told = was_told_of_an_access(practice)
    told.browser.post("/not-me/")
    return told


@shows("not_my_change")
def was_told_of_a_new_password(practice: Practice) -> Stage:
    signed_in(practice, an_owner(practice)).post("/settings/password/", PASSWORDS)
    browser = people.Browser(practice)
    browser.get(sent("password_changed", "not_me", practice))
    return Stage(browser)


@shows("not_my_change")
def took_a_new_password_back(practice: Practice) -> Stage:
    told = was_told_of_a_new_password(practice)
    told.browser.post("/not-my-change/")
    return told


@shows("not_my_email")
def was_told_of_another_email_on_the_record(practice: Practice) -> Stage:
    letter, hers = an_activation_code(people.a_chart(practice, somebody(), mobile_e164=MOBILE)), Mailbox(practice)
    hers.open_account(letter, cast.new_address("new"))
    hers.get(sent("enrollment_complete", "link", practice))
    hers.post("/verify-email/")
    hers.prove_phone(letter, MOBILE)
    browser = people.Browser(practice)
    browser.get(sent("email_replaced", "undo", practice, to=letter.chart.email))
    return Stage(browser)


@shows("not_my_email")
def put_the_old_email_back(practice: Practice) -> Stage:
    told = was_told_of_another_email_on_the_record(practice)
    told.browser.post("/not-my-email/")
    return told


@shows("sign_in_link_sent", "known_browser")
def signs_in_by_a_link_while_somebody_guesses(practice: Practice) -> Stage:
    account = an_owner(practice)
    for _ in range(limits.SIGN_IN_BY_NAME.count):
        limits.spend((limits.SIGN_IN_BY_NAME, names.fold(account.sign_in_name)))
    browser = signed_in(practice, account)
    browser.post("/password/link/")
    browser.get(sent("sign_in_link", "link", practice))
    return Stage(browser)


@shows("reset_password", "reset_password_check")
def opened_the_link_to_a_new_password(practice: Practice) -> Stage:
    account = an_owner(practice)
    people.an_option(account)
    return Stage(chose_a_password(practice, account))


@shows("reset_password_wait")
def has_an_app_that_is_not_at_hand(practice: Practice) -> Stage:
    account = an_owner(practice)
    an_app(account)
    return Stage(chose_a_password(practice, account))


@shows("reset_password_wait")
def waits_for_a_day_without_the_app(practice: Practice) -> Stage:
    stage = has_an_app_that_is_not_at_hand(practice)
    stage.browser.post("/reset-password/wait/")
    return stage


@shows("reset_password_check")
def may_not_reset_after_this_was_not_me(practice: Practice) -> Stage:
    account = an_owner(practice)
    people.an_option(account)
    changes.block(account=account, practice=practice)
    return Stage(chose_a_password(practice, account))


@shows("reset_password", "reset_password_check", "reset_password_wait")
def opened_a_link_that_is_too_old(practice: Practice) -> Stage:
    account = an_owner(practice)
    browser = chose_a_password(practice, account)
    Challenge.objects.filter(account=account).update(expires_at=timezone.now())
    return Stage(browser)


def chose_a_password(practice: Practice, account: Account) -> people.Browser:
    """By the link in the mail; it counts nothing yet."""
    browser = people.Browser(practice)
    browser.post("/forgot-password/", {"name": account.sign_in_name})
    browser.get(sent("password_reset_link", "link", practice))
    browser.post("/reset-password/", {"password": "Quiet-harbor-58", "confirm_password": "Quiet-harbor-58"})
    return browser


@shows("not_my_change")
def was_told_of_a_forgotten_password(practice: Practice) -> Stage:
    account = an_owner(practice)
    option = people.an_option(account)
    browser = chose_a_password(practice, account)
    browser.post("/reset-password/check/")
    browser.type_code(option.target)
    return told_of(practice, "password_reset")


@shows("not_my_change")
def was_told_of_a_reset_that_waits(practice: Practice) -> Stage:
    waits_for_a_day_without_the_app(practice)
    return told_of(practice, "password_reset_waits")


def told_of(practice: Practice, notice: str) -> Stage:
    browser = people.Browser(practice)
    browser.get(sent(notice, "not_me", practice))
    return Stage(browser)
