"""Whatever anybody does to get back in, in any order: never without each proof, and never by what is dead."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test as run

from practices.choices import SecurityOption
from tests.enrollment.way_back import DAY, HALF_HOUR, SETS, WEEK, reached
from tests.enrollment.way_back_closing import WayBackAndClosing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = pytest.mark.django_db
TEXT, EMAIL, APP, BACKUP = SecurityOption.TEXT, SecurityOption.EMAIL, SecurityOption.APP, SecurityOption.BACKUP
AS_LONG_AS = hypothesis_settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    """Passwords take no time here either; and what was reached before is another test's."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    reached.clear()


@pytest.fixture
def way() -> Iterator[WayBackAndClosing]:
    """The machine without chance: its rules are called by name."""
    way = WayBackAndClosing()
    yield way
    way.teardown()


def times(what: str) -> int:
    """How often something was reached."""
    return reached[what]


def chooses(way: WayBackAndClosing, who: str) -> None:
    """From asking for a link to the identity check."""
    way.comes_as_far_as_the_proof(who)
    way.holds()


def proves(way: WayBackAndClosing, who: str, kind: SecurityOption) -> None:
    """By the right code, as far as they have it."""
    way.proves(who, kind, right=True)
    way.holds()


def test_nobody_gets_in_without_each_proof() -> None:
    run(WayBackAndClosing, settings=AS_LONG_AS)
    assert reached["a form"], "nobody ever chose a password: the machine does not get anywhere"


# --- Without chance: each way, reached at least once ------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, APP, BACKUP])
def test_owner_gets_in_by_each_kind_of_option(way: WayBackAndClosing, kind: SecurityOption) -> None:
    way.begins(has="email backup" if kind == BACKUP else kind, name="")
    chooses(way, "owner")
    way.proves("owner", kind, right=False)
    way.holds()
    assert times(f"reset by {kind}") == 0
    proves(way, "owner", kind)
    assert times(f"reset by {kind}") == 1


@pytest.mark.parametrize("has", ["", "email"])
def test_record_is_asked_for_where_no_option_is_left(way: WayBackAndClosing, has: str) -> None:
    way.begins(has=has, name="maria.santos")
    chooses(way, "owner")
    way.proves("owner", EMAIL, right=True)
    for born, right in ((False, True), (True, False)):
        way.proves_the_record("owner", born=born, right=right)
        way.holds()
    assert times("reset by record") == 0
    way.proves_the_record("owner", born=True, right=True)
    way.holds()
    assert times("reset by record") == 1


@pytest.mark.parametrize(
    ("who", "has"), [*product(["reader"], SETS), ("swapper", "text app backup"), ("stranger", "text app backup")]
)
def test_nobody_else_gets_in(way: WayBackAndClosing, who: str, has: str) -> None:
    way.begins(has=has, name="")
    for later in (False, True):
        way.goes_all_the_way(who, later=later)
        way.holds()
    assert not [one for one in reached if one.startswith("reset ")]


def test_mailbox_and_phone_get_past_the_app_after_a_day_and_not_before(way: WayBackAndClosing) -> None:
    way.begins(has="text app", name="")
    chooses(way, "both")
    proves(way, "both", TEXT)
    way.waits("both")
    way.holds()
    way.time_passes(DAY - HALF_HOUR)
    chooses(way, "both")
    proves(way, "both", TEXT)
    assert times("reset after a day") == 0
    way.time_passes(HALF_HOUR)
    chooses(way, "both")
    proves(way, "both", TEXT)
    assert times("reset after a day") == 1
    way.says_not_me_to_the_last("password_reset")
    assert times("taken back") == 1


def test_lost_app_gives_way_to_the_record_after_a_day(way: WayBackAndClosing) -> None:
    way.begins(has="email app", name="")
    chooses(way, "owner")
    way.waits("owner")
    way.proves_the_record("owner", born=True, right=True)
    assert times("reset by record") == 0
    way.time_passes(DAY)
    chooses(way, "owner")
    way.proves_the_record("owner", born=True, right=True)
    way.holds()
    assert times("reset by record") == 1


