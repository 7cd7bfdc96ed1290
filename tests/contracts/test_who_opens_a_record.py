"""Every route × every kind of person, as one table: who sees anything of a patient's record, and who changes it.

A route that is not in the table shows the record to nobody but those who hold it. Whoever adds one finds out here.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import access, rights
from accounts.models import AccessLevel, AccessState, Account, EndReason, PatientAccess, Relationship
from accounts.open_record import KEY
from agreements.models import ConsentAnswer
from enrollment import codes
from enrollment.models import CodeKind, EnrollmentCode, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from guard.audience import Audience
from practices.choices import StaffRole
from practices.from_roster import ChartMerge, RosterConflict
from practices.models import PatientRecord, StaffMembership
from results.models import Report, ReportState
from tests import people
from tests.agreements.kit import a_form
from tests.contracts.routes import Route, routes_for
from tests.people import PASSWORD, Browser, Person
from tests.results.kit import A1C, a_report

TODAY = timezone.localdate()
ZEBULON = Person("Zebulon", "Quillfeather", date(1955, 7, 1), "zebulon@example.com")
RESULT = "Zirconium"
MARKS = (RESULT, "Zebulon", "Quillfeather", "zebulon@example.com", "+12125550199")

PATIENT, VIEW, FULL = "patient", "view proxy", "full proxy"
TEENS, TEENS_FULL = "teen herself", "parent of a teen"
ENDED, OVER, REFUSED, CLAIMS, WAITS, STOPPED = (
    "ended proxy", "proxy whose time is over", "refused claim", "claim that waits", "waits for proof", "stopped proxy"
)  # fmt: skip
OF_AGE = "parent after the 18th birthday"
STRANGER, STAFF, MANAGER, STAFF_ELSEWHERE, NOBODY = (
    "stranger", "staff here", "manager here", "staff elsewhere", "nobody"
)  # fmt: skip
HOLDERS = frozenset({PATIENT, VIEW, FULL})
PEOPLE = (
    PATIENT, VIEW, FULL, TEENS, TEENS_FULL, ENDED, OVER, REFUSED, CLAIMS, WAITS, STOPPED, OF_AGE, STRANGER, STAFF,
    MANAGER, STAFF_ELSEWHERE, NOBODY,
)  # fmt: skip
BORN = {
    TEENS: rights.birthday(TODAY, -15), TEENS_FULL: rights.birthday(TODAY, -15),
    OF_AGE: rights.birthday(TODAY, -18),
}  # fmt: skip

LET_IN = {"opened_at": timezone.now(), "relationship": Relationship.CAREGIVER}
AS_A_MINOR = {"opened_at": timezone.now() - timedelta(days=2)}
PROXIES: dict[str, dict[str, Any]] = {
    VIEW: {"level": AccessLevel.VIEW, **LET_IN},
    FULL: LET_IN,
    TEENS_FULL: AS_A_MINOR,
    OF_AGE: AS_A_MINOR,
    OVER: {"ends_on": TODAY - timedelta(days=1), **LET_IN},
    CLAIMS: {"state": AccessState.APPROVAL, "opened_at": None},
    REFUSED: {"state": AccessState.APPROVAL, "opened_at": None},
    WAITS: {"state": AccessState.WAITING, "opened_at": None},
    STOPPED: {"state": AccessState.SUSPENDED, **LET_IN},
    ENDED: LET_IN,
}
ENDS = {ENDED: EndReason.BY_PATIENT, REFUSED: EndReason.REFUSED}

EVERYBODY_OF_IT = HOLDERS | {TEENS, TEENS_FULL}
RESULTS = HOLDERS | {TEENS}
TOLD_RESULTS = RESULTS | {STAFF, MANAGER}
ACTING = frozenset({PATIENT, FULL, TEENS})
# Who sees the record on each of its pages. Exactly these: a page that shows it to nobody any more is found too.
TABLE: dict[str, frozenset[str]] = {
    "home": EVERYBODY_OF_IT | {ENDED, OVER, OF_AGE},  # the last three are told that it ended
    "results": EVERYBODY_OF_IT,  # the page says whose record it is, and to a teenager's parent why nothing is on it
    "result": RESULTS,
    "result_trend": RESULTS,
    "view_result": frozenset(),  # leads on to `result`
    "people_with_access": EVERYBODY_OF_IT,
    "consent": ACTING,
    "staff:chart": frozenset({STAFF, MANAGER}),
    **dict.fromkeys(
        (
            "staff:access_terms",
            "staff:end_access",
            "staff:lock_account",
            "staff:sign_out_everywhere",
            "staff:stop_phone",
            "staff:unlock_account",
            "staff:update_contacts",
            "staff:use_phone",
        ),
        frozenset({STAFF, MANAGER}),
    ),
    "staff:paw": frozenset({STAFF, MANAGER}),
    **dict.fromkeys(
        ("staff:conflict_take", "staff:conflicts", "staff:merge", "staff:merges"), frozenset({STAFF, MANAGER})
    ),
    "staff:result": frozenset({STAFF, MANAGER}),
    "staff:results": frozenset({STAFF, MANAGER}),
}


class World:
    """One record, with all that there can be about it, and one person who looks at it."""

    def __init__(self, who: str) -> None:
        self.practice = people.a_practice(option_required=False)
        self.elsewhere = people.a_practice("oak", option_required=False)
        born = BORN.get(who, ZEBULON.born)
        self.chart = people.a_chart(self.practice, ZEBULON, birth_date=born, mobile_e164="+12125550199")
        seen = a_report(self.chart, {**A1C, "number": "6.1"}, name="Zirconium panel")
        a_report(self.chart, {**A1C, "number": "6.4"}, name="Zirconium panel, second")
        self.held = a_report(self.chart, name="Zirconium, held", state=ReportState.HELD, released_at=None)
        form = a_form(self.practice, title="May we?", whose="record", required=False).form_id
        self.proxy = NamedProxy.objects.create(
            practice=self.practice, record=self.chart, first_name="Zebulon's", last_name="Niece",
            birth_date=date(1990, 1, 1), relationship=Relationship.CAREGIVER, source=NamedBy.PATIENT,
        )  # fmt: skip
        token = codes.issue(chart=self.chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None, proxy=self.proxy)
        self.token = token.code.pk
        conflict = RosterConflict.objects.create(
            practice=self.practice, record=self.chart, field="work", roster=["1", ""]
        )  # fmt: skip
        merge = ChartMerge.objects.create(practice=self.practice, old=self.chart, new=people.a_chart(self.practice))
        self.account = self._account(who)
        self.target = PatientAccess.objects.get(account=people.a_proxy(self.chart, level=AccessLevel.VIEW))
        self.known = {
            "record": self.chart.pk, "access": self.target.pk, "report": seen.pk, "code": A1C["code"],
            "which": "mobile", "ask": f"{form}-{self.chart.pk}", "form": form, "proxy": self.proxy.pk,
            "conflict": conflict.pk, "merge": merge.pk,
        }  # fmt: skip
        self.browser = self._browser(who)

    def _account(self, who: str) -> Account | None:
        if who in PROXIES:
            account = people.a_proxy(self.chart, **PROXIES[who])
            return self._ended(account, ENDS[who]) if who in ENDS else account
        if who in {PATIENT, TEENS}:
            return people.an_account(self.practice, ZEBULON, token=people.a_token(self.chart))
        if who == STRANGER:
            return people.an_account(self.practice, people.A_STRANGER)
        if who == NOBODY:
            return None
        account = people.front_desk(self.elsewhere if who == STAFF_ELSEWHERE else self.practice)
        if who != STAFF:
            StaffMembership.objects.filter(account=account).update(role=StaffRole.MANAGER)
        return account

    def _ended(self, account: Account, because: EndReason) -> Account:
        access.end(claim=PatientAccess.objects.get(account=account), because=because, by=None, request=None)
        return account

    def _browser(self, who: str) -> Browser:
        browser = Browser(self.elsewhere if who == STAFF_ELSEWHERE else self.practice)
        if self.account:
            option = people.an_option(self.account)
            browser.sign_in(self.account.sign_in_name)
            browser.type_code(option.target)
            session = browser.session
            session[KEY] = getattr(PatientAccess.objects.filter(account=self.account).first(), "pk", None)
            session.save()
        return browser

    def path(self, route: Route) -> str:
        """The route's address, with the ids of this record where it takes any."""
        taken = {name: self.known.get(name, 1) for name in route.arguments}
        if route.name.startswith("staff:") and "report" in taken:
            taken["report"] = self.held.pk
        if route.name.startswith("staff:") and "code" in taken:
            taken["code"] = self.token
        return reverse(route.name, kwargs={**route.arguments, **taken})

    def facts(self) -> list[Any]:
        """What nobody may change but who has a right to."""
        return [
            list(PatientAccess.objects.filter(record=self.chart).order_by("pk").values_list("pk", "state", "level")),
            list(Report.objects.filter(record=self.chart).order_by("pk").values_list("pk", "state")),
            list(NamedProxy.objects.filter(record=self.chart).values_list("pk", "withdrawn_at")),
            list(EnrollmentCode.objects.filter(record=self.chart).order_by("pk").values_list("pk", "state")),
            ConsentAnswer.objects.filter(record=self.chart).count(),
            PatientRecord.objects.values().get(pk=self.chart.pk),
        ]


