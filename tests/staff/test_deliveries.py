"""**Deliveries**: every email, text and call with what became of it, why, and what to do; and on the chart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from enrollment import bulk, codes, inviting
from enrollment.models import CodeKind, CodeState, EnrollmentCode
from enrollment.whom import Whom
from notifications import failures, optout, trouble
from notifications.models import FINAL, Channel, Message, PhoneLine, State
from notifications.trouble import Trouble
from practices.models import PatientRecord, Practice
from practices.phones import Kind
from staff.outreach import deliveries, kinds, why
from tests.contracts.test_notices import NAMES
from tests.people import (
    A_STRANGER,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    h1,
    trail,
    words,
)

pytestmark = pytest.mark.django_db
PAGE = "/staff/deliveries/"
MOBILE = "+12125550142"
HOME = "+12125550143"


@pytest.fixture
def practice() -> Practice:
    made = a_practice()
    made.settings.codes_service_sid = "MGown"
    made.settings.save()
    return made


@pytest.fixture
def maria(practice: Practice) -> PatientRecord:
    return a_chart(practice, MARIA, mobile_e164=MOBILE, home_e164=HOME)


def told(practice: Practice, to: str, state: State, failure: str = "", **facts: Any) -> Message:
    """A message that came to a state; an email with an @, else a text."""
    channel = Channel.EMAIL if "@" in to else Channel.SMS
    facts = {"notice": "invitation" if "@" in to else "code", "channel": channel, "language": "en", **facts}
    sealed = None if state in FINAL else b"sealed"
    return Message.objects.create(
        practice=practice, to=to, state=state, failure=failure, context_sealed=sealed, **facts
    )


def one(message: Message, end: str = "") -> str:
    return f"{PAGE}{message.pk}/{end}"


def invited(chart: PatientRecord, state: State = State.FAILED, failure: str = "smtp_550") -> Message:
    """An invitation whose email came to a state."""
    inviting.send(chart=chart, kind=CodeKind.INVITATION, by=None)
    Message.objects.filter(to=chart.email, notice="invitation").update(
        state=state, failure=failure, context_sealed=None
    )
    return Message.objects.filter(to=chart.email, notice="invitation").latest("pk")


# Words


def test_every_way_in_which_a_message_ends_has_words() -> None:
    """And every reason for a failure that there is a code for is told from the others."""
    for channel in Channel:
        for state in State:
            for failure in ("", "smtp_550", "smtp_452", "timeout", "worker_lost", *failures.PHONE_REASONS):
                message = Message(channel=channel, state=state, failure=failure, notice="code", to="x")
                assert str(why.of(message).says)
    by_text = {failure: trouble.of(Channel.SMS, State.FAILED, failure) for failure in failures.PHONE_REASONS}
    assert set(by_text.values()) == set(Trouble) - {
        Trouble.BOUNCED, Trouble.MAILBOX_FULL, Trouble.LATE, Trouble.TRYING, Trouble.UNSURE,
    }  # fmt: skip
    assert set(why.WHY) == set(Trouble)


def test_every_notice_has_a_name_for_the_desk() -> None:
    assert set(NAMES) - set(kinds.NAMES) == set()
    assert set(kinds.NAMES) - set(NAMES) == set()


@pytest.mark.parametrize(
    ("to", "state", "failure", "says"),
    [
        ("m@example.com", State.QUEUED, "", "Waiting. It waits for its turn."),
        ("m@example.com", State.QUEUED, "smtp_450", "It could not be sent yet. It is tried again by itself."),
        ("m@example.com", State.SENT, "", "Sent. The mail server took it."),
        ("m@example.com", State.FAILED, "smtp_550", "there is no such mailbox"),
        ("m@example.com", State.FAILED, "address", "Ask the patient for the right email"),
        ("m@example.com", State.FAILED, "smtp_552", "The mailbox is full."),
        ("m@example.com", State.FAILED, "given_up", "The address is not at fault."),
        ("m@example.com", State.EXPIRED, "", "no longer good before it could be sent. Send a new one."),
        (MOBILE, State.DELIVERED, "", "Delivered. It arrived."),
        (MOBILE, State.SENT, "", "It has not said yet whether it arrived."),
        (MOBILE, State.FAILED, "stopped", "text START to the number that our texts came from"),
        (MOBILE, State.FAILED, "fixed_line", "it is a landline"),
        (MOBILE, State.UNDELIVERED, "twilio_30005", "There is no such number"),
        (MOBILE, State.UNDELIVERED, "twilio_30003", "switch the phone on"),
        (MOBILE, State.UNDELIVERED, "twilio_30007", "The phone company held the text back."),
        (MOBILE, State.FAILED, "twilio_20003", "Codes are good for ten minutes"),
        (MOBILE, State.UNKNOWN, "no_answer", "it may have arrived"),
    ],
)
def test_list_says_what_became_of_it_and_what_to_do(
    desk: Browser, practice: Practice, to: str, state: State, failure: str, says: str
) -> None:
    told(practice, to, state, failure)
    assert says in words(desk.get(PAGE))


def test_warning_that_did_not_arrive_is_told_by_the_desk(desk: Browser, practice: Practice) -> None:
    told(practice, "m@example.com", State.FAILED, "smtp_550", notice="password_changed")
    assert "It told of a change that the patient may have to stop: call them" in words(desk.get(PAGE))


# The list


def test_nothing_was_sent(desk: Browser) -> None:
    assert PAGE in desk.get("/staff/").content.decode()
    page = desk.get(PAGE)
    assert h1(page) == "Deliveries"
    assert "Nothing has been sent yet." in words(page)


def test_addresses_are_masked_and_lead_to_the_charts_that_have_them(
    desk: Browser, practice: Practice, maria: PatientRecord
) -> None:
    told(practice, MARIA.email, State.SENT)
    told(practice, MOBILE, State.DELIVERED)
    rafael = a_chart(practice, HER_FATHER, emails=["other@example.com", "Rafael@example.com"])
    told(practice, "rafael@example.com", State.SENT)
    sam = an_account(practice, A_STRANGER, token=a_token(a_chart(practice, A_STRANGER, emails=[])))
    told(practice, sam.email, State.SENT, notice="password_changed")
    a_chart(a_practice("oak"), HER_FATHER, given_names="Not ours")
    page = desk.get(PAGE).content.decode()
    for address in (MARIA.email, MOBILE, "rafael@example.com", sam.email):
        assert address not in page
    assert "m•••@example.com" in page
    assert "•••-•••-0142" in page
    assert page.count(f'href="/staff/patients/{maria.pk}/"') == 2
    assert page.count(f'href="/staff/patients/{rafael.pk}/"') == 1
    assert "Sam Rivera" in page
    assert "Not ours" not in page


def test_filters(desk: Browser, practice: Practice) -> None:
    told(practice, "m@example.com", State.FAILED, "smtp_550")
    told(practice, "n@example.com", State.SENT, notice="new_sign_in")
    told(practice, "o@example.com", State.QUEUED)
    told(practice, MOBILE, State.DELIVERED)
    told(practice, MOBILE, State.UNDELIVERED, "call_busy", channel=Channel.VOICE)

    def shown(query: str) -> set[str]:
        page = words(desk.get(f"{PAGE}?{query}"))
        return {name for name in ("m•••", "n•••", "o•••", "Text,", "Call,") if name in page}

    assert shown("") == {"m•••", "n•••", "o•••", "Text,", "Call,"}
    assert shown("state=wrong") == {"m•••", "Call,"}
    assert shown("state=waiting") == {"o•••"}
    assert shown("state=sent") == {"n•••", "Text,"}
    assert shown("channel=sms") == {"Text,"}
    assert shown("channel=voice&state=wrong") == {"Call,"}
    assert shown("notice=invitation") == {"m•••", "o•••"}
    assert shown("notice=invitation&channel=email") == {"m•••", "o•••"}
    assert shown("notice=code") == {"Text,", "Call,"}
    assert shown("notice=code&channel=sms&state=sent") == {"Text,"}
    assert shown("notice=code&channel=email") == set()
    assert shown("notice=invitation&state=wrong") == {"m•••"}
    assert shown("state=no-such&channel=pigeon") == shown("")
    assert "There are no messages like that." in words(desk.get(f"{PAGE}?notice=usernames"))


def test_pages_go_back_without_a_gap(desk: Browser, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "A_PAGE", 2)
    made = [told(practice, f"p{n}@example.com", State.FAILED, "smtp_550") for n in range(5)]
    told(practice, "fine@example.com", State.SENT)
    seen, address = [], f"{PAGE}?state=wrong"
    while address:
        page = desk.get(address)
        html = page.content.decode()
        seen += [message.pk for message in reversed(made) if f'href="{one(message)}"' in html]
        told(practice, "new@example.com", State.FAILED, "smtp_550")  # what comes meanwhile moves nothing
        link = html.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0] if 'rel="next"' in html else ""
        address = PAGE + link.replace("&amp;", "&") if link else ""
    assert seen == [message.pk for message in reversed(made)]
    assert "Newest messages" in words(page)


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30])
def test_page_number_that_makes_no_sense_is_the_first(desk: Browser, practice: Practice, after: str) -> None:
    told(practice, "m@example.com", State.SENT)
    assert "m•••" in words(desk.get(PAGE, {"after": after}))


def test_another_practices_messages_do_not_exist(desk: Browser) -> None:
    elsewhere = a_practice("oak")
    chart = a_chart(elsewhere, A_STRANGER)
    theirs = invited(chart)
    assert "s•••" not in words(desk.get(PAGE))
    assert desk.get(one(theirs)).status_code == 404
    assert desk.get(one(theirs, "again/")).status_code == 404
    assert desk.post(one(theirs, "again/")).status_code == 404
    assert desk.get(f"{PAGE}?record={chart.pk}").status_code == 404
    assert desk.get(f"{PAGE}?record=x").status_code == 404
    assert trail(elsewhere, "code.superseded") == []


def test_as_many_queries_for_one_row_as_for_fifty(desk: Browser, practice: Practice, maria: PatientRecord) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as made:
            desk.get(address)
        return len(made)

    told(practice, MARIA.email, State.FAILED, "smtp_550")
    told(practice, MOBILE, State.FAILED, "stopped")
    pages = [PAGE, f"{PAGE}?state=wrong", f"{PAGE}?record={maria.pk}"]
    queries(PAGE)
    few = [queries(page) for page in pages]
    for n in range(30):
        chart = a_chart(practice, HER_FATHER, emails=[f"p{n}@example.com"], mobile_e164=f"+121255501{n:02}")
        told(practice, chart.email, State.FAILED, "smtp_550")
        told(practice, chart.mobile_e164, State.FAILED, "stopped")
        told(practice, MARIA.email, State.SENT)
    assert [queries(page) for page in pages] == few
    assert max(few) <= 14


# One message


def test_one_message(desk: Browser, maria: PatientRecord) -> None:
    message = invited(maria)
    page = desk.get(one(message))
    assert h1(page) == "Invitation"
    for said in ("there is no such mailbox", "m•••@example.com", "Maria Elena Santos", "smtp_550", "Send again"):
        assert said in words(page)
    assert MARIA.email not in page.content.decode()


def test_code_is_sent_again_anew_and_the_old_one_ends(desk: Browser, clerk: Account, maria: PatientRecord) -> None:
    message = invited(maria)
    page = words(desk.get(one(message, "again/")))
    assert "Maria Elena Santos" in page
    assert EnrollmentCode.objects.count() == 1  # looking sends nothing
    assert desk.post(one(message, "again/")).url == one(message)
    assert "A new code is on its way." in words(desk.get(one(message)))
    old, new = EnrollmentCode.objects.order_by("pk")
    assert (old.state, new.state, new.issued_by, new.kind) == (
        CodeState.SUPERSEDED, CodeState.PENDING, clerk, CodeKind.INVITATION,
    )  # fmt: skip
    assert Message.objects.latest("pk").to == maria.email


def refused(desk: Browser, message: Message) -> str:
    before = EnrollmentCode.objects.count()
    page = desk.post(one(message, "again/"))
    assert page.status_code == 409
    assert EnrollmentCode.objects.count() == before
    return words(page)


def test_code_is_not_sent_again_where_nobody_knows_whom_it_was_for(
    desk: Browser, practice: Practice, maria: PatientRecord
) -> None:
    """A couple with one email, invited by one run: the same address at the same time."""
    a_chart(practice, HER_FATHER, emails=maria.emails)
    bulk.run(bulk.start(practice=practice, kind=CodeKind.INVITATION, whom=Whom(), by=None))
    Message.objects.update(state=State.FAILED, failure="smtp_550", context_sealed=None)
    first = Message.objects.earliest("pk")
    assert "on no chart any more, or on several" in words(desk.get(one(first, "again/")))
    assert "on no chart any more, or on several" in refused(desk, first)


def test_code_is_not_sent_again_to_who_is_enrolled_or_has_another_address(desk: Browser, maria: PatientRecord) -> None:
    message = invited(maria)
    code = EnrollmentCode.objects.get()
    codes.reserve(codes.lock(code))
    assert "is enrolling with the code just now" in refused(desk, message)
    EnrollmentCode.objects.update(state=CodeState.PENDING)
    an_account(maria.practice, MARIA, token=a_token(maria))
    assert "enrolled already" in refused(desk, message)


def test_what_is_no_code_is_not_sent_again(desk: Browser, practice: Practice) -> None:
    message = told(practice, MARIA.email, State.FAILED, "smtp_550", notice="password_changed")
    assert "Send again" not in words(desk.get(one(message)))
    assert desk.get(one(message, "again/")).status_code == 404
    waits = told(practice, MARIA.email, State.QUEUED)
    assert "Send again" not in words(desk.get(one(waits)))


# On the chart


def chart_page(desk: Browser, chart: PatientRecord, language: str = "en") -> str:
    return words(desk.get(f"/staff/patients/{chart.pk}/", headers={"accept-language": language}))


def test_chart_shows_the_last_messages_with_whole_addresses(
    desk: Browser, practice: Practice, maria: PatientRecord
) -> None:
    assert "Nothing was sent to the addresses on this chart." in chart_page(desk, maria)
    told(practice, MARIA.email, State.SENT)
    told(practice, "stranger@example.com", State.SENT, notice="usernames")
    page = chart_page(desk, maria)
    assert f"Email, {MARIA.email}" in page
    assert "Forgotten username" not in page
    assert f"{PAGE}?record={maria.pk}" in desk.get(f"/staff/patients/{maria.pk}/").content.decode()


def test_messages_of_a_patient_are_those_to_the_chart_and_the_own_account(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice, MARIA, emails=["on-chart@example.com"])
    account = an_account(practice, MARIA, token=a_token(chart))
    an_option(account, "+12125550199")
    told(practice, "on-chart@example.com", State.SENT)
    told(practice, account.email, State.SENT, notice="password_changed")
    told(practice, "+12125550199", State.SENT)
    told(practice, "stranger@example.com", State.SENT, notice="usernames")
    page = words(desk.get(f"{PAGE}?record={chart.pk}"))
    assert "on-chart@example.com" in page
    assert account.email not in page  # of the account: masked
    for said in ("The password was changed", "Two-step code", "m•••@example.com", "Maria Elena Santos"):
        assert said in page
    assert "Forgotten username" not in page.partition("Show")[2]


def test_what_is_wrong_with_an_address_is_what_the_last_message_to_it_tells(
    practice: Practice, maria: PatientRecord
) -> None:
    assert deliveries.of_record(maria) == []
    told(practice, MARIA.email, State.FAILED, "smtp_550")
    told(practice, MARIA.email, State.EXPIRED)  # tells nothing of the address
    told(practice, MARIA.email, State.QUEUED)
    told(practice, MOBILE, State.UNDELIVERED, "twilio_30005")
    found = deliveries.of_record(maria)
    assert [(one.to, one.trouble) for one in found] == [
        (MARIA.email, Trouble.BOUNCED), (MOBILE, Trouble.WRONG_NUMBER),
    ]  # fmt: skip
    told(practice, MARIA.email, State.SENT)
    told(practice, MOBILE, State.DELIVERED)
    assert deliveries.of_record(maria) == []


def test_what_another_practice_sent_tells_nothing_here(maria: PatientRecord) -> None:
    told(a_practice("oak"), MARIA.email, State.FAILED, "smtp_550")
    optout.stop(MOBILE, "MGtheirs")
    assert deliveries.of_record(maria) == []


def test_phone_that_said_stop_and_then_start(desk: Browser, practice: Practice, maria: PatientRecord) -> None:
    told(practice, MOBILE, State.FAILED, "stopped")
    optout.stop(MOBILE, "MGown")
    assert [one.trouble for one in deliveries.of_record(maria)] == [Trouble.STOPPED]
    assert f"Text, {MOBILE} : The phone answered STOP" in chart_page(desk, maria)
    optout.start(MOBILE, "MGown")
    assert deliveries.of_record(maria) == []


def test_landline_is_a_trouble_only_where_a_mobile_should_be(
    desk: Browser, practice: Practice, maria: PatientRecord
) -> None:
    PhoneLine.objects.create(number=HOME, kind=Kind.FIXED)
    assert [(one.to, one.trouble) for one in deliveries.of_record(maria)] == [(HOME, Trouble.LANDLINE)]
    assert "it is a landline" not in chart_page(desk, maria)
    PhoneLine.objects.create(number=MOBILE, kind=Kind.FIXED)
    assert f"Text, {MOBILE} : The number cannot get texts: it is a landline" in chart_page(desk, maria)
    PhoneLine.objects.update(learnt_at=timezone.now() - timedelta(days=91))
    assert deliveries.of_record(maria) == []


def test_reading_of_a_record_takes_three_queries(practice: Practice, maria: PatientRecord) -> None:
    told(practice, MARIA.email, State.FAILED, "smtp_550")
    with CaptureQueriesContext(connection) as made:
        deliveries.of_record(maria)
    assert len(made) == 3


def test_rare_messages_are_found_by_an_index(practice: Practice) -> None:
    """Each filter has one whose condition the query's implies (docs/decisions/0036-deliveries.md)."""
    wrong = Message(practice=practice, notice="invitation", to="x@example.com", language="en", state=State.FAILED)
    Message.objects.bulk_create([wrong])
    everything = deliveries._all(practice)
    asked = {"state": "", "channel": "", "notice": ""}
    expected = {
        "message_wrong": {**asked, "state": "wrong"},
        "message_by_phone": {**asked, "channel": "voice"},
        "message_by_notice": {**asked, "notice": "invitation", "state": "sent"},
        "message_by_practice": asked,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        for index, filters in expected.items():
            plan = deliveries._filtered(everything, filters)[:51].explain()
            assert index in plan, plan
        plan = everything.filter(to__in=["x@example.com"]).explain()
        assert "message_" in plan
