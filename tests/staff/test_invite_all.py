"""**Invite all**: who gets one and who does not, before it starts; a run that is paused, gone on with, and ended."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from enrollment import bulk
from enrollment.bulk_issue import BulkIssue, BulkState
from enrollment.models import CodeKind, EnrollmentCode
from enrollment.whom import Whom
from notifications import waking
from notifications.models import Lane, Message
from practices.models import Practice
from staff.outreach import inviting
from tests.people import MARIA, Browser, a_chart, a_practice, a_token, an_account, h1, trail, words

pytestmark = pytest.mark.django_db
PAGE, CHECK, START = "/staff/invite-all/", "/staff/invite-all/check/", "/staff/invite-all/start/"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The tasks that workers were asked for."""
    made: list[tuple[Any, ...]] = []
    monkeypatch.setattr(waking, "ask", lambda task, *arguments, lane: made.append((task, *arguments, lane)))
    return made


def some_charts(practice: Practice, number: int, **facts: Any) -> None:
    for n in range(number):
        a_chart(practice, MARIA, **{"mrn": f"M{n:03}", "emails": [f"m{n}@example.com"], **facts})


def look(desk: Browser, **choices: str) -> Any:
    """Fill the form in, and come to the page of the counts."""
    answer = desk.post(PAGE, {"kind": CodeKind.INVITATION, **choices})
    assert answer.url == CHECK
    return desk.get(CHECK)


def sent_by(page: Any) -> dict[str, str]:
    """What the button Start sends: the hidden fields of the page."""
    html = page.content.decode().partition('action="/staff/invite-all/start/"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', html))
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def started(desk: Browser, **choices: str) -> BulkIssue:
    answer = desk.post(START, sent_by(look(desk, **choices)))
    made = BulkIssue.objects.latest("pk")
    assert answer.url == run_page(made)
    return made


def run_page(made: BulkIssue, end: str = "") -> str:
    return f"{PAGE}{made.pk}/{end}"


def test_page_is_led_to_and_says_that_there_was_no_run(desk: Browser) -> None:
    assert PAGE in desk.get("/staff/").content.decode()
    page = desk.get(PAGE)
    assert h1(page) == "Invite all"
    assert "None yet." in words(page)


def test_who_would_get_one_and_who_not_and_why_is_said_before_anything_is_sent(
    desk: Browser, practice: Practice
) -> None:
    some_charts(practice, 2)
    a_chart(practice, MARIA, emails=[], mobile_e164="+12125550142")
    a_chart(practice, MARIA, emails=[])
    a_chart(practice, MARIA, deceased=True)
    an_account(practice, MARIA, token=a_token(a_chart(practice, MARIA)))
    page = words(look(desk))
    assert "Send invitations?" in page
    assert "Get an email 2 patients" in page
    for left_out in ("1 : a mobile and no email", "1 : no email on the record", "1 : deceased", "1 : enrolled already"):
        assert left_out in page
    assert not BulkIssue.objects.exists()
    assert not EnrollmentCode.objects.filter(kind=CodeKind.INVITATION).exists()


def test_run_invites_whom_the_page_counted_in_the_bulk_lane(
    desk: Browser, clerk: Account, practice: Practice, asked: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    some_charts(practice, 2)
    a_chart(practice, MARIA, language="es", emails=["es@example.com"])
    a_chart(a_practice("oak"), MARIA)
    page = look(desk, language="en")
    assert "Speaks English" in words(page)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(START, sent_by(page))
    made = BulkIssue.objects.get()
    assert (bulk.TASK, made.pk, Lane.BULK) in asked
    done = bulk.run(made)
    assert (done.issued, done.by) == (2, clerk)
    invited = Message.objects.filter(notice="invitation")
    assert {(one.to, one.lane) for one in invited} == {("m0@example.com", "bulk"), ("m1@example.com", "bulk")}
    page = words(desk.get(run_page(made)))
    assert "Done : 2 of 2 patients looked at." in page
    assert "Emails still to be sent 2" in page
    assert trail(practice, "bulk.started") == [str(made.pk)]


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"youngest": "18", "oldest": "64"}, "18 to 64 years old"),
        ({"youngest": "65"}, "65 years old or older"),
        ({"oldest": "30"}, "30 years old or younger"),
        ({"last_name": " Mc "}, "Last name begins with “Mc”"),
        ({"renew": "on"}, "Codes that are still good They are replaced."),
        ({"kind": "activation"}, "Send activation codes?"),
        ({}, "All patients"),
    ],
)
def test_conditions_are_said_in_words(desk: Browser, choices: dict[str, str], told: str) -> None:
    assert told in words(look(desk, **choices))