@pytest.mark.parametrize("notice", ["password_reset_waits", "account_reset_asked"])
def test_this_wasnt_me_stops_what_waits_and_for_a_week_nothing_begins(way: WayBackAndClosing, notice: str) -> None:
    way.begins(has="text app", name="")
    chooses(way, "both")
    begins = way.waits if notice == "password_reset_waits" else way.resets_the_account
    begins("both")
    way.says_not_me_to_the_last(notice)
    assert times("stopped") == 1
    way.opens("both", way.links[-1])
    assert times("a dead link") == 1
    way.time_passes(DAY)
    chooses(way, "both")
    begins("both")
    proves(way, "both", TEXT)
    way.beat(later=True)
    way.holds()
    assert way.row.is_active
    assert len(way.told) == 1
    way.time_passes(WEEK)
    chooses(way, "both")
    begins("both")
    assert len(way.told) == 2


def test_links_die_and_stay_dead(way: WayBackAndClosing) -> None:
    """By a newer one, by half an hour, by a change of the password; and putting that back brings none back."""
    way.begins(has="text", name="")
    way.asks_for_a_link("owner", by_email=True)
    way.asks_for_a_link("stranger", by_email=False)
    way.signs_in("owner", newest=True, kind=TEXT)
    way.changes_the_password("owner")
    way.holds()
    assert times("changed in Settings") == 1
    way.says_not_me_to_the_last("password_changed")
    way.asks_for_a_link("owner", by_email=True)
    way.time_passes(HALF_HOUR)
    for link in way.links:
        way.opens("reader", link)
        assert way.people["reader"].opened is link
    assert (times("a dead link"), times("a form")) == (3, 0)


def test_second_reset_takes_the_first_ones_link_away(way: WayBackAndClosing) -> None:
    way.begins(has="text", name="")
    chooses(way, "both")
    chooses(way, "owner")
    proves(way, "both", TEXT)
    assert times("reset by text") == 0
    proves(way, "owner", TEXT)
    chooses(way, "both")
    proves(way, "both", TEXT)
    way.says_not_me_to_the_last("password_reset")
    assert times("reset by text") == 2


def test_account_is_closed_and_its_record_opens_to_who_has_the_phone_on_file(way: WayBackAndClosing) -> None:
    way.begins(has="app", name="")
    way.is_closed_by("owner")
    assert times("closed") == 1
    for born, right in ((False, True), (True, False)):
        way.comes_back("owner", born=born, right=right)
        way.holds()
    assert times("a new account")
    assert times("the record again") == 0
    way.comes_back("owner", born=True, right=True)
    way.holds()
    assert times("the record again")
    way.signs_in("owner", newest=True, kind=APP)
    way.holds()


def test_who_closed_it_with_the_mailbox_alone_has_a_new_account_and_no_record(way: WayBackAndClosing) -> None:
    way.begins(has="text", name="")
    way.is_closed_by("reader")
    way.comes_back("reader", born=True, right=True)
    way.holds()
    assert times("a new account") == 1
    assert times("the record again") == 0


@pytest.mark.parametrize("right", [False, True])
def test_this_wasnt_me_ends_the_way_back(way: WayBackAndClosing, *, right: bool) -> None:
    """Half-way, and where the record is open already."""
    way.begins(has="text", name="")
    way.is_closed_by("owner")
    way.comes_back("owner", born=True, right=right)
    assert times("a new account") == 1
    way.says_not_me_to_the_last("account_closed")
    way.comes_back("owner", born=True, right=True)
    way.holds()


def test_closed_by_nobody_who_was_cancelled_or_stopped(way: WayBackAndClosing) -> None:
    way.begins(has="text", name="maria.santos")
    way.comes_as_far_as_a_reset("reader")
    way.signs_in("owner", newest=True, kind=TEXT)
    way.beat(later=True)
    way.holds()
    assert times("cancelled by signing in") == 1
    chooses(way, "reader")
    way.resets_the_account("reader")
    way.resets_the_account("reader")
    chooses(way, "owner")
    proves(way, "owner", TEXT)
    way.beat(later=True)
    way.holds()
    assert (times("a reset"), times("closed")) == (2, 0)
