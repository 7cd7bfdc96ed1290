"""Landlines are told before anything is sent to them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications import lines
from notifications.models import PhoneLine
from practices import phones
from practices.phones import Kind
from tests.notifications.conftest import PHONE
from tests.notifications.twilio_stand_in import STALL, Answer, TwilioStandIn

LONDON, MADRID_MOBILE, PREMIUM = "+442079460958", "+34600123456", "+19005550123"


@pytest.fixture
def lookup(twilio: TwilioStandIn, settings: Settings) -> TwilioStandIn:
    settings.TWILIO_LOOKUP = True
    return twilio


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (LONDON, Kind.FIXED),
        (MADRID_MOBILE, Kind.MOBILE),
        (PREMIUM, Kind.PREMIUM),
        (PHONE, Kind.UNKNOWN),  # as all in North America
        ("+18005550199", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
        ("home", Kind.UNKNOWN),
    ],
)
def test_a_number_tells_its_kind_where_it_can(number: str, kind: Kind) -> None:
    assert phones.kind(number) is kind


@pytest.mark.parametrize(
    ("number", "texts", "calls"), [(LONDON, False, True), (PREMIUM, False, False), (PHONE, True, True)]
)
def test_what_may_be_tried(db: None, number: str, texts: bool, calls: bool) -> None:  # noqa: FBT001 - a table
    assert (lines.takes_texts(number), lines.takes_calls(number)) == (texts, calls)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("landline", Kind.FIXED), ("mobile", Kind.MOBILE), ("nonFixedVoip", Kind.UNKNOWN), ("premium", Kind.PREMIUM)],
)
def test_lookup_is_asked_once_where_the_number_does_not_tell(
    db: None, lookup: TwilioStandIn, line: str, kind: Kind
) -> None:
    lookup.lines[PHONE] = line
    assert (lines.kind(PHONE), lines.kind(PHONE)) == (kind, kind)
    assert lookup.looked_up == [PHONE]
    assert lines.kind(LONDON) is Kind.FIXED
    assert lookup.looked_up == [PHONE]


def test_no_number_that_is_looked_up_gets_into_the_log(
    db: None, lookup: TwilioStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    lines.kind(PHONE)
    assert lookup.looked_up == [PHONE]
    assert PHONE.removeprefix("+") not in caplog.text


def test_lookup_is_not_asked_unless_it_is_configured(db: None, twilio: TwilioStandIn) -> None:
    assert lines.kind(PHONE) is Kind.UNKNOWN
    assert twilio.looked_up == []


@pytest.mark.parametrize("answer", [STALL, (404, 20404), (429, 20429), (500, 20500)])
def test_a_lookup_that_fails_stops_nobody(
    db: None, lookup: TwilioStandIn, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "WAITS", 0.3)
    lookup.answers.append(answer)
    assert lines.takes_texts(PHONE)
    lookup.lines[PHONE] = "landline"
    assert not lines.takes_texts(PHONE)  # and is asked again


def test_what_was_learnt_long_ago_does_not_count(db: None) -> None:
    lines.learn(PHONE, Kind.FIXED)
    lines.learn(PHONE, Kind.FIXED)
    assert not lines.takes_texts(PHONE)
    PhoneLine.objects.update(learnt_at=timezone.now() - lines.GOOD_FOR - timedelta(days=1))
    assert lines.takes_texts(PHONE)
    assert lines.purge() == 1