def test_how_a_name_begins_stands_in_no_address(desk: Browser) -> None:
    assert desk.post(PAGE, {"kind": "invitation", "last_name": "Santos"}).url == CHECK
    assert "Santos" in desk.get(PAGE).content.decode()  # and is kept, to be changed


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"kind": ""}, "Choose an answer: What do they get?"),
        ({"kind": "token"}, "Choose an answer: What do they get?"),
        ({"youngest": "64", "oldest": "18"}, "This age is below the other one."),
        ({"youngest": "old"}, "Enter a whole number."),
    ],
)
def test_what_makes_no_sense_is_asked_again(desk: Browser, choices: dict[str, str], told: str) -> None:
    page = desk.post(PAGE, {"kind": "invitation", **choices})
    assert page.status_code == 400
    assert told in words(page)


def test_nobody_to_invite(desk: Browser, practice: Practice) -> None:
    a_chart(practice, MARIA, emails=[])
    assert "Nobody would get one." in words(look(desk))


def test_start_pressed_twice_begins_one_run_even_when_the_first_is_done_already(
    desk: Browser, practice: Practice
) -> None:
    some_charts(practice, 3)
    page = look(desk, renew="on")  # a second run would replace every code, and email everybody twice
    first = desk.post(START, sent_by(page))
    bulk.run(BulkIssue.objects.get())
    again = desk.post(START, sent_by(page))
    assert again.url == first.url
    assert "No other one was started" in words(desk.get(again.url))
    assert BulkIssue.objects.count() == 1
    assert Message.objects.filter(notice="invitation").count() == 3


def test_two_tabs_start_one_run_and_each_starts_what_it_shows(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 1)
    one = look(desk, last_name="S")
    other = look(desk, last_name="X")
    desk.post(START, sent_by(one))
    assert BulkIssue.objects.get().whom["last_name"] == "S"  # not what the session heard last
    assert desk.post(START, sent_by(other)).url == run_page(BulkIssue.objects.get())
    assert BulkIssue.objects.count() == 1


def test_while_one_is_under_way_there_is_no_other(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 1)
    made = started(desk)
    page = desk.get(PAGE)
    assert "A run is under way." in words(page)
    assert run_page(made) in page.content.decode()
    assert "A run is under way." in words(look(desk))


