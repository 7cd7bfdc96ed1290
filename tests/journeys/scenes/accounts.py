"""Pages of who signs in, and **Settings**."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import Account
from practices.models import Practice
from tests import people
from tests.accounts.options_kit import an_app, proof_is_old
from tests.accounts.test_passkeys import add
from tests.journeys.scenes.stage import Stage, an_owner, shows, signed_in
from tests.verification.soft_keys import SoftKey

SECURITY = "/settings/security/"
APP = "/settings/security/authenticator/"


@shows(
    "home", "settings", "recent_activity", "change_password", "change_email", "language", "help", "link_code",
    "email_verified",
    "security", "authenticator", "backup_codes", "backup_codes_made", "passkey_set_up", "option_rename",
    "option_remove",
)  # fmt: skip
def signed_in_by_text(practice: Practice) -> Stage:
    account = an_owner(practice)
    option = people.an_option(account)
    browser = signed_in(practice, account)
    browser.type_code(option.target)
    browser.post("/settings/security/backup-codes/")
    paths = {name: reverse(name, args=[option.persistent_id]) for name in ("option_rename", "option_remove")}
    return Stage(browser, paths)


@shows("protect", "protect_text", "protect_by_call", "protect_email", "protect_code", option_required=True)
def has_to_protect_the_account(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    browser.post(reverse("protect_text"), {"phone": "(646) 555-0177"})
    return Stage(browser)


@shows("forgot_password", "forgot_password_sent", "forgot_username", "forgot_username_sent", "cannot_verify")
def forgot_how_to_sign_in(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.post("/", {"name": "maria.santos"})
    return Stage(browser)


@shows("second_step_code", "second_step_ways", "cannot_verify")
def is_asked_for_a_code(practice: Practice) -> Stage:
    account = an_owner(practice)
    people.an_option(account)
    return Stage(signed_in(practice, account))


@shows("second_step_typed", "second_step_ways")
def is_asked_for_the_code_of_an_app(practice: Practice) -> Stage:
    account = an_owner(practice)
    an_app(account)
    return Stage(signed_in(practice, account))


@shows("passkey_second_step", "second_step_ways")
def is_asked_for_a_passkey(practice: Practice) -> Stage:
    account = an_owner(practice)
    add(signed_in(practice, account), SoftKey())
    return Stage(signed_in(practice, account))


@shows("step_up", "passkey_step_up")
def has_to_confirm_by_a_passkey(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    add(browser, SoftKey())
    proof_is_old(browser)
    browser.get(APP)
    return Stage(browser)


@shows("step_up")
def has_to_confirm_by_the_password(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    proof_is_old(browser)
    browser.get(APP)
    return Stage(browser)


@shows("step_up_stronger")
def has_an_app_and_used_a_text(practice: Practice) -> Stage:
    account = an_owner(practice)
    option = people.an_option(account)
    browser = signed_in(practice, account)
    browser.type_code(option.target)
    an_app(account)
    return Stage(browser)


@shows("choose_sign_in_name")
def lost_the_email(practice: Practice) -> Stage:
    """Somebody else verified the email that the account signs in with."""
    account = an_owner(practice, verified=False)
    Account.objects.filter(pk=account.pk).update(sign_in_state="lost")
    return Stage(signed_in(practice, account))
