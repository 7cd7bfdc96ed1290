"""The paw: *Send portal invitation or reset link* does the right one of the three."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from enrollment import inviting, vouching
from enrollment.models import CodeKind, CodeState, Enrollment, EnrollmentCode
from practices.models import PatientRecord
from tests.people import (
    A_CHILD,
    A_STRANGER,
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_token,
    an_account,
    h1,
    mail,
    path_of,
    someone_like,
    words,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
LIST = "/staff/patients/"
TITLE = "Send portal invitation or reset link"


def paw(chart: PatientRecord) -> str:
    return f"{LIST}{chart.pk}/paw/"


def record_of(account: Account) -> PatientRecord:
    return PatientRecord.objects.get(accesses__account=account)


def press(desk: Browser, chart: PatientRecord, **typed: str) -> Any:
    """The button in the list, with what the next page says."""
    answer = desk.post(paw(chart), {"show": "", **typed})
    return desk.get(answer.url) if answer.status_code == 302 else answer


def test_invitation_goes_to_who_has_none(desk: Browser, clerk: Account, practice: Practice) -> None:
    chart = a_chart(practice)
    page = desk.get(LIST).content.decode()
    assert f'action="{paw(chart)}"' in page
    assert f'title="{TITLE}"' in page
    assert "Maria Elena Santos: an invitation is on its way to m•••@e•••.com." in words(press(desk, chart))
    [sent] = mail("invitation", to=MARIA.email)
    code = chart.codes.get()
    assert (code.kind, code.state, code.issued_by_id) == (CodeKind.INVITATION, CodeState.PENDING, clerk.pk)
    assert Browser(practice).get(path_of(sent["link"])).status_code in {200, 302}


def test_code_is_sent_anew_as_the_kind_it_was(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    old = inviting.send(chart=chart, kind=CodeKind.ACTIVATION, by=None).code
    EnrollmentCode.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=1))
    page = desk.post(paw(chart), {"show": "expired"})
    assert page.url == f"{LIST}?show=expired"
    assert "a new code is on its way" in words(desk.get(page.url))
    old.refresh_from_db()
    assert old.state == CodeState.SUPERSEDED
    assert chart.codes.latest("pk").kind == CodeKind.ACTIVATION
    assert len(mail("activation_code", to=MARIA.email)) == 2


def test_who_has_an_account_gets_a_reset_link_at_its_own_email(
    desk: Browser, clerk: Account, practice: Practice
) -> None:
    account = an_account(practice)
    chart = record_of(account)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=["changed@example.com"])
    assert "a link to choose a new password is on its way to m•••@e•••.com." in words(press(desk, chart))
    [sent] = mail("password_reset_link")
    assert sent["to"] == MARIA.email
    asked = AuditEvent.objects.get(event=Event.PASSWORD_RESET_ASKED, practice_id=practice.pk)
    assert asked.actor_id == str(clerk.pk)
    patient = Browser(practice)
    assert h1(patient.get(patient.get(path_of(sent["link"])).url)) == "Create your new password"


def test_printed_code_ends_only_where_the_desk_says_so(desk: Browser, practice: Practice) -> None:
    token = a_token(a_chart(practice), mailed=True)
    page = desk.get(paw(token.chart))
    assert h1(page) == TITLE
    assert "They have a printed code that is good until" in words(page)
    refused = desk.post(paw(token.chart), {"show": ""})
    assert refused.status_code == 400
    assert "Say that it may end, or cancel." in words(refused)
    assert token.now().state == CodeState.PENDING
    assert "an invitation is on its way" in words(press(desk, token.chart, replaces="on"))
    assert token.now().state == CodeState.SUPERSEDED


def test_no_email_turns_it_off(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice, emails=[])
    page = desk.get(LIST)
    assert "add an email first" in words(page)
    assert f'action="{paw(chart)}"' not in page.content.decode()
    refused = press(desk, chart)
    assert refused.status_code == 409
    assert "There is no email on the record: add one first." in words(refused)


def test_where_it_would_do_wrong_it_says_why(desk: Browser, clerk: Account, practice: Practice) -> None:
    """A table in one world: whose paw is pressed, and what the desk reads; nothing is sent to any of them."""
    stopped = an_account(practice, A_STRANGER)
    PatientAccess.objects.filter(account=stopped).update(state=AccessState.SUSPENDED)
    locked = an_account(practice, HER_FATHER)
    Account.objects.filter(pk=locked.pk).update(is_active=False)
    bare = an_account(practice, someone_like(MARIA, email=""), name="maria.santos")
    PatientRecord.objects.filter(accesses__account=bare).update(emails=["maria@example.com"])
    Account.objects.filter(pk=clerk.pk).update(email="clerk@example.com")
    table = {
        a_chart(practice, deceased=True): "The patient is deceased or inactive.",
        a_chart(practice, active=False): "The patient is deceased or inactive.",
        a_chart(practice, emails=["Clerk@Example.com"]): "This is your own record. Ask a colleague.",
        record_of(stopped): "Access is stopped: somebody said “This wasn't me”.",
        record_of(locked): "The account is locked.",
        record_of(bare): "The account has no verified email.",
    }
    before = len(mail("invitation")), len(mail("password_reset_link"))
    for chart, said in table.items():
        assert said in words(desk.get(paw(chart)))
        refused = press(desk, chart)
        assert (refused.status_code, said in words(refused)) == (409, True), said
    assert (len(mail("invitation")), len(mail("password_reset_link"))) == before


def test_parent_who_acts_for_a_child_gets_the_link(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice, A_CHILD)
    mother = a_proxy(chart)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[mother.verified_email])
    assert "a link to choose a new password" in words(press(desk, chart))
    assert mail("password_reset_link")[-1]["to"] == mother.email


def test_five_a_day(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    for _ in range(5):
        assert "is on its way" in words(press(desk, chart))
    refused = press(desk, chart)
    assert refused.status_code == 409
    assert "Five messages went to this patient today already." in words(refused)
    assert len(mail("invitation", to=MARIA.email)) == 5
    assert "is on its way" in words(press(desk, a_chart(practice, A_STRANGER)))


def test_who_pressed_it_cannot_vouch(desk: Browser, clerk: Account, practice: Practice) -> None:
    """Her code counts as issued by the clerk: another of staff has to look at the ID."""
    chart = a_chart(practice)
    press(desk, chart)
    code = chart.codes.get()
    journey = Enrollment(practice=practice, record=chart, code=code, account=an_account(practice, A_STRANGER))
    with pytest.raises(vouching.IssuedTheCode):
        vouching.check_clerk(journey, clerk)


def test_chart_has_it_too_and_leads_back(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    page = desk.get(f"{LIST}{chart.pk}/")
    assert f'title="{TITLE}"' in page.content.decode()
    assert desk.post(paw(chart), {}).url == f"{LIST}{chart.pk}/"
    assert "an invitation is on its way" in words(desk.get(f"{LIST}{chart.pk}/"))


def test_other_practices_paws_are_not_there(desk: Browser) -> None:
    theirs = a_chart(a_practice("oak"))
    assert desk.get(paw(theirs)).status_code == desk.post(paw(theirs), {"show": ""}).status_code == 404
    assert mail("invitation", to=MARIA.email) == []


def test_patients_cannot_press_it(practice: Practice) -> None:
    chart = record_of(an_account(practice))
    patient = Browser(practice)
    patient.sign_in(MARIA.email, PASSWORD)
    assert patient.post(paw(chart), {"show": ""}).status_code == 404
