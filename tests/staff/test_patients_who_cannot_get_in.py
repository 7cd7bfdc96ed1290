"""**Patients**: the desk finds an account by its record, and lifts what only the desk can."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import activity, security
from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from enrollment.models import IdSeen
from guard import limits
from practices.models import PatientRecord
from staff import lifting
from staff.lifting import Reason
from tests.people import (
    A_STRANGER,
    HER_FATHER,
    MARIA,
    Browser,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    an_option,
    front_desk,
    h1,
    mail,
    path_of,
    trail,
    words,
)
from tests.staff.kit import a_manager, at_work
from verification import changes, tries
from verification.models import CodeOption, WrongCode
from verification.tries import Outcome

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
PAGE = "/staff/patients/"
PHONE = "+12125550142"
SAID = {"id_seen": IdSeen.PASSPORT.value, "reason": Reason.MISTYPED.value}


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    an_option(account, PHONE)
    return account


def claim_of(account: Account) -> PatientAccess:
    return PatientAccess.objects.select_related("record", "account").get(account=account)


def barred(account: Account) -> None:
    """Fifty wrong codes, and the option locked."""
    WrongCode.objects.bulk_create(WrongCode(user=account) for _ in range(limits.WRONG_A_YEAR))
    CodeOption.objects.filter(user=account).update(locked_until=timezone.now() + limits.OPTION_LOCK)


def stopped(account: Account, practice: Practice) -> None:
    """Somebody pressed **This wasn't me** about a change of options."""
    security.ask_to_change(account=account, request=a_request(practice))
    secret = path_of(mail("option_change_asked")[-1]["not_me"]).split("/")[2]
    change = changes.find(secret, practice)
    assert change is not None
    security.object_to(change=change, request=Browser(practice).get("/").wsgi_request)


def codes_page(account: Account) -> str:
    return f"/staff/access/{claim_of(account).pk}/codes/"


def stop_page(account: Account) -> str:
    return f"/staff/access/{claim_of(account).pk}/stop/"


# --- The chart --------------------------------------------------------------------------------------------------------


def test_other_practices_patients_are_not_there(desk: Browser) -> None:
    elsewhere = a_practice("oak")
    theirs = an_account(elsewhere, A_STRANGER)
    barred(theirs)
    claim = claim_of(theirs)
    assert desk.get(f"{PAGE}{claim.record_id}/").status_code == 404
    for page in (codes_page(theirs), stop_page(theirs)):
        assert desk.get(page).status_code == 404
        assert desk.post(page, SAID).status_code == 404
    assert tries.wrong_within_a_year(theirs) == limits.WRONG_A_YEAR


def test_record_without_an_account_says_so(desk: Browser, practice: Practice) -> None:
    chart = a_token_for(practice, HER_FATHER).chart
    assert "This patient has no account here." in words(desk.get(f"{PAGE}{chart.pk}/"))


def test_chart_says_what_is_in_the_way_and_nothing_to_sign_in_with(
    desk: Browser, practice: Practice, maria: Account
) -> None:
    barred(maria)
    stopped(maria, practice)
    PatientRecord.objects.update(emails=["on.record@example.com"])
    page = words(desk.get(f"{PAGE}{claim_of(maria).record_id}/"))
    assert "Signs in as m•••@e•••.com" in page
    assert "Wrong codes within a year 50 of 50" in page
    assert "An option is locked" in page
    assert "Changes of options are stopped" in page
    assert "codes by text" in page
    assert MARIA.email not in page
    assert PHONE not in page


def test_nothing_in_the_way(desk: Browser, maria: Account) -> None:
    assert "Nothing that the desk could lift" in words(desk.get(f"{PAGE}{claim_of(maria).record_id}/"))
    assert desk.get(codes_page(maria)).url == f"{PAGE}{claim_of(maria).record_id}/"
    answer = desk.post(codes_page(maria), SAID)
    assert answer.status_code == 409
    assert "There is nothing to lift any more." in words(answer)


# --- Fifty wrong codes ------------------------------------------------------------------------------------------------


