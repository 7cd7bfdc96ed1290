"""Letters with tokens: one page each, many in one go, printed once, then nobody sees their numbers here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEvent
from enrollment import letter_runs
from enrollment.letter_run import Letter, LetterRun, RunState
from enrollment.models import CodeState, EnrollmentCode, Handover
from practices.models import PatientRecord, Practice
from tests.people import (
    A_CHILD,
    HER_FATHER,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_token,
    an_account,
    front_desk,
    h1,
    opens,
    someone_like,
    words,
)
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
HOME = [{"lines": ["12 Elm Street"], "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}]
QUIET = someone_like(HER_FATHER, email="")
ASKED = {"whom": "no_email", "reason": "offered"}


def patients(practice: Practice, count: int) -> list[PatientRecord]:
    return [a_chart(practice, QUIET, mrn=f"L{at:03}", addresses=HOME) for at in range(count)]


def made_by(desk: Browser, **changes: str) -> LetterRun:
    """The run that **Make letters** began, made to its end."""
    answer = desk.post("/staff/letters/", {**ASKED, **changes})
    run = LetterRun.objects.latest("pk")
    assert answer.url == f"/staff/letters/{run.pk}/"
    letter_runs.run(run.pk)
    return LetterRun.objects.get(pk=run.pk)


def place(run: LetterRun, end: str = "") -> str:
    return f"/staff/letters/{run.pk}/{end}"


def numbers_on(page: Any) -> list[str]:
    return re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", words(page))


def test_whom_a_run_writes_to(practice: Practice) -> None:
    """Who may have an account, has none, no good code, and an address; those with an email only where all are asked."""
    plain = a_chart(practice, QUIET, mrn="A", addresses=HOME)
    with_email = a_chart(practice, HER_FATHER, mrn="B", addresses=HOME)
    old = a_chart(practice, QUIET, mrn="C", addresses=HOME)
    EnrollmentCode.objects.filter(pk=a_token(old).code.pk).update(expires_at=timezone.now())
    a_chart(practice, QUIET, addresses=[])
    a_chart(practice, QUIET, addresses=[{"lines": [], "city": "Albany"}])
    a_chart(practice, QUIET, addresses=HOME, deceased=True)
    a_chart(practice, someone_like(A_CHILD, email=""), addresses=HOME)
    a_token(a_chart(practice, QUIET, addresses=HOME))
    an_account(practice, HER_FATHER, token=a_token(a_chart(practice, QUIET, addresses=HOME)))
    a_chart(a_practice("oak"), QUIET, addresses=HOME)
    assert list(letter_runs.whom(practice, everybody=False)) == [plain, old]
    assert list(letter_runs.whom(practice, everybody=True)) == [plain, with_email, old]


def test_letters_are_made_printed_once_and_open_the_record_to_who_proves_it(
    desk: Browser, practice: Practice, clerk: Account
) -> None:
    charts = patients(practice, 30)  # more than a chunk
    page = desk.get("/staff/letters/")
    assert h1(page) == "Letters"
    assert "30 letters" in words(page)
    run = made_by(desk)
    assert (run.state, run.made) == (RunState.READY, 30)
    assert set(EnrollmentCode.objects.values_list("handover", "issued_by")) == {(Handover.MAILED, clerk.pk)}
    assert "Ready to print" in words(desk.get(place(run)))
    pages = desk.get(place(run, "pages/"))
    numbers = numbers_on(pages)
    assert len(set(numbers)) == 30
    assert words(pages).count("Albany, NY 12207") == 30
    assert AuditEvent.objects.get(event="letters.shown").details == {"letters": 30}
    assert desk.post(place(run, "printed/")).url == place(run)
    assert not Letter.objects.exclude(sealed=None).exists()
    assert desk.get(place(run, "pages/")).url == place(run)
    assert EnrollmentCode.objects.filter(state=CodeState.PENDING).count() == 30, "the letters are on their way"
    browser = Browser(practice)
    code = EnrollmentCode.objects.get(record=charts[0])
    browser.enroll(Token(code, numbers[0].replace("-", ""), charts[0], ""), username="rafael.s")
    assert not opens(Account.objects.get(sign_in_name="rafael.s"), charts[0]), "a letter alone is no proof"


def test_one_run_at_a_time_and_none_for_nobody(desk: Browser, practice: Practice) -> None:
    assert "There is nobody to write to." in words(desk.post("/staff/letters/", ASKED))
    patients(practice, 2)
    run = made_by(desk)
    a_chart(practice, QUIET, addresses=HOME)
    answer = desk.post("/staff/letters/", ASKED)
    assert (answer.status_code, LetterRun.objects.count()) == (409, 1)
    assert "Finish those first." in words(answer)
    desk.post(place(run, "printed/"))
    assert desk.post("/staff/letters/", ASKED).status_code == 302


def test_who_got_a_code_or_an_account_meanwhile_is_left_out(desk: Browser, practice: Practice, clerk: Account) -> None:
    _first, second, third = patients(practice, 3)
    desk.post("/staff/letters/", ASKED)
    run = LetterRun.objects.get()
    a_token(second)
    PatientRecord.objects.filter(pk=third.pk).update(active=False)
    letter_runs.run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made) == (RunState.READY, 1)


def test_nobody_gets_a_letter_of_their_own(desk: Browser, practice: Practice, clerk: Account) -> None:
    Account.objects.filter(pk=clerk.pk).update(email="dana@example.com")
    a_chart(practice, someone_like(HER_FATHER, email="Dana@example.com"), addresses=HOME)
    assert made_by(desk, whom="all").made == 0
    assert not EnrollmentCode.objects.exists()


def test_at_most_500_in_one_go(desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_runs, "MOST", 3)
    patients(practice, 5)
    assert "More than 3 letters" in words(desk.get("/staff/letters/"))
    run = made_by(desk)
    assert run.made == 3
    desk.post(place(run, "printed/"))
    assert made_by(desk).made == 2, "the others after them"


def test_revoke_all_ends_what_was_not_used(desk: Browser, practice: Practice) -> None:
    patients(practice, 3)
    run = made_by(desk)
    used = EnrollmentCode.objects.order_by("pk").first()
    assert used
    EnrollmentCode.objects.filter(pk=used.pk).update(state=CodeState.REDEEMED)
    assert desk.post(place(run, "revoke/"), {}).status_code == 400
    assert desk.post(place(run, "revoke/"), {"reason": "mistake"}).url == place(run)
    assert "2 tokens are revoked." in words(desk.get(place(run)))
    states = list(EnrollmentCode.objects.order_by("pk").values_list("state", flat=True))
    assert states == [CodeState.REDEEMED, CodeState.REVOKED, CodeState.REVOKED]
    assert AuditEvent.objects.filter(event="code.revoked", details__reason="mistake").count() == 2
    assert not Letter.objects.exclude(sealed=None).exists()
    assert desk.post(place(run, "revoke/"), {"reason": "mistake"}).status_code == 409


def test_a_run_that_is_revoked_makes_no_more(desk: Browser, practice: Practice) -> None:
    patients(practice, letter_runs.CHUNK + 1)
    desk.post("/staff/letters/", ASKED)
    run = LetterRun.objects.get()
    assert letter_runs.step(run.pk)
    assert f"{letter_runs.CHUNK} of {letter_runs.CHUNK + 1} letters are made." in words(desk.get(place(run)))
    assert desk.get(place(run, "pages/")).url == place(run), "not before all are made"
    desk.post(place(run, "revoke/"), {"reason": "mistake"})
    assert not letter_runs.step(run.pk)
    assert not EnrollmentCode.objects.filter(state=CodeState.PENDING).exists()


def test_after_an_hour_the_numbers_are_erased(desk: Browser, practice: Practice) -> None:
    patients(practice, 1)
    run = made_by(desk)
    letter_runs.erase_due()
    run.refresh_from_db()
    assert run.state == RunState.READY
    LetterRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=61))
    assert desk.get(place(run, "pages/")).url == place(run), "not shown, although nobody erased them yet"
    letter_runs.erase_due()
    run.refresh_from_db()
    assert (run.state, Letter.objects.get().sealed) == (RunState.ERASED, None)
    assert "An hour is over" in words(desk.get(place(run)))
    assert EnrollmentCode.objects.get().state == CodeState.PENDING, "it may be in the mail"


def test_a_killed_worker_s_run_is_gone_on_with(desk: Browser, practice: Practice) -> None:
    patients(practice, letter_runs.CHUNK + 1)
    desk.post("/staff/letters/", ASKED)
    run = LetterRun.objects.get()
    letter_runs.step(run.pk)
    assert letter_runs.forgotten() == []
    LetterRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    assert letter_runs.forgotten() == [run.pk]
    letter_runs.run(run.pk)
    assert len(set(EnrollmentCode.objects.values_list("record", flat=True))) == letter_runs.CHUNK + 1


def test_pages_cost_the_same_for_one_letter_or_many(desk: Browser, practice: Practice) -> None:
    def cost(count: int) -> int:
        patients_here = [a_chart(practice, QUIET, addresses=HOME) for _ in range(count)]
        run = made_by(desk)
        with CaptureQueriesContext(connection) as queries:
            assert len(numbers_on(desk.get(place(run, "pages/")))) == len(patients_here)
        desk.post(place(run, "printed/"))
        return len(queries)

    assert cost(1) == cost(20)


def test_other_practices_letters_are_not_there(desk: Browser, practice: Practice) -> None:
    oak = a_practice("oak")
    patients(oak, 1)
    run = made_by(at_work(front_desk(oak), oak)[0])
    for end in ("", "pages/", "revoke/"):
        assert desk.get(place(run, end)).status_code == 404
    for end in ("printed/", "revoke/"):
        assert desk.post(place(run, end), {"reason": "mistake"}).status_code == 404
    run.refresh_from_db()
    assert run.state == RunState.READY


def test_the_address_on_the_letter_leads_to_the_number(practice: Practice) -> None:
    token = a_token(a_chart(practice))
    somebody = Browser(practice)
    assert somebody.get("/token/").url == "/enroll/token/"
    assert somebody.get("/enroll/token/").url == "/enroll/"
    assert somebody.accept_terms().url == "/enroll/token/"
    assert somebody.post("/enroll/token/", token.typed()).url == "/enroll/account/"
