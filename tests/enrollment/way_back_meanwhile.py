"""The same machine with what happens meanwhile: sign-ins, a change in Settings, **This wasn't me**, and the clock."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from accounts.models import WAITS, AccountChange, ChangeKind
from practices.choices import SecurityOption
from tests.accounts.getting_back import WAIT, objects, passes
from tests.enrollment.way_back import DAY, HALF_HOUR, KINDS, WEEK, WHO, Told, WayBack, reached
from tests.people import PASSWORD

WAIT_OF = {ChangeKind.WAIT: "password_reset_waits", ChangeKind.CLOSING: "account_reset_asked"}  # told by


class Meanwhile(WayBack):
    """What others do, and she herself."""

    # --- The day without the app --------------------------------------------------------------------------------------

    @rule(who=WHO)
    def waits(self, who: str) -> None:
        one, was_alive = self.people[who], self.is_alive(self.people[who].opened)
        had = self._waits_now(ChangeKind.WAIT)
        one.tab.post(WAIT)
        if self._waits_now(ChangeKind.WAIT) != had:
            assert was_alive, "by a dead link"
            assert self.now - max(self.stopped, self.waits_stopped) >= WEEK, "somebody said: this wasn't me"
            self._everybody_is_told("password_reset_waits")
            self.since["password_reset_waits"] = self.now
            reached["a wait"] += 1
        self._no_limits()

    # --- What else happens --------------------------------------------------------------------------------------------

    @rule(who=WHO, newest=st.booleans(), kind=st.sampled_from([None, *KINDS]))
    def signs_in(self, who: str, *, newest: bool, kind: SecurityOption | None) -> None:
        """The owner with her passwords, the others with what they chose themselves."""
        one = self.people[who]
        one.tab.post("/sign-out/")
        one.is_in = False
        typed = self._knows(who)[-1 if newest else 0]
        one.tab.sign_in(self.account.sign_in_name, typed)
        proven = kind is not None and one.tab.account is None and one.proves(self.account, kind, right=True)
        if one.tab.account == self.account.pk:
            assert typed == self.password, "by a password that is not the right one"
            assert proven or not self.kinds, "by the password alone"
            self._signed_in(one)
        self._no_limits()

    @rule(who=st.sampled_from(["owner", "both"]))
    def signs_in_in_full(self, who: str) -> None:
        """With the newest password, and whichever option they have in hand."""
        for kind in self.kinds or [None]:
            self.signs_in(who, newest=True, kind=kind)

    def _knows(self, who: str) -> list[str]:
        """Their own passwords, those of long ago first; the owner knows the first one, too."""
        ever = [one.before for one in self.told if one.before] + [self.password]
        mine = [one for one in ever if who in one or (who == "owner" and one == PASSWORD)]
        return mine or ["Guessed-at-random-1"]

    @rule(who=WHO)
    def changes_the_password(self, who: str) -> None:
        one, typed = self.people[who], f"Other-kite-{who}-{len(self.told)}"
        form = {"current_password": self.password, "password": typed, "confirm_password": typed}
        one.tab.post("/settings/password/", form)
        if self._has_another_password():
            assert one.is_in, "by who is not signed in"
            reached["changed in Settings"] += 1
            self._another_password(typed, "password_changed", one)
        self._no_limits()

    @rule(data=st.data())
    def says_this_was_not_me(self, data: Any) -> None:
        if self.told:
            self.objects_to(data.draw(st.sampled_from(self.told)))

    def objects_to(self, pressed: Told) -> None:
        """That change and all that came after it is taken back; what only waits is stopped, and nothing else."""
        objects(self.practice, pressed.link)
        is_off = pressed.is_off and not self.is_closed
        if pressed.is_stopped or is_off or self.now - pressed.at >= WEEK:
            assert not self._has_another_password(), "by a link that is over"
            return
        waiting = self._waiting()
        for one in waiting:
            one.is_stopped = True
        if pressed in waiting and not self.is_closed:
            assert not self._has_another_password(), "nothing was made of it yet"
            reached["stopped"] += 1
            self.since.clear()
            self.waits_stopped = self.now
            self._links_die()
            return
        later = [one for one in self.told[self.told.index(pressed) :] if not one.is_stopped]
        befores = [one.before for one in later if one.before]
        for one in later:
            one.is_stopped = True
        if befores and self.row.is_active:
            self.password, self.version = befores[0], self.version + 1
            self._has_another_password()
        reached["taken back" if befores else "stopped"] += 1
        self.since.clear()
        self.stopped = self.now
        self._links_die()
        self._sessions_end()

    @rule(minutes=st.sampled_from([HALF_HOUR, DAY, WEEK]))
    def time_passes(self, minutes: int) -> None:
        passes(minutes=minutes)
        self.now += minutes
        if minutes > HALF_HOUR:  # no session lasts as long
            self._sessions_end()
            for one in self.people.values():
                one.tab.cookies.pop("session", None)
                one.opened, one.chosen = None, ""

    @rule(who=WHO, later=st.booleans())
    def goes_all_the_way(self, who: str, *, later: bool) -> None:
        """With whatever they have in hand, and a day later where that is needed."""
        self.comes_as_far_as_the_proof(who)
        if later:
            self.waits(who)
            self.time_passes(DAY)
            self.comes_as_far_as_the_proof(who)
        for kind in sorted(self.kinds):
            self.proves(who, kind, right=True)
        self.proves_the_record(who, born=True, right=True)

    # --- What must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def password_is_the_one_that_was_proven(self) -> None:
        row = self.row
        assert check_password(self.password, row.password) is row.is_active, f"it is another one than {self.password}"

    @invariant()
    def one_link_is_alive_at_most(self) -> None:
        """Asked of each link by itself, in a browser that was never here."""
        alive = [self.is_alive(link) for link in self.links]
        assert sum(alive) <= 1

    @invariant()
    def nobody_is_in_who_was_signed_out(self) -> None:
        for one in self.people.values():
            if not one.is_in and one.tab.account == self.account.pk:
                assert one.tab.get("/home/").status_code != 200, one.name

    @invariant()
    def nothing_waits_that_nobody_asked_for(self) -> None:
        waits = AccountChange.objects.filter(WAITS, account=self.account).values_list("kind", flat=True)
        assert {WAIT_OF[ChangeKind(kind)] for kind in waits} == self.since.keys()
