"""The state machine of getting back in: an account, its owner, and those who want in this way.

The machine keeps a small model of what may happen: which link is alive, which password is right, what was waited for,
what each person typed. It holds the portal to it after every step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from accounts.models import WAITS, Account, AccountChange, ChangeKind
from guard.models import Tally
from practices.choices import SecurityOption
from tests.accounts.getting_back import FORGOT, passes
from tests.accounts.options_kit import a_sheet, a_text_option, an_app, rested
from tests.enrollment.way_back_people import PHONE, Link, Someone, crowd
from tests.people import MARIA, PASSWORD, a_chart, a_practice, a_token, an_account, mail, path_of
from verification.models import AuthenticatorOption, BackupCodes, Channel, CodeOption, WrongCode

STRONG = {SecurityOption.APP}
KINDS = (SecurityOption.TEXT, SecurityOption.EMAIL, SecurityOption.APP, SecurityOption.BACKUP)
SETS = ("", "text", "email", "text email", "app", "text app", "email app", "email backup", "text app backup")
HALF_HOUR, DAY, WEEK = 30, 24 * 60, 7 * 24 * 60  # minutes
WHO = st.sampled_from(["owner", "reader", "swapper", "both", "stranger"])
READERS = st.sampled_from(["owner", "reader", "both"])
reached: Counter[str] = Counter()  # over all runs


@dataclass
class Told:
    """A change that everybody was told of: the path of **This wasn't me**, and the password before it.

    `is_off`: it waited, and was canceled before anything was made of it.
    """

    link: str
    notice: str
    at: int
    before: str = ""
    is_stopped: bool = False
    is_off: bool = False


class WayBack(RuleBasedStateMachine):
    """Her account has a verified email; what else it has differs from run to run."""

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()  # each run is undone: it finds no accounts of another

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)

    @initialize(has=st.sampled_from(SETS), name=st.sampled_from(["", "maria.santos"]))
    def begins(self, has: str, name: str) -> None:
        self.practice = a_practice()
        self.chart = a_chart(self.practice, mobile_e164=PHONE)
        self.account = an_account(self.practice, name=name, token=a_token(self.chart))
        self.kinds = {SecurityOption(kind) for kind in has.split()}
        self.people = crowd(self.practice)
        self._has_options()
        passes(days=90)
        self.now = self.version = 0
        self.password = PASSWORD
        self.links: list[Link] = []
        self.told: list[Told] = []
        self.since: dict[str, int] = {}  # what waits, and since when
        self.is_closed = False
        self.owners: dict[int, Someone] = {}  # of the accounts that came after it
        self.stopped = -WEEK  # when somebody said last: this wasn't me
        self.waits_stopped = -WEEK  # when they said so of what only waited
        self._seen = Account.objects.get(pk=self.account.pk).password

    def _has_options(self) -> None:
        if SecurityOption.TEXT in self.kinds:
            a_text_option(self.account, PHONE)
        if SecurityOption.EMAIL in self.kinds:
            CodeOption.objects.create(user=self.account, channel=Channel.EMAIL, target=MARIA.email)
        if SecurityOption.APP in self.kinds:
            an_app(self.account)
        if SecurityOption.BACKUP in self.kinds:
            self.people["owner"].sheet = a_sheet(self.account)

    @property
    def row(self) -> Account:
        """The account as it is now."""
        return Account.objects.get(pk=self.account.pk)

    # --- Links --------------------------------------------------------------------------------------------------------

    def is_alive(self, link: Link | None) -> bool:
        if link is None or link.is_dead or link.version != self.version:
            return False
        return self.now - link.sent < HALF_HOUR and self.row.is_active

    @rule(who=WHO, by_email=st.booleans())
    def asks_for_a_link(self, who: str, *, by_email: bool) -> None:
        before = len(mail("password_reset_link"))
        self.people[who].tab.post(FORGOT, {"name": MARIA.email if by_email else self.account.sign_in_name})
        for one in mail("password_reset_link")[before:]:
            assert one["to"] == MARIA.email
            if f"/{self.account.pk}/" not in one["link"]:  # of the account that came after it
                continue
            assert self.row.is_active, "a closed account gets a link"
            self._links_die()
            self.links.append(Link(path_of(one["link"]), self.now, self.version))
            reached["a link"] += 1
        self._no_limits()

    @rule(who=READERS, newest=st.booleans(), data=st.data())
    def opens_a_link(self, who: str, *, newest: bool, data: Any) -> None:
        if self.links:
            self.opens(who, self.links[-1] if newest else data.draw(st.sampled_from(self.links)))

    def opens(self, who: str, link: Link) -> None:
        one = self.people[who]
        page = one.tab.get(link.path, follow=True)
        shows_form = b'name="confirm_password"' in page.content
        assert shows_form == self.is_alive(link), (vars(link), self.now, self.version)
        reached["a form" if shows_form else "a dead link"] += 1
        one.opened, one.chosen = link, ""

    @rule(who=WHO)
    def comes_as_far_as_the_proof(self, who: str) -> None:
        self.asks_for_a_link(who, by_email=True)
        if self.links and self.people[who].mailbox:
            self.opens(who, self.links[-1])
            self.chooses(who)

    def _links_die(self) -> None:
        for link in self.links:
            link.is_dead = True

    # --- The new password, and its proof ------------------------------------------------------------------------------

    @rule(who=WHO)
    def chooses(self, who: str) -> None:
        one = self.people[who]
        typed = f"Chosen-kite-{who}-{len(self.told)}"
        was_alive = self.is_alive(one.opened)
        one.chooses(typed)
        if was_alive:
            one.chosen = typed
        self._no_limits()

    @rule(who=WHO, kind=st.sampled_from(KINDS), right=st.booleans())
    def proves(self, who: str, kind: SecurityOption, *, right: bool) -> None:
        """By an option of the account, whether the page offers it or not."""
        one, was_alive = self.people[who], self.is_alive(self.people[who].opened)
        typed = one.proves(self.account, kind, right=right)
        if self._has_another_password():
            assert typed, "by a wrong code"
            assert was_alive, "by a dead link"
            assert one.chosen, "nothing was chosen in this browser"
            assert kind in self.allowed(), (kind, self.kinds)
            self._was_reset(one, kind)
        elif one.tab.account == self.account.pk and not one.is_in:
            assert typed, "by a wrong code"
            self._signed_in(one)
        self._no_limits()

    @rule(who=WHO, born=st.booleans(), right=st.booleans())
    def proves_the_record(self, who: str, *, born: bool, right: bool) -> None:
        one, was_alive = self.people[who], self.is_alive(self.people[who].opened)
        proven = one.proves_the_record(born=born, right=right)
        if self._has_another_password():
            assert proven, "by a wrong date or code"
            assert was_alive, "by a dead link"
            assert one.chosen, "nothing was chosen in this browser"
            assert self.may_prove_the_record(), "an option is asked for, or somebody said: this wasn't me"
            self._was_reset(one, "record")
        self._no_limits()

    def allowed(self) -> set[SecurityOption]:
        """What may follow a link (docs/flows.md F.4)."""
        if self.now - self.stopped < WEEK or (self.kinds & STRONG and not self._has_waited()):
            return self.kinds & STRONG
        return self.kinds - {SecurityOption.EMAIL}

    def may_prove_the_record(self) -> bool:
        """Where no option is left but an app that was waited for."""
        is_ready = self._has_waited() or not self.kinds & STRONG
        return is_ready and not self.allowed() - STRONG and self.now - self.stopped >= WEEK

    def _has_waited(self) -> bool:
        return DAY <= self.now - self.since.get("password_reset_waits", self.now) < WEEK

    def _was_reset(self, one: Someone, kind: str) -> None:
        reached[f"reset by {kind}"] += 1
        if self.kinds & STRONG and kind not in STRONG:
            reached["reset after a day"] += 1
        self._another_password(one.chosen, "password_reset", one)
        for told in self._waiting():
            told.is_off = told.notice != "password_reset_waits"
        self.since.clear()
        assert one.tab.account == self.account.pk

    def _waiting(self) -> list[Told]:
        """What everybody was told of what waits now."""
        return [next(one for one in reversed(self.told) if one.notice == notice) for notice in self.since]

    def _another_password(self, typed: str, notice: str, by: Someone) -> None:
        self._everybody_is_told(notice, before=self.password)
        self.password = typed
        self.version += 1
        self._sessions_end(but=by)

    def _has_another_password(self) -> bool:
        before, self._seen = self._seen, self.row.password
        return before != self._seen

    def _sessions_end(self, *, but: Someone | None = None) -> None:
        for one in self.people.values():
            one.is_in = one is but

    def _everybody_is_told(self, notice: str, before: str = "") -> None:
        """The email and the phone of the account and its record."""
        newest = {one["to"]: one for one in mail(notice)}
        assert newest.keys() >= {MARIA.email, PHONE}, (notice, newest)
        link = path_of(newest[MARIA.email]["not_me"])
        assert link not in [one.link for one in self.told], "told of the one before"
        self.told.append(Told(link, notice, self.now, before))

    def _waits_now(self, kind: ChangeKind) -> int | None:
        """Which change of this kind waits."""
        found = AccountChange.objects.filter(WAITS, account=self.account, kind=kind)
        return found.values_list("pk", flat=True).first()

    def _signed_in(self, one: Someone) -> None:
        assert self.row.is_active, "a closed account signs in"
        reached["signed in"] += 1
        if self.since:
            reached["cancelled by signing in"] += 1
            assert mail("reset_cancelled"), "nobody was told"
        one.is_in = True
        for told in self._waiting():
            told.is_off = True
        self.since.clear()

    # --- Behind the scenes --------------------------------------------------------------------------------------------

    def _no_limits(self) -> None:
        """Limits, which are not what this is about, do not stop anybody."""
        Tally.objects.all().delete()
        WrongCode.objects.all().delete()
        for kind in (CodeOption, AuthenticatorOption, BackupCodes):
            kind.objects.update(wrong_in_a_row=0, locked_until=None)
        for one in Account.objects.filter(pk__in=[self.account.pk, *self.owners]):
            rested(one)
