"""Sessions in the database: whose key is nowhere but in the browser, and which no request can bring back to life."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guard import sessions
from guard.models import Session
from guard.secrets import SECRET_LENGTH
from guard.sessions import SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def alone(db: None) -> None:
    Session.objects.all().delete()


def kept(**data: object) -> str:
    """The key of a session that holds this."""
    session = SessionStore()
    session.update(data)
    session.save()
    assert session.session_key
    return session.session_key


def everything() -> Iterator[bytes]:
    for row in Session.objects.all():
        yield from (bytes(row.digest), bytes(row.data))


def test_what_was_kept_is_found_by_its_key() -> None:
    key = kept(name="Zoë", steps=[1, 2], nothing=None)
    assert dict(SessionStore(key).items()) == {"name": "Zoë", "steps": [1, 2], "nothing": None}


def test_keys_are_secrets_and_the_database_has_none() -> None:
    key = kept(name="Maria")
    assert len(key) == SECRET_LENGTH
    assert not [value for value in everything() if key.encode() in value]


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda key: key[:-1], lambda key: f"{key}a", lambda _key: ""])
def test_another_key_finds_nothing(change: object) -> None:
    session = SessionStore(change(kept(name="Maria")))  # type: ignore[operator]
    assert dict(session.items()) == {}
    assert session.session_key is None


def test_the_digest_is_no_key() -> None:
    kept(name="Maria")
    [digest, _data] = everything()
    for tried in (digest.hex(), digest.decode("latin-1")):
        assert dict(SessionStore(tried).items()) == {}


def test_reading_is_one_query_and_so_is_every_write() -> None:
    session = SessionStore()
    for first in ("is_empty", "is_empty", "cycle_key", "clear"):
        with CaptureQueriesContext(connection) as queries:
            getattr(session, first)()
            session["seen"] = 3
            session.save()
        assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert SessionStore(session.session_key)["seen"] == 3
    assert len(queries) == 1


def test_new_key_takes_the_place_of_the_old_one() -> None:
    old = kept(name="Maria")
    session = SessionStore(old)
    session.cycle_key()
    assert session.session_key != old
    assert session.modified
    session.save()
    assert not session.exists(old)
    assert SessionStore(session.session_key)["name"] == "Maria"
    assert Session.objects.count() == 1


def test_new_key_of_an_emptied_session_ends_the_old_one_too() -> None:
    old = kept(name="Maria")
    session = SessionStore(old)
    session.clear()
    session.cycle_key()
    session["account"] = 7
    session.save()
    assert not session.exists(old)
    assert dict(SessionStore(session.session_key).items()) == {"account": 7}


def test_old_key_holds_until_the_new_one_is_saved() -> None:
    old = kept(name="Maria")
    SessionStore(old).cycle_key()  # and then the page fails
    assert SessionStore(old)["name"] == "Maria"


def test_flush_ends_it_at_once() -> None:
    key = kept(name="Maria")
    session = SessionStore(key)
    assert session["name"] == "Maria"
    session.flush()
    assert not Session.objects.exists()
    assert session.is_empty()
    session["words"] = "You are signed out"
    session.save()
    assert session.session_key != key
    assert dict(SessionStore(session.session_key).items()) == {"words": "You are signed out"}


def test_flush_after_a_new_key_ends_both() -> None:
    session = SessionStore(kept(name="Maria"))
    session.cycle_key()
    session.flush()
    assert not Session.objects.exists()


def test_tab_that_was_slower_than_signing_out_brings_nothing_back() -> None:
    key = kept(name="Maria")
    slow_tab, other_tab = SessionStore(key), SessionStore(key)
    slow_tab["seen"] = 1
    other_tab.flush()
    with pytest.raises(UpdateError):
        slow_tab.save()
    assert not Session.objects.exists()


def test_two_tabs_at_once_the_last_one_counts() -> None:
    key = kept(name="Maria")
    one, other = SessionStore(key), SessionStore(key)
    one["step"], other["step"] = "terms", "token"
    one.save()
    other.save()
    assert SessionStore(key)["step"] == "token"


def test_two_tabs_that_renew_at_once_get_a_key_each() -> None:
    key = kept(name="Maria")
    tabs = [SessionStore(key), SessionStore(key)]
    for tab in tabs:
        tab.cycle_key()
    for tab in tabs:
        tab.save()
    assert not SessionStore().exists(key)
    assert len({tab.session_key for tab in tabs}) == 2


def test_new_key_brings_nobody_back_who_signed_out_meanwhile() -> None:
    key = kept(**{SESSION_KEY: "1"})
    slow_tab, other_tab = SessionStore(key), SessionStore(key)
    slow_tab.cycle_key()
    other_tab.flush()
    with pytest.raises(UpdateError):
        slow_tab.save()
    assert not Session.objects.exists()


def test_who_signs_in_again_meanwhile_is_signed_in() -> None:
    key = kept(**{SESSION_KEY: "1"})
    tab, other_tab = SessionStore(key), SessionStore(key)
    tab.load()
    other_tab.flush()
    tab.clear()
    tab[SESSION_KEY] = "2"
    tab.cycle_key()
    tab.save()
    assert SessionStore(tab.session_key)[SESSION_KEY] == "2"


def test_session_that_is_over_is_none() -> None:
    key = kept(name="Maria")
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert dict(SessionStore(key).items()) == {}


def test_writing_moves_the_end() -> None:
    key = kept(name="Maria")
    Session.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    session = SessionStore(key)
    session["seen"] = 1
    session.save()
    assert Session.objects.get().expires_at > timezone.now() + timedelta(hours=11)


def test_purge_takes_what_is_over_and_nothing_else() -> None:
    over, lives = kept(name="Maria"), kept(name="Rafael")
    digest = SessionStore(over)._stored
    Session.objects.filter(digest=digest).update(expires_at=timezone.now())
    SessionStore.clear_expired()
    assert SessionStore(lives)["name"] == "Rafael"
    assert Session.objects.count() == 1


# --- Whose they are --------------------------------------------------------------------------------------------------


def test_a_session_knows_its_account_from_sign_in_to_sign_out() -> None:
    session = SessionStore(kept(name="Maria"))
    assert Session.objects.get().owner_id is None
    session.cycle_key()
    session[SESSION_KEY] = "7"
    session.save()
    assert Session.objects.get().owner_id == 7
    session["seen"] = 3
    session.save()
    assert [data["seen"] for _, data in sessions.of_owner(7)] == [3]
    del session[SESSION_KEY]
    session.save()
    assert sessions.of_owner(7) == []


def test_all_of_an_account_end_but_the_one_that_asks() -> None:
    this, *others = [kept(**{SESSION_KEY: "7"}) for _ in range(3)]
    nobodys, someone_elses = kept(name="Maria"), kept(**{SESSION_KEY: "8"})
    assert sessions.end_all(7, but=SessionStore(this)) == 2
    assert [SessionStore().exists(key) for key in (this, *others, nobodys, someone_elses)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert sessions.end_all(7) == 1


def test_one_that_was_ended_does_not_come_back() -> None:
    session = SessionStore(kept(**{SESSION_KEY: "7"}))
    session["seen"] = 3
    sessions.end_all(7)
    with pytest.raises(UpdateError):
        session.save()


def test_expired_ones_are_not_listed() -> None:
    kept(**{SESSION_KEY: "7"})
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sessions.of_owner(7) == []
