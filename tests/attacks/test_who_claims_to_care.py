"""Somebody who is near a patient says that they care for them: nobody gets in by saying so."""

from __future__ import annotations

import pytest

from accounts.models import AccessLevel, Account, PatientAccess
from enrollment import claims, codes, vouching
from enrollment.models import CodeKind, Enrollment, Handover, IdSeen
from practices.models import Practice
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code
from tests.enrollment.carers import (
    APPROVAL,
    HIS_PHONE,
    ON_RECORD,
    a_code_for,
    a_named_proxy,
    accept,
    enroll,
    in_hand,
    typed,
)
from tests.people import (
    A_CHILD,
    A_STRANGER,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token,
    front_desk,
    mail,
    path_of,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def test_ex_partner_with_the_childs_letter(practice: Practice) -> None:
    """He knows the birthday and the name; the mother hears of it at once, and ends it."""
    chart = a_chart(practice, A_CHILD, mobile_e164=ON_RECORD)
    his = Browser(practice)
    token = a_token(chart)
    his.type_token(token, email=A_STRANGER.email)
    his.post("/enroll/account/", {"whose": "other", "account": "new"})
    his.post("/enroll/carer/", typed(A_STRANGER, "parent"))
    assert his.create_account().url == APPROVAL
    assert chart.mrn not in his.get("/home/").content.decode()
    for page in (PHONE, "/enroll/vouch/"):  # no other way round
        assert his.get(page).status_code == 302
    his.post("/enroll/vouch/")
    assert not vouching.waiting(practice).exists()
    hers = Browser(practice)
    hers.get(path_of(mail("proxy_claimed", to=MARIA.email)[0]["refuse"]))
    hers.post("/not-me/")
    assert PatientAccess.objects.get(record=chart).state == "ended"
    assert "already used" in words(Browser(practice).type_token(token))


def test_ex_partner_says_he_is_the_named_mother(practice: Practice) -> None:
    """Who types somebody else's name and birthday gets no further than her phone."""
    chart = a_chart(practice, A_CHILD)
    letter = a_code_for(a_named_proxy(chart), handover=Handover.MAILED)
    his = Mailbox(practice)
    assert enroll(his, in_hand(letter, A_STRANGER.email), typed(MARIA)).url == PHONE
    his.post(PHONE, {"birth_date": letter.born, "way": f"sms-{HIS_PHONE[-4:]}"})
    assert [one["to"] for one in mail("code")] == [HIS_PHONE]
    his.post("/enroll/phone/code/", {"code": "000000"})
    assert not PatientAccess.objects.filter(record=chart, state="active").exists()


def test_guardian_with_the_family_email_is_not_the_teenager(practice: Practice) -> None:
    """The email and the phone were on the record when it was a child's."""
    teen = a_chart(
        practice, A_CHILD, birth_date=A_CHILD.born.replace(year=A_CHILD.born.year - 6), mobile_e164=ON_RECORD
    )
    with pytest.raises(codes.CannotIssueError):
        an_activation_code(teen)
    token, her = a_token(teen, mailed=True), Mailbox(practice)
    her.enroll(token)
    page = her.get(PHONE)
    assert "no phone on file that we can send a code to" in words(page)
    her.post(PHONE, {"birth_date": f"{teen.birth_date:%m/%d/%Y}", "way": "sms-0142"})
    assert mail("code") == []
    assert not PatientAccess.objects.filter(record=teen, state="active").exists()


def test_who_reads_the_invitees_mailbox_only(practice: Practice) -> None:
    """Without the invitee's birthday nothing is matched; with it, the invitee's phone and the patient's are missing."""
    chart = a_chart(practice, HER_FATHER, mobile_e164=ON_RECORD)
    letter = a_code_for(a_named_proxy(chart), CodeKind.INVITATION, Handover.EMAILED)
    reader = Mailbox(practice)
    for born in (letter.born, "01/01/1984"):
        accept(reader, letter, born)
    assert not Account.objects.filter(email=MARIA.email).exists()
    assert accept(reader, letter, "03/12/1984").url == PHONE
    for birth_date in ("03/12/1984", "01/01/1984"):
        reader.post(PHONE, {"birth_date": birth_date, "way": "sms-0177"})
    assert mail("code") == []
    assert not PatientAccess.objects.filter(record=chart, state="active").exists()


def test_carer_who_types_the_named_identity_wrongly_learns_nothing_and_waits(practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER, mobile_e164=ON_RECORD)
    letter, stranger = a_code_for(a_named_proxy(chart)), Browser(practice)
    assert enroll(stranger, in_hand(letter, A_STRANGER.email), typed(A_STRANGER)).url == APPROVAL
    said = words(stranger.get(APPROVAL))
    assert MARIA.given not in said
    assert PatientAccess.objects.get(record=chart).state == "approval"
    assert {one["to"] for one in mail("proxy_claimed")} == {HER_FATHER.email, ON_RECORD}


def clerks_own(practice: Practice, clerk: Account) -> Letter:
    """A clerk names a friend, and issues the code."""
    friend = a_named_proxy(a_chart(practice, HER_FATHER), A_STRANGER, phone="", by=clerk)
    return a_code_for(friend, CodeKind.INVITATION, Handover.EMAILED, by=clerk)


def test_clerk_who_names_issues_and_vouches(practice: Practice) -> None:
    clerk = front_desk(practice)
    letter, friend = clerks_own(practice, clerk), Mailbox(practice)
    accept(friend, letter, f"{A_STRANGER.born:%m/%d/%Y}")
    friend.post("/enroll/vouch/")
    [run] = vouching.waiting(practice)
    with pytest.raises(vouching.CannotVouch):
        vouching.vouch(journey=run, by=clerk, id_seen=IdSeen.PASSPORT, request=a_request(practice))
    assert not PatientAccess.objects.filter(state="active", record=letter.chart).exists()


def test_clerk_who_issues_and_approves(practice: Practice) -> None:
    clerk = front_desk(practice)
    chart = a_chart(practice, HER_FATHER)
    letter = a_code_for(a_named_proxy(chart, by=clerk), by=clerk)
    friend = Browser(practice)
    enroll(friend, in_hand(letter, A_STRANGER.email), typed(A_STRANGER))
    run = Enrollment.objects.get(code=letter.code)
    with pytest.raises(vouching.IssuedTheCode):
        claims.approve(
            journey=run, by=clerk, id_seen=IdSeen.PASSPORT, level=AccessLevel.FULL, request=a_request(practice)
        )
    assert PatientAccess.objects.get(record=chart).state == "approval"
