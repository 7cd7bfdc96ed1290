"""Pages of nobody in particular, and of who enrolls (flows A, B and C)."""

from __future__ import annotations

from accounts.models import Account
from audit.events import Event
from enrollment import proof
from enrollment.models import Enrollment
from practices.models import Practice
from tests import people
from tests.enrollment.by_email import PHONE, Mailbox, an_activation_code, an_invitation
from tests.journeys.scenes.stage import Stage, shows, somebody

MOBILE = "+12125550142"


@shows(
    "sign_in", "about_two_step", "terms", "privacy", "signed_out", "sign_in_link_sent", "inbox", "enroll_terms",
    "enroll_declined", "enroll_invitation_email", "enroll_no_code", "enroll_new_code_sent", "enroll_not_mine_told",
    "not_me", "not_my_change", "not_my_email", "known_browser",
)  # fmt: skip
def nobody(practice: Practice) -> Stage:
    """The last four without the link that leads there: it does not work, they say."""
    return Stage(people.Browser(practice))


@shows("password")
def typed_a_name(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.post("/", {"name": "maria@example.com"})
    return Stage(browser)


@shows("enroll_way_in", "enroll_token", "enroll_activate")
def accepted_the_terms(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.accept_terms()
    return Stage(browser)


@shows("enroll_account", "enroll_other_email", "enroll_new", "enroll_username")
def typed_a_token(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.walk_to_credentials(people.a_token_for(practice, somebody()))
    return Stage(browser)


@shows("enroll_account", "enroll_sign_in")
def has_an_account(practice: Practice) -> Stage:
    browser, person = people.Browser(practice), somebody()
    people.an_account(practice, person)
    browser.walk_to_credentials(people.a_token_for(practice, person), account="existing")
    return Stage(browser)


@shows("enroll_activate", "enroll_whose", "enroll_create")
def typed_an_activation_code(practice: Practice) -> Stage:
    browser = Mailbox(practice)
    browser.activate(an_activation_code(people.a_chart(practice, somebody())))
    browser.choose_myself()
    return Stage(browser)


@shows("enroll_invited")
def was_invited(practice: Practice) -> Stage:
    browser = Mailbox(practice)
    browser.get(f"/invitation/{an_invitation(people.a_chart(practice, somebody())).number}/")
    return Stage(browser)


@shows("enroll_phone", "enroll_vouch", "enroll_phone_code")
def has_yet_to_prove_the_record(practice: Practice) -> Stage:
    letter, browser = an_activation_code(people.a_chart(practice, somebody(), mobile_e164=MOBILE)), Mailbox(practice)
    browser.open_account(letter)
    browser.post(PHONE, {"birth_date": letter.born, "way": "sms-0142"})
    return Stage(browser)


@shows("enroll_phone", "enroll_vouch")
def has_no_phone_on_file_and_asked_for_a_vouch(practice: Practice) -> Stage:
    letter, browser = an_activation_code(people.a_chart(practice, somebody())), Mailbox(practice)
    browser.open_account(letter)
    browser.post("/enroll/vouch/")
    return Stage(browser)


@shows("enroll_relationship", "enroll_manager")
def came_from_a_check_in(practice: Practice) -> Stage:
    letter, browser = an_invitation(people.a_chart(practice, somebody()), check_in=True), Mailbox(practice)
    browser.accept_invitation(letter, letter.chart.email)
    account, run = Account.objects.get(email=letter.chart.email), Enrollment.objects.get(code=letter.code)
    request = people.a_request(practice)
    proof.open_record(journey=run, account=account, event=Event.PHONE_ON_FILE_PROVEN, request=request)
    return Stage(browser)


@shows("enroll_done")
def is_enrolled(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.enroll(people.a_token_for(practice, somebody()))
    return Stage(browser)