def test_pause_resume_and_end(desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    some_charts(practice, 5)
    made = bulk.step(started(desk))
    assert desk.post(run_page(made, "pause/")).url == run_page(made)
    page = words(desk.get(run_page(made)))
    assert "It is paused." in page
    assert "Paused : 2 of 5 patients looked at." in page
    assert bulk.run(BulkIssue.objects.get()).seen == 2  # a worker leaves it alone
    desk.post(run_page(made, "resume/"))
    assert "Running : 2 of 5" in words(desk.get(run_page(made)))
    bulk.step(BulkIssue.objects.get())
    assert "1 patient has not been looked at yet" in words(desk.get(run_page(made, "end/")))
    assert BulkIssue.objects.get().state == BulkState.RUNNING  # looking ends nothing
    assert desk.post(run_page(made, "end/")).url == run_page(made)
    page = words(desk.get(run_page(made)))
    assert "Ended before its time : 4 of 5" in page
    for button in ("Pause", "Resume", "End the run"):
        assert button not in page
    assert desk.get(run_page(made, "end/")).url == run_page(made)
    assert Counter(live(practice)) == Counter(dict.fromkeys(["M000", "M001", "M002", "M003"], 1))


def live(practice: Practice) -> list[str]:
    return list(EnrollmentCode.objects.filter(practice=practice).values_list("record__mrn", flat=True))


def test_pause_that_comes_too_late_changes_nothing(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 1)
    made = bulk.run(started(desk))
    for button in ("pause/", "resume/"):
        desk.post(run_page(made, button))
    page = words(desk.get(run_page(made)))
    assert "Done : 1 of 1" in page
    assert "It is paused" not in page


def test_only_a_press_of_the_button_does_anything(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 1)
    made = started(desk)
    for address in (START, run_page(made, "pause/"), run_page(made, "resume/")):
        assert desk.get(address).status_code == 405
    assert BulkIssue.objects.get().state == BulkState.RUNNING


def test_run_whose_worker_is_gone_says_so(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 1)
    made = started(desk)
    assert "Nobody has gone on with it" not in words(desk.get(run_page(made)))
    BulkIssue.objects.update(touched_at=made.started_at - 3 * bulk.FORGOTTEN)
    assert "Nobody has gone on with it" in words(desk.get(run_page(made)))


def test_runs_are_listed_with_who_began_them_and_how_they_ended(desk: Browser, practice: Practice) -> None:
    some_charts(practice, 2)
    whom = Whom(language="es")
    bulk.run(bulk.start(practice=practice, kind=CodeKind.ACTIVATION, whom=whom, by=None))
    bulk.run(started(desk))
    page = words(desk.get(PAGE))
    assert "Activation code, speaks Spanish. Started by the command line. Done: 0 of 0 looked at" in page
    assert "Done: 2 of 2 looked at, 2 get one." in page
    assert page.index("2 of 2 looked at") < page.index("0 of 0 looked at")


def test_another_practices_run_does_not_exist(desk: Browser) -> None:
    elsewhere = a_practice("oak")
    theirs = bulk.start(practice=elsewhere, kind=CodeKind.INVITATION, whom=Whom(), by=None)
    assert desk.get(run_page(theirs)).status_code == 404
    for end in ("pause/", "resume/", "end/"):
        assert desk.post(run_page(theirs, end)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == BulkState.RUNNING


def test_practice_of_millions_is_counted_by_the_run(
    desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_charts(practice, 1)
    plan = bulk.plan

    def slow(**about: Any) -> Counter[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return plan(**about)

    monkeypatch.setattr(inviting, "COUNTS_FOR", "20ms")
    monkeypatch.setattr(bulk, "plan", slow)
    page = look(desk)
    assert "too many patients to be counted while you wait" in words(page)
    assert desk.post(START, sent_by(page)).url == run_page(BulkIssue.objects.get())


def test_who_begins_anew_without_an_answer_is_asked_again(desk: Browser) -> None:
    assert desk.get(CHECK).url == PAGE
    assert desk.post(START, {"kind": "invitation"}).url == PAGE
    assert desk.post(START, {"kind": "token", "newest": "0"}).url == PAGE


def test_list_of_runs_takes_as_many_queries_for_one_as_for_many(desk: Browser, practice: Practice) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            desk.get(PAGE)
        return len(made)

    one = BulkIssue(practice=practice, kind=CodeKind.INVITATION, whom=Whom().as_json(), state=BulkState.DONE)
    one.save()
    queries()  # what a process looks up once
    few = queries()
    BulkIssue.objects.bulk_create(
        BulkIssue(practice=practice, kind=CodeKind.INVITATION, whom=Whom().as_json(), state=BulkState.ENDED)
        for _ in range(15)
    )
    assert queries() == few <= 14
