"""A change whose audit event cannot be written does not happen, and nobody is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import Model

from accounts import access, email_address, names
from accounts.models import Account, Objection, PatientAccess
from agreements.models import Acceptance
from audit.events import Event
from audit.models import AuditEvent
from enrollment import admission, codes, lapsing, matching, proof, vouching
from enrollment.answers import TokenAnswer
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, FailedMatch, Handover, IdSeen, Vouch
from enrollment.progress import AcceptedTerms
from notifications.models import Message
from tests.people import (
    ANNA,
    Browser,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    front_desk,
    mail,
    path_of,
)
from verification.models import Challenge

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
KEPT: tuple[type[Model], ...] = (
    Account,
    PatientAccess,
    Objection,
    Acceptance,
    Enrollment,
    EnrollmentCode,
    Message,
    Challenge,
    AuditEvent,
    FailedMatch,
    Vouch,
)
WRITERS = (
    "accounts.access",
    "accounts.names",
    "accounts.email_address",
    "enrollment.admission",
    "enrollment.codes",
    "enrollment.lapsing",
    "enrollment.matching",
    "enrollment.opening",
    "enrollment.proof",
    "enrollment.vouching",
)


class BrokenError(Exception):
    """The trail takes nothing."""


def everything() -> dict[str, list[dict[str, Any]]]:
    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}

    return {model.__name__: [plain(row) for row in model._default_manager.order_by("pk").values()] for model in KEPT}


def nothing_changes(do: Callable[[], object], monkeypatch: pytest.MonkeyPatch, *, break_at: int = 1) -> None:
    """Break the trail at its n-th event, do it, and compare."""
    before = everything()
    written: list[object] = []

    def broken(event: object, **_: object) -> None:
        written.append(event)
        if len(written) >= break_at:
            raise BrokenError

    for module in WRITERS:
        monkeypatch.setattr(f"{module}.record", broken)
    monkeypatch.setattr("agreements.terms.record", broken)
    with pytest.raises(BrokenError):
        do()
    assert len(written) == break_at
    assert everything() == before


@pytest.mark.parametrize("break_at", range(1, 7))
def test_account_is_not_made(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    """Six events: the account, two texts accepted, access, the code redeemed, the enrollment completed."""
    practice = a_practice()
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    nothing_changes(browser.create_account, monkeypatch, break_at=break_at)


@pytest.mark.parametrize("break_at", range(1, 6))
def test_practice_is_not_added(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    account = an_account(a_practice("oak"))
    practice = a_practice()
    request = a_request(practice)
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice), account="existing")
    journey = Enrollment.objects.get(practice=practice)
    shown = list(practice.terms_versions.filter(language="en").values_list("pk", flat=True))
    accepted = AcceptedTerms(shown=shown, at=journey.started_at)
    nothing_changes(
        lambda: admission.add_to_account(journey=journey, account=account, accepted=accepted, request=request),
        monkeypatch,
        break_at=break_at,
    )


def test_journey_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    code = a_token_for(practice).code
    nothing_changes(lambda: admission.begin(code=code, email="", request=a_request(practice)), monkeypatch)


@pytest.mark.parametrize("break_at", [1, 2])
def test_code_is_not_issued_and_the_old_one_stays(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    chart = a_token_for(a_practice()).chart
    nothing_changes(
        lambda: codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None),
        monkeypatch,
        break_at=break_at,
    )


def test_code_is_not_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    code = a_token_for(a_practice()).code
    nothing_changes(lambda: codes.revoke(code, by=None), monkeypatch)


@pytest.mark.parametrize("break_at", [1, 2])
def test_access_is_not_stopped(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    practice = a_practice()
    an_account(practice, name="somebody")
    link = path_of(mail("record_enrolled" if not mail("enrollment_complete") else "enrollment_complete")[0]["not_me"])
    made = access.objection(link.split("/")[2], practice)
    assert made is not None
    nothing_changes(lambda: access.object_to(made=made, request=a_request(practice)), monkeypatch, break_at=break_at)


@pytest.mark.parametrize("break_at", [1, 2])
def test_email_is_not_verified_and_nobody_loses_it(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    practice = a_practice()
    an_account(practice, ANNA, verified=False, password="Other-pass-42")
    account = an_account(practice, ANNA, verified=False)
    secret = path_of(mail("enrollment_complete")[-1]["link"]).split("/")[2]
    nothing_changes(
        lambda: email_address.verify(account=account, secret=secret, request=a_request(practice)),
        monkeypatch,
        break_at=break_at,
    )


def test_verification_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    account = an_account(practice, verified=False)
    nothing_changes(
        lambda: email_address.send(account=account, email=account.email, request=a_request(practice)), monkeypatch
    )


def test_username_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    account = an_account(practice, verified=False)
    nothing_changes(
        lambda: names.choose(account=account, folded="maria.santos", request=a_request(practice)), monkeypatch
    )


@pytest.mark.parametrize("break_at", [1, 2])
def test_journey_does_not_lapse(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice, mailed=True))
    Enrollment.objects.update(started_at="2026-01-01T00:00Z")
    nothing_changes(lapsing.end_abandoned, monkeypatch, break_at=break_at)


def test_wrong_answer_that_cannot_be_noted_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    token = a_token_for(practice)
    nothing_changes(
        lambda: matching.match(
            number=token.number, answer=TokenAnswer(ANNA.born, "Santos"), request=a_request(practice)
        ),
        monkeypatch,
    )


def test_right_answer_that_cannot_be_noted_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.accept_terms()
    nothing_changes(lambda: browser.post("/enroll/token/", token.typed()), monkeypatch)


def waiting_journey() -> tuple[Enrollment, Account]:
    """Somebody who enrolled with a letter, and asked to be vouched for."""
    practice = a_practice()
    token = a_token_for(practice, mailed=True)
    account = an_account(practice, token=token)
    journey = Enrollment.objects.get(code=token.code)
    vouching.ask(journey=journey, request=a_request(practice))
    return journey, account


@pytest.mark.parametrize("break_at", range(1, 5))
def test_record_does_not_open(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    """Four events: what the proof was, access, the code redeemed, the enrollment completed."""
    journey, account = waiting_journey()
    event, request = Event.PHONE_ON_FILE_PROVEN, a_request(journey.practice)
    nothing_changes(
        lambda: proof.open_record(journey=journey, account=account, event=event, request=request),
        monkeypatch,
        break_at=break_at,
    )


def test_vouch_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    journey, _account = waiting_journey()
    by, request = front_desk(journey.practice), a_request(journey.practice)
    nothing_changes(
        lambda: vouching.vouch(journey=journey, by=by, id_seen=IdSeen.PASSPORT, request=request), monkeypatch
    )


@pytest.mark.parametrize("break_at", range(1, 5))
def test_vouch_is_not_used(monkeypatch: pytest.MonkeyPatch, break_at: int) -> None:
    journey, account = waiting_journey()
    request = a_request(journey.practice)
    vouching.vouch(journey=journey, by=front_desk(journey.practice), id_seen=IdSeen.PASSPORT, request=request)
    nothing_changes(
        lambda: vouching.use(journey=journey, account=account, request=request), monkeypatch, break_at=break_at
    )


def test_record_opens_once_however_often() -> None:
    journey, account = waiting_journey()
    event, request = Event.PHONE_ON_FILE_PROVEN, a_request(journey.practice)
    for _ in range(2):
        assert proof.open_record(journey=journey, account=account, event=event, request=request)
    assert AuditEvent.objects.filter(event="access.opened", practice_id=journey.practice_id).count() == 1
