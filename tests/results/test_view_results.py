"""**View Results** in the email: who has an account signs in and lands on the result; who has none enrolls first."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess, Relationship
from enrollment.models import CodeState, EnrollmentCode
from practices.models import PatientRecord, Practice
from results import links, release
from results.models import Look, Report, ReportState
from tests.agreements.kit import a_form, submit
from tests.alone import alone
from tests.enrollment.by_email import INVITED, PHONE, PHONE_CODE, Mailbox
from tests.people import (
    A_CHILD,
    ANNA,
    BEN,
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    Person,
    a_chart,
    a_practice,
    a_token,
    an_account,
    h1,
    mail,
    path_of,
    words,
)
from tests.results.kit import GLUCOSE, a_report, chart_of

__all__ = ["alone"]
pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def browser(practice: Practice) -> Mailbox:
    return Mailbox(practice)


def emailed(chart: PatientRecord, **changes: Any) -> tuple[Report, str]:
    """A released report, and the path of the link in its newest email."""
    due = {"state": ReportState.HELD, "released_at": None, "release_at": timezone.now(), **changes}
    report = a_report(chart, {**GLUCOSE, "number": "91"}, **due)
    release.release_due()
    return report, path_of(mail("new_result")[-1]["link"])


def follow(browser: Browser, answer: Any) -> tuple[str, Any]:
    """Where redirects lead to in the end, and the page there."""
    path = ""
    while answer.status_code == 302:
        path = answer.url
        answer = browser.get(path)
    return path, answer


def test_who_has_an_account_signs_in_and_lands_on_the_result(practice: Practice, browser: Mailbox) -> None:
    report, link = emailed(chart_of(an_account(practice)))
    path, page = follow(browser, browser.get(link))
    assert (path, h1(page)) == ("/", "Sign in")
    assert "Sign in to read what is new" in page.content.decode()
    path, page = follow(browser, browser.sign_in(MARIA.email))
    assert (path, h1(page)) == (f"/results/{report.pk}/", report.name)


def test_home_leads_there_once(practice: Practice, browser: Mailbox) -> None:
    _report, link = emailed(chart_of(an_account(practice)))
    browser.get(link)
    follow(browser, browser.sign_in(MARIA.email))
    assert browser.get("/home/").status_code == 200


def test_who_is_signed_in_goes_straight_there(practice: Practice, browser: Mailbox) -> None:
    report, link = emailed(chart_of(an_account(practice)))
    browser.sign_in(MARIA.email)
    assert follow(browser, browser.get(link))[0] == f"/results/{report.pk}/"


def test_who_has_no_account_enrolls_and_lands_on_the_result(practice: Practice, browser: Mailbox) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE)
    report, link = emailed(chart)
    path, page = follow(browser, browser.get(link))
    assert (path, h1(page)) == (INVITED, "Create your new password")
    made = browser.post(INVITED, typed(page, MARIA.email))
    assert made.url == PHONE
    assert browser.post(PHONE, {"birth_date": "03/12/1984", "way": f"sms-{MOBILE[-4:]}"}).url == PHONE_CODE
    asked = browser.type_code(MOBILE, PHONE_CODE)
    assert asked.url == "/enroll/relationship/", "a parent may read the mailbox that results go to"
    path, page = follow(browser, browser.post(asked.url, {"relationship": "self"}))
    assert h1(page) == "You're enrolled"
    assert 'href="/home/"' in page.content.decode()
    path, page = follow(browser, browser.get("/home/"))
    assert (path, h1(page)) == (f"/results/{report.pk}/", report.name)
    account = Account.objects.get(sign_in_name=MARIA.email)
    assert account.verified_email == MARIA.email, "the code arrived there (rule 13)"
    assert EnrollmentCode.objects.get().state == CodeState.REDEEMED


def typed(page: Any, email: str) -> dict[str, Any]:
    shown = page.context["current"].ids
    return {"email": email, "password": PASSWORD, "confirm_password": PASSWORD, "accept": "on", "shown": shown}


def cared_for(practice: Practice, person: Person = MARIA) -> tuple[PatientRecord, Account]:
    """A patient without an account, and who cares for them."""
    chart, father = a_chart(practice, person, mobile_e164=MOBILE), an_account(practice, HER_FATHER)
    PatientAccess.objects.create(
        account=father, practice=practice, record=chart, relationship=Relationship.PARENT,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    return chart, father


def test_a_patient_enrolls_also_where_somebody_cares_for_them(practice: Practice, browser: Mailbox) -> None:
    report, _newest = emailed(cared_for(practice)[0])
    links = {one["to"]: path_of(one["link"]) for one in mail("new_result")}
    assert follow(browser, browser.get(links[MARIA.email]))[0] == INVITED
    father = Mailbox(practice)
    assert follow(father, father.get(links[HER_FATHER.email]))[0] == "/"
    assert follow(father, father.sign_in(HER_FATHER.email))[0] == f"/results/{report.pk}/"


def test_who_cares_and_is_signed_in_is_not_sent_through_the_patients_invitation(practice: Practice) -> None:
    report, _newest = emailed(cared_for(practice)[0])
    [hers] = [path_of(one["link"]) for one in mail("new_result") if one["to"] == MARIA.email]
    father = Mailbox(practice)
    father.sign_in(HER_FATHER.email)
    assert follow(father, father.get(hers))[0] == f"/results/{report.pk}/"


def test_a_used_invitation_does_not_keep_out_who_cares(practice: Practice, browser: Mailbox) -> None:
    """The one in the mailbox got in with it, as somebody who cares, and opens the link again."""
    chart = a_chart(practice)
    report, link = emailed(chart)
    EnrollmentCode.objects.filter(record=chart).update(state=CodeState.REDEEMED)
    father = an_account(practice, HER_FATHER)
    PatientAccess.objects.create(
        account=father, practice=practice, record=chart, relationship=Relationship.CAREGIVER,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    assert follow(browser, browser.get(link))[0] == "/"
    assert follow(browser, browser.sign_in(HER_FATHER.email))[0] == f"/results/{report.pk}/"


def test_the_link_to_a_childs_result_leads_its_parents_to_sign_in(practice: Practice, browser: Mailbox) -> None:
    chart = a_chart(practice, A_CHILD)
    report, link = emailed(chart)
    mother = an_account(practice)
    PatientAccess.objects.create(
        account=mother, practice=practice, record=chart, relationship=Relationship.PARENT,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    assert follow(browser, browser.get(link))[0] == "/"
    assert follow(browser, browser.sign_in(MARIA.email))[0] == f"/results/{report.pk}/"


def test_opening_the_link_uses_nothing_up(practice: Practice) -> None:
    """A mail scanner opens it, and again."""
    _report, link = emailed(a_chart(practice))
    for _time in range(3):
        scanner = Mailbox(practice)
        follow(scanner, scanner.get(link))
        scanner.head(link)
    assert EnrollmentCode.objects.get().state == CodeState.PENDING
    assert not Look.objects.exists()
    assert Mailbox(practice).post(link).status_code == 405


def test_no_secret_stays_in_the_address_or_on_the_page(practice: Practice, browser: Mailbox) -> None:
    _report, link = emailed(a_chart(practice))
    _view, secret, number = link.strip("/").split("/")
    path, page = follow(browser, browser.get(link))
    for hidden in (secret, number):
        assert hidden not in path
        assert hidden not in page.content.decode()


def test_the_link_goes_on_working_after_enrolling(practice: Practice) -> None:
    chart = a_chart(practice)
    report, link = emailed(chart)
    EnrollmentCode.objects.update(state=CodeState.SUPERSEDED)
    an_account(practice, token=a_token(chart))
    browser = Mailbox(practice)
    assert follow(browser, browser.get(link))[0] == "/"
    assert follow(browser, browser.sign_in(MARIA.email))[0] == f"/results/{report.pk}/"


def test_who_has_a_letter_in_hand_is_told_to_use_it(practice: Practice, browser: Mailbox) -> None:
    chart = a_chart(practice)
    token = a_token(chart)
    report, link = emailed(chart)
    path, page = follow(browser, browser.get(link))
    assert path == "/"
    assert "letter or code that the practice gave you" in page.content.decode()
    follow(browser, browser.enroll(token))
    assert follow(browser, browser.get("/home/"))[0] == f"/results/{report.pk}/"


def test_the_way_there_leads_past_what_has_to_be_done_first(browser: Mailbox, practice: Practice) -> None:
    """A practice that asks for a security option asks for it before anything else."""
    account = an_account(practice)
    report, link = emailed(chart_of(account))
    practice.settings.option_required = True
    practice.settings.save()
    browser.get(link)
    assert follow(browser, browser.sign_in(MARIA.email))[0] == "/protect/"
    assert browser.get(f"/view-results/result/{report.pk}/").url == "/protect/"


def test_a_required_form_comes_first_and_then_the_result(practice: Practice, browser: Mailbox) -> None:
    report, link = emailed(chart_of(an_account(practice)))
    a_form(practice)
    browser.get(link)
    assert follow(browser, browser.sign_in(MARIA.email))[0] == "/agreements/"
    assert follow(browser, submit(browser))[0] == f"/results/{report.pk}/"


@pytest.mark.parametrize("state", [AccessState.WAITING, AccessState.APPROVAL, AccessState.SUSPENDED, AccessState.ENDED])
def test_without_access_it_leads_home(practice: Practice, browser: Mailbox, state: AccessState) -> None:
    account = an_account(practice)
    report, link = emailed(chart_of(account))
    PatientAccess.objects.filter(account=account).update(state=state)
    browser.get(link)
    path, page = follow(browser, browser.sign_in(MARIA.email))
    assert path == "/home/"
    assert "is not open to this account" in page.content.decode()
    assert report.name not in words(page)


def test_somebody_else_at_the_same_computer_does_not_get_there(practice: Practice, browser: Mailbox) -> None:
    _report, link = emailed(chart_of(an_account(practice, ANNA, name="anna")))
    an_account(practice, BEN, name="ben")
    browser.get(link)
    assert follow(browser, browser.sign_in("ben"))[0] == "/home/"
    assert not Look.objects.exists()


def test_a_proxy_lands_in_the_right_record(practice: Practice, browser: Mailbox) -> None:
    chart = chart_of(an_account(practice))
    father = an_account(practice, HER_FATHER)
    PatientAccess.objects.create(
        account=father, practice=practice, record=chart, relationship=Relationship.CAREGIVER,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    report, link = emailed(chart)
    browser.get(link)
    path, page = follow(browser, browser.sign_in(HER_FATHER.email))
    assert path == f"/results/{report.pk}/"
    assert chart.full_name in page.content.decode(), "the page says whose record it is"


def test_what_is_for_the_patient_alone_is_not_for_a_proxy(practice: Practice, browser: Mailbox) -> None:
    chart = chart_of(an_account(practice))
    father = an_account(practice, HER_FATHER)
    PatientAccess.objects.create(
        account=father, practice=practice, record=chart, relationship=Relationship.CAREGIVER,
        state=AccessState.ACTIVE, opened_at=timezone.now(),
    )  # fmt: skip
    _report, link = emailed(chart, patient_only=True)
    browser.get(link)
    assert follow(browser, browser.sign_in(HER_FATHER.email))[0] == "/home/"


@pytest.mark.parametrize("state", [ReportState.HELD, ReportState.WITHDRAWN])
def test_what_was_withdrawn_meanwhile_leads_home(practice: Practice, browser: Mailbox, state: ReportState) -> None:
    _report, link = emailed(chart_of(an_account(practice)))
    Report.objects.update(state=state)
    browser.get(link)
    assert follow(browser, browser.sign_in(MARIA.email))[0] == "/home/"


def test_a_link_of_one_practice_is_nothing_at_another(practice: Practice) -> None:
    _report, link = emailed(chart_of(an_account(practice)))
    elsewhere = Mailbox(a_practice("oak"))
    path, page = follow(elsewhere, elsewhere.get(link))
    assert path == "/"
    assert "The link is not whole" in page.content.decode()


def test_a_reference_is_bound_to_its_practice_and_leads_to_no_report_elsewhere(practice: Practice) -> None:
    here, elsewhere = Mailbox(practice), a_practice("oak")
    report = a_report(a_chart(elsewhere))
    assert links.read(links.make(report, elsewhere), practice) is None
    assert "The link is not whole" in words(follow(here, here.get(f"/view-results/{links.make(report, practice)}/"))[1])


@pytest.mark.parametrize("secret", ["{pk}", "{pk}.", "{pk}.made-up", "x", "-1.{rest}", "{other}.{rest}"])
def test_nobody_makes_up_a_link(practice: Practice, browser: Mailbox, secret: str) -> None:
    report, link = emailed(a_chart(practice))
    rest = link.strip("/").split("/")[1].partition(".")[2]
    made = secret.format(pk=report.pk, other=report.pk + 1, rest=rest)
    path, page = follow(browser, browser.get(f"/view-results/{made}/CTE5T9H6XTSY/"))
    assert (path, "The link is not whole" in page.content.decode()) == ("/", True)


def test_a_mistyped_number_still_leads_to_the_invitation_page(practice: Practice, browser: Mailbox) -> None:
    _report, link = emailed(a_chart(practice))
    _view, secret, _number = link.strip("/").split("/")
    assert follow(browser, browser.get(f"/view-results/{secret}/XXXX/"))[0] == "/enroll/invitation-email/"