def test_forgiven_codes_let_the_patient_in_again(desk: Browser, clerk: Account, practice: Practice) -> None:
    maria = an_account(practice)
    option = an_option(maria, PHONE)
    barred(maria)
    assert Browser(practice).sign_in(MARIA.email).url == "/second-step/ways/"
    page = desk.get(codes_page(maria))
    assert h1(page) == "Forgive the wrong codes"
    assert "ten of the wrong ones stay counted" in words(page)
    assert desk.post(codes_page(maria), SAID).url == f"{PAGE}{claim_of(maria).record_id}/"
    assert tries.wrong_within_a_year(maria) == limits.FORGIVEN_LEAVES
    option.refresh_from_db()
    assert not option.is_locked()
    patient = Browser(practice)
    assert patient.type_code(PHONE, patient.sign_in(MARIA.email).url).url == "/home/"
    [noted] = AuditEvent.objects.filter(event=Event.WRONG_CODES_FORGIVEN, practice_id=practice.pk)
    assert (noted.actor_id, noted.subject_id) == (str(clerk.pk), str(maria.pk))
    assert (noted.details["reason"], noted.details["id_seen"]) == ("mistyped", "passport")
    assert "The practice forgave the wrong codes" in [entry.words for entry in activity.of(maria)]


def test_patient_is_told_everywhere(desk: Browser, maria: Account) -> None:
    barred(maria)
    desk.post(codes_page(maria), SAID)
    assert sorted(one["to"] for one in mail("lifted_codes")) == sorted([PHONE, MARIA.email])


def test_forty_more_wrong_ones_need_the_desk_again(desk: Browser, maria: Account) -> None:
    """The chance of who guesses stays below one in 10,000 a year: 50 tries and 40."""
    barred(maria)
    desk.post(codes_page(maria), SAID)
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(40))
    stop = tries.barrier(maria, None)
    assert stop is not None
    assert stop.outcome is Outcome.DESK


def test_second_time_within_a_year_is_a_managers(desk: Browser, practice: Practice, maria: Account) -> None:
    barred(maria)
    desk.post(codes_page(maria), SAID)
    barred(maria)
    answer = desk.post(codes_page(maria), SAID)
    assert answer.status_code == 409
    assert "only a manager" in words(answer)
    manager, _key = at_work(a_manager(practice), practice)
    assert manager.post(codes_page(maria), SAID).status_code == 302


def test_desks_of_two_practices_do_not_take_turns(desk: Browser, practice: Practice, maria: Account) -> None:
    elsewhere = a_practice("oak")
    other_claim = PatientAccess.objects.create(
        account=maria, practice=elsewhere, record=a_token_for(elsewhere).chart, relationship="self", state="active"
    )
    barred(maria)
    other, _key = at_work(front_desk(elsewhere), elsewhere)
    assert other.post(f"/staff/access/{other_claim.pk}/codes/", SAID).status_code == 302
    barred(maria)
    mine = PatientAccess.objects.get(account=maria, practice=practice)
    assert desk.post(f"/staff/access/{mine.pk}/codes/", SAID).status_code == 409


@pytest.mark.parametrize("missing", ["id_seen", "reason"])
def test_id_and_reason_have_to_be_said(missing: str, desk: Browser, maria: Account) -> None:
    barred(maria)
    answer = desk.post(codes_page(maria), {key: value for key, value in SAID.items() if key != missing})
    assert answer.status_code == 400
    assert tries.wrong_within_a_year(maria) == limits.WRONG_A_YEAR


def test_looking_lifts_nothing(desk: Browser, practice: Practice, maria: Account) -> None:
    barred(maria)
    stopped(maria, practice)
    assert desk.get(codes_page(maria)).status_code == desk.get(stop_page(maria)).status_code == 200
    assert [str(one) for one in lifting.blocks(maria)] == ["codes", "stop"]


