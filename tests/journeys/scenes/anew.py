"""**Reset your account**: its warning, what follows, and **This wasn't me** before and after it is closed."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Account, AccountChange
from enrollment import tasks
from practices.choices import StaffRole
from practices.models import Practice, StaffMembership
from tests import people
from tests.accounts.options_kit import rested
from tests.enrollment.account_reset_kit import AT_ONCE, ON_FILE, Locked, an_owner
from tests.journeys.scenes.stage import Stage, sent, shows, somebody


def without_options(practice: Practice) -> tuple[Account, Locked]:
    """Somebody whose phone for codes is lost, with a new password that waits for its proof."""
    account, browser = an_owner(practice, somebody()), Locked(practice)
    browser.choose_for(account)
    return account, browser


@shows("reset_account")
def may_reset_the_account(practice: Practice) -> Stage:
    return Stage(without_options(practice)[1])


@shows("reset_account")
def works_for_a_practice_and_is_refused(practice: Practice) -> Stage:
    account, browser = without_options(practice)
    StaffMembership.objects.create(practice=practice, account=account, role=StaffRole.FRONT_DESK)
    return Stage(browser)


@shows("reset_account_asked")
def asked_for_a_reset(practice: Practice) -> Stage:
    _account, browser = without_options(practice)
    browser.press()
    return Stage(browser)


@shows("reset_account_asked")
def cancelled_a_reset(practice: Practice) -> Stage:
    account, browser = without_options(practice)
    browser.press()
    AccountChange.objects.filter(account=account).update(cancelled_at=timezone.now())
    return Stage(browser)


@shows("reset_account_asked")
def was_reset(practice: Practice) -> Stage:
    account, browser = without_options(practice)
    browser.press()
    AccountChange.objects.filter(account=account).update(due_at=timezone.now())
    tasks.close_accounts()
    return Stage(browser)


@shows("reset_account", "reset_at_once", "reset_at_once_code", reset_wait_hours=0)
def is_asked_for_the_phone_on_file_before_a_reset(practice: Practice) -> Stage:
    account, browser = without_options(practice)
    rested(account)
    born = f"{people.MARIA.born:%m/%d/%Y}"
    browser.post(AT_ONCE, {"birth_date": born, "way": f"sms-{ON_FILE[-4:]}"})
    return Stage(browser)


@shows("not_my_change")
def was_told_of_a_reset(practice: Practice) -> Stage:
    asked_for_a_reset(practice)
    browser = people.Browser(practice)
    browser.get(sent("account_reset_asked", "not_me", practice))
    return Stage(browser)


@shows("not_my_change")
def stopped_a_reset(practice: Practice) -> Stage:
    told = was_told_of_a_reset(practice)
    told.browser.post("/not-my-change/")
    return told


@shows("not_my_change")
def was_told_that_the_account_is_closed(practice: Practice) -> Stage:
    was_reset(practice)
    browser = people.Browser(practice)
    browser.get(sent("account_closed", "not_me", practice))
    return Stage(browser)


@shows("not_my_change")
def stopped_the_way_back(practice: Practice) -> Stage:
    told = was_told_that_the_account_is_closed(practice)
    told.browser.post("/not-my-change/")
    return told


@shows("enroll_invited")
def comes_back_with_a_new_password(practice: Practice) -> Stage:
    was_reset(practice)
    browser = people.Browser(practice)
    browser.get(sent("account_closed", "link", practice))
    return Stage(browser)
