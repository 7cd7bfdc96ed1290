"""The state machine of enrollments: who does what, and what must hold after each of it.

The machine writes down by itself what each person really did; it does not ask the portal what was proven.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import codes, lapsing, vouching
from enrollment.models import LIVE, Enrollment, EnrollmentCode, IdSeen, Vouch
from guard import limits
from guard.models import Tally
from notifications.models import Message
from tests.enrollment import mailroom
from tests.enrollment.by_email import Letter
from tests.enrollment.crowd import HOME_PHONE, MOBILE, PAGES, Someone, Tab, why_open
from tests.people import A_STRANGER, MARIA, a_chart, a_practice, a_request, an_account, front_desk, mail, path_of
from verification.models import Challenge, CodeOption, WrongCode

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = st.sampled_from(["patient", "stranger", "reader"])
TABS = st.integers(0, 1)
reached: Counter[str] = Counter()  # how records were opened, over all runs


class Crowd(RuleBasedStateMachine):
    """The patient, a stranger with her letters and her date of birth, and who reads her mailbox without knowing it."""

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()  # each run is undone: it finds no accounts of another

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)

    @initialize(
        proof=st.sampled_from(["phone", "phone", "code_and_check"]),
        option=st.booleans(),
        known=st.booleans(),
        way=st.sampled_from(mailroom.WAYS),
    )
    def opens(self, proof: str, way: str, *, option: bool, known: bool) -> None:
        self.practice = a_practice(proof=proof, option_required=option)
        self.chart = a_chart(self.practice, mobile_e164=MOBILE, home_e164=HOME_PHONE, work_e164="+12125550161")
        self.desk = front_desk(self.practice)
        self.people = {
            "patient": self._someone("patient", (MARIA.email, "maria.new@example.com"), 1, True, True),
            "stranger": self._someone("stranger", (A_STRANGER.email, MARIA.email), 2, True, False),
            "reader": self._someone("reader", (MARIA.email, "reader@example.com"), 3, False, False),
        }
        self.owners: dict[int, str] = {}
        self.opened: set[int] = set()
        if known:
            patient = self.people["patient"]
            self.owners[an_account(a_practice("oak"), password=patient.password).pk] = "patient"
        self.owners |= dict.fromkeys(Account.objects.filter(pk=self.desk.pk).values_list("pk", flat=True), "clerk")
        self._hand_out("activation")
        self._hand_out(way)

    def _someone(self, name: str, emails: tuple[str, str], number: int, born: bool, phone: bool) -> Someone:  # noqa: FBT001 - two columns of a table
        tabs = [Tab(self.practice, f"203.0.113.{number}{tab}") for tab in range(2)]
        return Someone(name, tabs, emails, f"+1646555017{number}", born, phone)

    # --- What people do -----------------------------------------------------------------------------------------------

    @rule(way=st.sampled_from(mailroom.WAYS))
    def is_given_a_code(self, way: str) -> None:
        self._hand_out(way)

    @rule(data=st.data(), tab=TABS, pages=st.integers(1, 12))
    def she_goes_on(self, data: Any, tab: int, pages: int) -> None:
        self.goes_on("patient", tab, pages, self._a_letter(data, "patient"), self._chance(data))

    @rule(data=st.data(), tab=TABS, pages=st.integers(1, 12))
    def she_goes_on_with_the_newest(self, data: Any, tab: int, pages: int) -> None:
        self.goes_on("patient", tab, pages, self.people["patient"].letters[-1], self._chance(data))

    @rule(data=st.data(), who=PEOPLE, tab=TABS, pages=st.integers(1, 12))
    def somebody_goes_on(self, data: Any, who: str, tab: int, pages: int) -> None:
        newest = self.people[who].letters[-1]
        letter = newest if data.draw(st.booleans()) else self._a_letter(data, who)
        self.goes_on(who, tab, pages, letter, self._chance(data))

    def _a_letter(self, data: Any, who: str) -> Letter:
        found: Letter = data.draw(st.sampled_from(self.people[who].letters))
        return found

    def _chance(self, data: Any) -> Callable[[tuple[str, ...]], str]:
        return lambda choices: str(data.draw(st.sampled_from(choices)))

    def goes_on(self, who: str, tab: int, pages: int, letter: Letter, pick: Callable[[tuple[str, ...]], str]) -> None:
        """Page by page, as far as a page leads on."""
        one = self.people[who]
        for _page in range(pages):
            before = one.tabs[tab].at
            one.goes_on(one.tabs[tab], letter, pick)
            self._looked_after(who)
            if one.tabs[tab].at == before:
                break

    @rule(data=st.data(), who=PEOPLE, tab=TABS)
    def begin_again(self, data: Any, who: str, tab: int) -> None:
        one = self.people[who]
        one.begins(one.tabs[tab], data.draw(st.sampled_from(one.letters)))

    @rule(who=PEOPLE, tab=TABS, path=st.sampled_from(PAGES), press=st.booleans())
    def any_page(self, who: str, tab: int, path: str, *, press: bool) -> None:
        """Back, a bookmark, an address that was typed; and its button, with nothing filled in."""
        one = self.people[who].tabs[tab]
        one.go(path)
        if press:
            one.press(path)

    @rule(data=st.data(), who=PEOPLE, tab=TABS)
    def send_an_old_form(self, data: Any, who: str, tab: int) -> None:
        one = self.people[who].tabs[tab]
        if one.sent:
            one.again(data.draw(st.integers(0, len(one.sent) - 1)))
            self._looked_after(who)

    @rule(data=st.data(), who=PEOPLE, tab=TABS)
    def send_me_a_new_one(self, data: Any, who: str, tab: int) -> None:
        one = self.people[who]
        before = set(Message.objects.filter(notice__in=["activation_code", "invitation"]).values_list("pk", flat=True))
        one.begins(one.tabs[tab], data.draw(st.sampled_from(one.letters)))
        one.tabs[tab].press("/enroll/new-code/")
        for fresh in Message.objects.filter(notice__in=["activation_code", "invitation"]).exclude(pk__in=before):
            self._has(mailroom.read(fresh, self.chart))

    @rule(data=st.data(), who=PEOPLE, tab=TABS, leave=st.booleans())
    def sign_out_or_in(self, data: Any, who: str, tab: int, *, leave: bool) -> None:
        one, browser = self.people[who], self.people[who].tabs[tab]
        if leave:
            browser.press("/sign-out/")
        names = Account.objects.filter(pk__in=[pk for pk, owner in self.owners.items() if owner == who])
        if not leave and names:
            name = data.draw(st.sampled_from(sorted(names.values_list("sign_in_name", flat=True))))
            browser.press("/", {"name": name})
            browser.press("/password/", {"password": one.password})

    # --- What else happens --------------------------------------------------------------------------------------------

    @rule(use=st.booleans(), tab=TABS)
    def somebody_vouches_for_the_patient(self, *, use: bool, tab: int) -> None:
        patient = self.people["patient"]
        asked = [
            run
            for run in vouching.waiting(self.practice)
            if run.account_id and self.owners[run.account_id] == "patient"
        ]
        for run_ in asked:
            try:
                vouching.vouch(journey=run_, by=self.desk, id_seen=IdSeen.PASSPORT, request=a_request(self.practice))
            except vouching.CannotVouch:
                continue
            patient.proofs.setdefault(run_.account_id or 0, set()).add("vouch")
        if use:
            patient.tabs[tab].press("/enroll/vouch/continue/")

    @rule(what=st.sampled_from(["minute", "code", "vouch", "week"]))
    def time_passes(self, what: str) -> None:
        if what == "code":
            EnrollmentCode.objects.filter(state__in=LIVE).update(expires_at=timezone.now() - timedelta(minutes=1))
        if what == "vouch":
            Vouch.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        if what == "week":
            Enrollment.objects.update(started_at=F("started_at") - timedelta(days=7, minutes=1))
            lapsing.end_abandoned()
        Challenge.objects.update(created_at=F("created_at") - limits.CODE_PAUSE)

    @rule(what=st.sampled_from(["cancels the code", "changes a contact"]))
    def clerk(self, what: str) -> None:
        request = a_request(self.practice)
        if what == "changes a contact":
            with transaction.atomic():
                record(
                    Event.CONTACT_CHANGED, actor=self.desk, practice=self.practice, subject=self.chart, request=request
                )
            return
        for code in EnrollmentCode.objects.filter(record=self.chart, state__in=LIVE):
            codes.revoke(code, by=self.desk)

    @precondition(lambda _self: bool(mail("record_enrolled")))
    @rule(data=st.data())
    def somebody_says_this_was_not_me(self, data: Any) -> None:
        told = data.draw(st.sampled_from([one["not_me"] for one in mail("record_enrolled")]))
        browser = Tab(self.practice, "203.0.113.99")
        browser.get(path_of(told))
        browser.post("/not-me/")

    # --- What must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def no_record_is_open_without_its_proof(self) -> None:
        for access in PatientAccess.objects.filter(record=self.chart, state="active").exclude(pk__in=self.opened):
            runs = Enrollment.objects.filter(account=access.account_id, record=self.chart, state="completed")
            code = runs.select_related("code").latest("completed_at").code
            reached[why_open(self.people[self.owners[access.account_id]], access, code)] += 1
            self.opened.add(access.pk)

    @invariant()
    def no_code_is_redeemed_twice(self) -> None:
        ours = AuditEvent.objects.filter(practice_id=self.practice.pk, event=Event.CODE_REDEEMED)
        assert all(count == 1 for count in Counter(ours.values_list("subject_id", flat=True)).values())
        runs = Enrollment.objects.filter(practice=self.practice, state="completed")
        assert not runs.values("code").annotate(times=Count("pk")).filter(times__gt=1).exists()

    @invariant()
    def nobody_else_is_the_patient_too(self) -> None:
        selves = PatientAccess.objects.filter(record=self.chart, relationship="self", state__in=["active", "suspended"])
        assert selves.count() <= 1

    @invariant()
    def one_code_of_the_record_is_live_at_most(self) -> None:
        assert EnrollmentCode.objects.filter(record=self.chart, state__in=LIVE).count() <= 1

    @rule(who=PEOPLE, tab=TABS)
    def home_shows_the_record_to_who_opened_and_protected_it(self, who: str, tab: int) -> None:
        browser = self.people[who].tabs[tab]
        page = browser.go("/home/")
        if page.status_code == 200 and self.chart.mrn in page.content.decode():
            held = PatientAccess.objects.filter(account=browser.account, record=self.chart, state="active")
            assert held.exists()
            options = CodeOption.objects.filter(user=browser.account, confirmed=True)
            assert options.exists() or not self.practice.settings.option_required

    # --- Behind the scenes --------------------------------------------------------------------------------------------

    def _hand_out(self, way: str) -> None:
        self._has(mailroom.hand_out(self.chart, way))

    def _has(self, letter: Letter) -> None:
        for name in mailroom.holders(letter):
            self.people[name].letters.append(letter)

    def _looked_after(self, who: str) -> None:
        """Whose the new accounts are; and limits, which are not what this is about, do not stop anybody."""
        for pk in Account.objects.exclude(pk__in=self.owners).values_list("pk", flat=True):
            self.owners[pk] = who
        Tally.objects.all().delete()
        WrongCode.objects.all().delete()
        Challenge.objects.update(created_at=F("created_at") - limits.CODE_PAUSE)
