"""The same machine with the reset of the account: asked for, cancelled, stopped, closed by the beat; the way back."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from accounts.models import ChangeKind, PatientAccess
from enrollment.models import LIVE, EnrollmentCode, Handover
from enrollment.tasks import close_accounts
from tests.accounts.getting_back import RESET
from tests.enrollment.account_reset_kit import PHONE as PHONE_PAGE
from tests.enrollment.account_reset_kit import PHONE_CODE
from tests.enrollment.way_back import DAY, READERS, WEEK, WHO, Told, reached
from tests.enrollment.way_back_meanwhile import Meanwhile
from tests.enrollment.way_back_people import PHONE, WRONG
from tests.people import MARIA, mail, path_of

ASKED = "account_reset_asked"
ON_FILE = f"sms-{PHONE[-4:]}"


class WayBackAndClosing(Meanwhile):
    """Closed at most once a run: what comes after it is the new account's."""

    # --- Asking, and the beat -----------------------------------------------------------------------------------------

    @rule(who=WHO)
    def resets_the_account(self, who: str) -> None:
        one, was_alive = self.people[who], self.is_alive(self.people[who].opened)
        had = self._waits_now(ChangeKind.CLOSING)
        one.tab.post(RESET)
        if self._waits_now(ChangeKind.CLOSING) != had:
            assert was_alive, "by a dead link"
            assert one.chosen, "by who chose no password"
            assert had is None, "a second one beside the first"
            assert self.now - max(self.stopped, self.waits_stopped) >= WEEK, "somebody said: this wasn't me"
            self._everybody_is_told(ASKED)
            self.since[ASKED] = self.now
            reached["a reset"] += 1
        self._no_limits()

    @rule(who=READERS)
    def comes_as_far_as_a_reset(self, who: str) -> None:
        self.comes_as_far_as_the_proof(who)
        self.resets_the_account(who)

    @rule(later=st.booleans())
    def beat(self, *, later: bool) -> None:
        if later:
            self.time_passes(DAY)
        before = len(mail("account_closed", to=MARIA.email))
        is_due = self.now - self.since.get(ASKED, self.now) >= DAY
        close_accounts()
        assert self.row.is_active is not (self.is_closed or is_due), (self.since, self.now)
        if self.row.is_active or self.is_closed:
            return
        reached["closed"] += 1
        self.is_closed = True
        self._has_another_password()
        self._sessions_end()
        self.since.clear()
        assert mail("account_closed_told", to=PHONE)
        told = mail("account_closed", to=MARIA.email)[before:]
        self.told.append(Told(path_of(told[-1]["not_me"]), "account_closed", self.now))

    # --- The way back -------------------------------------------------------------------------------------------------

    @rule(who=READERS, born=st.booleans(), right=st.booleans())
    def comes_back(self, who: str, *, born: bool, right: bool) -> None:
        """By the invitation that was mailed, to a new account, and to its record as far as they can prove it."""
        links = [path_of(one["link"]) for one in mail("account_closed", to=MARIA.email) if one["link"]]
        if not links:
            return
        one = self.people[who]
        one.tab.post("/sign-out/")
        if one in self.owners.values():
            one.tab.sign_in(MARIA.email, one.new_password)
        else:
            one.accepts(links[-1])
        if one.tab.account:
            self.owners.setdefault(one.tab.account, one)
            reached["a new account"] += 1
        typed = f"{MARIA.born:%m/%d/%Y}" if born and one.knows_birth_date else "01/02/1950"
        before = len(mail("code", to=PHONE))
        one.tab.post(PHONE_PAGE, {"birth_date": typed, "way": ON_FILE})
        sent = mail("code", to=PHONE)[before:]
        is_right = right and one.phone and bool(sent)
        if is_right and born and one.knows_birth_date:
            one.proofs.add("record")
        one.tab.post(PHONE_CODE, {"code": sent[-1]["code"] if is_right else WRONG})
        self._no_limits()

    # --- What must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def closed_account_opens_nothing_and_lets_nobody_in(self) -> None:
        is_open = PatientAccess.objects.filter(account=self.account, state="active").exists()
        assert is_open is not self.is_closed
        if self.is_closed:
            assert not [one.name for one in self.people.values() if one.tab.account == self.account.pk and one.is_in]

    @invariant()
    def record_is_open_to_who_proved_it(self) -> None:
        for held in PatientAccess.objects.filter(record=self.chart, state="active").exclude(account=self.account):
            assert self.is_closed
            assert "record" in self.owners[held.account_id].proofs, self.owners[held.account_id].name
            reached["the record again"] += 1

    @invariant()
    def one_way_back_is_open_at_most(self) -> None:
        ours = EnrollmentCode.objects.filter(record=self.chart, handover=Handover.RESET)
        assert ours.count() <= int(self.is_closed)
        if any(one.is_stopped for one in self.told if one.notice == "account_closed"):
            assert not ours.filter(state__in=LIVE).exists(), "This wasn't me leaves the way back open"
            assert not PatientAccess.objects.filter(record=self.chart, state="active").exists(), "or who came by it"

    # --- Without chance -----------------------------------------------------------------------------------------------

    def is_closed_by(self, who: str) -> None:
        """Asked for by somebody, and a day later."""
        self.comes_as_far_as_a_reset(who)
        self.beat(later=False)
        self.holds()
        self.beat(later=True)
        self.holds()

    def says_not_me_to_the_last(self, notice: str) -> None:
        self.objects_to(next(one for one in reversed(self.told) if one.notice == notice))
        self.holds()

    def holds(self) -> None:
        """All that must hold after every step, where no chance is at work."""
        self.password_is_the_one_that_was_proven()
        self.one_link_is_alive_at_most()
        self.nobody_is_in_who_was_signed_out()
        self.nothing_waits_that_nobody_asked_for()
        self.closed_account_opens_nothing_and_lets_nobody_in()
        self.record_is_open_to_who_proved_it()
        self.one_way_back_is_open_at_most()