def shows(answer: Any) -> bool:
    """Whether an answer says anything of the record."""
    return any(mark in answer.content.decode() for mark in MARKS)


@pytest.mark.django_db
@pytest.mark.parametrize("who", PEOPLE)
def test_each_page_shows_the_record_to_whom_the_table_says(who: str) -> None:
    world = World(who)
    wrong = []
    for route in [*routes_for(Audience.SIGNED_IN), *routes_for(Audience.STAFF)]:
        answer = world.browser.get(world.path(route))
        seen = shows(answer)
        assert RESULT not in answer.content.decode() or who in TOLD_RESULTS, route.name
        expected = TABLE.get(route.name)
        is_right = seen == (who in expected) if expected is not None else not seen or may_see_it_elsewhere(who, route)
        if not is_right:
            wrong.append((route.name, "shows it" if seen else "does not show it"))
    assert wrong == []


def may_see_it_elsewhere(who: str, route: Route) -> bool:
    """Pages that are not of one record name it to who holds it; the desk's, to the desk."""
    if route.name.startswith("staff:"):
        return who in {STAFF, MANAGER}
    return who in EVERYBODY_OF_IT


@pytest.mark.django_db
@pytest.mark.parametrize("who", [one for one in PEOPLE if one not in {PATIENT, TEENS, FULL, STAFF, MANAGER}])
def test_nobody_else_changes_anything(who: str) -> None:
    """Every button there is, pressed by who has no right to, with what would be right to type."""
    world = World(who)
    before = world.facts()
    for route in [*routes_for(Audience.SIGNED_IN), *routes_for(Audience.STAFF)]:
        if route.name in GIVE_UP:
            continue
        answer = world.browser.post(world.path(route), TYPED)
        if who not in HOLDERS | {TEENS_FULL}:
            assert not shows(answer) or who in TABLE.get(route.name, ()), route.name
        assert world.facts() == before, route.name


GIVE_UP = {"give_up_access"}  # which is about one's own
TYPED = {
    "reason": "asked", "id_seen": "passport", "level": "full", "first_name": "Eve", "last_name": "Nobody",
    "birth_date": "01/01/1980", "relationship": "parent", "email": "eve@example.com", "phone": "(212) 555-0123",
    "password": PASSWORD, "access": "1", "record": "1", "handover": "mailed",
}  # fmt: skip


def test_table_names_routes_that_exist() -> None:
    assert {route.name for route in [*routes_for(Audience.SIGNED_IN), *routes_for(Audience.STAFF)]} >= TABLE.keys()


def test_every_kind_of_person_is_somebody() -> None:
    assert set(PEOPLE) >= set().union(*TABLE.values()) | PROXIES.keys() | BORN.keys()