def test_nobody_does_it_for_themselves(practice: Practice, maria: Account) -> None:
    barred(maria)
    second = front_desk(practice, "maria-at-work")
    second.email = MARIA.email.upper()
    second.save()
    own, _key = at_work(second, practice)
    answer = own.post(codes_page(maria), SAID)
    assert answer.status_code == 409
    assert "Nobody does this for themselves" in words(answer)
    assert "Nobody does this for themselves" in words(own.get(f"{PAGE}{claim_of(maria).record_id}/"))


def test_all_of_it_or_nothing(desk: Browser, maria: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    barred(maria)

    def fails(*_args: object, **_options: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(lifting, "record", fails)
    with pytest.raises(RuntimeError):
        desk.post(codes_page(maria), SAID)
    assert tries.wrong_within_a_year(maria) == limits.WRONG_A_YEAR
    assert mail("lifted_codes") == []


# --- The stop after **This wasn't me** --------------------------------------------------------------------------------


def test_lifted_stop_lets_options_be_changed_again(desk: Browser, practice: Practice, maria: Account) -> None:
    stopped(maria, practice)
    assert changes.was_stopped(maria)
    page = desk.get(stop_page(maria))
    assert h1(page) == "Let security options be changed again"
    assert "the patient changes the password first" in words(page)
    assert desk.post(stop_page(maria), {**SAID, "reason": Reason.MISTAKE}).status_code == 302
    assert not changes.was_stopped(maria)
    assert trail(practice, Event.OPTION_STOP_LIFTED) == [str(maria.pk)]
    assert sorted(one["to"] for one in mail("lifted_stop")) == sorted([PHONE, MARIA.email])
    stopped_again_by_nobody = changes.waiting(maria)
    assert stopped_again_by_nobody is None


def test_wish_from_before_the_stop_ends_with_it(desk: Browser, practice: Practice, maria: Account) -> None:
    """Whoever made it would not even have to wait."""
    security.ask_to_change(account=maria, request=a_request(practice))
    changes.block(account=maria, practice=practice)
    assert desk.post(stop_page(maria), {**SAID, "reason": Reason.MISTAKE}).status_code == 302
    assert changes.waiting(maria) is None
    assert not changes.was_stopped(maria)


def test_record_here_is_told_that_it_was_lifted_and_none_elsewhere(
    desk: Browser, practice: Practice, maria: Account
) -> None:
    chart = claim_of(maria).record
    chart.emails = ["family@example.com"]
    chart.save()
    stopped(maria, practice)
    desk.post(stop_page(maria), SAID)
    assert {one["to"] for one in mail("lifted_stop")} == {PHONE, MARIA.email, "family@example.com"}
    there = a_token_for(elsewhere := a_practice("oak"), emails=["elsewhere@example.com"]).chart
    PatientAccess.objects.create(account=maria, practice=elsewhere, record=there, relationship="self", state="active")
    barred(maria)
    here = PatientAccess.objects.get(account=maria, practice=practice)
    desk.post(f"/staff/access/{here.pk}/codes/", SAID)
    assert {one["to"] for one in mail("lifted_codes")} == {PHONE, MARIA.email, "family@example.com"}


def test_another_not_me_after_it_stops_again(desk: Browser, practice: Practice, maria: Account) -> None:
    stopped(maria, practice)
    desk.post(stop_page(maria), SAID)
    stopped(maria, practice)
    assert changes.was_stopped(maria)


def test_account_of_two_practices_waits_or_uses_its_app(desk: Browser, practice: Practice, maria: Account) -> None:
    elsewhere = a_practice("oak")
    PatientAccess.objects.create(
        account=maria, practice=elsewhere, record=a_token_for(elsewhere).chart, relationship="self", state="active"
    )
    stopped(maria, practice)
    claim = PatientAccess.objects.get(account=maria, practice=practice)
    answer = desk.post(f"/staff/access/{claim.pk}/stop/", SAID)
    assert answer.status_code == 409
    assert "only its owner changes its options" in words(answer)
    assert changes.was_stopped(maria)


def test_stop_is_over_after_a_week(maria: Account, practice: Practice) -> None:
    stopped(maria, practice)
    until = changes.lately(maria).stopped_until
    assert until is not None
    assert timedelta(days=6, hours=23) < until - timezone.now() <= timedelta(days=7)
