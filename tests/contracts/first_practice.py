"""A practice with a row for every argument of the staff's addresses, each with words on it that no other practice has.

`FirstPractice.address` gives a route's real address in it; `words_in` says which of its words a page shows.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts import options_reset, staff_invitations
from accounts.models import AccessState, Account, PatientAccess
from agreements.models import ConsentForm, Question
from audit.events import Event
from audit.models import AuditEvent
from enrollment import bulk, contact_changes, letter_runs, vouching
from enrollment.contact_changes import Why
from enrollment.contact_fields import Typed
from enrollment.growing import Growing
from enrollment.letter_run import LetterRun
from enrollment.models import CodeKind, Enrollment
from enrollment.whom import Whom
from notifications import optout, senders
from notifications.models import Channel, Message, State
from practices.choices import StaffRole
from practices.from_roster import ChartMerge, ContactField, KeptBecause, RosterConflict
from results.models import ReportState
from staff.roster import working
from tests import people
from tests.agreements.kit import a_form
from tests.contracts.routes import EXAMPLES, Route
from tests.enrollment.people_kit import a_claim, named
from tests.pages import CSRF_TOKEN
from tests.people import Person
from tests.results.kit import a_report
from tests.staff.kit import a_manager, at_work
from tests.staff.test_consent_forms import write
from tests.staff.test_staff_list_member import member_of, with_email

if TYPE_CHECKING:
    from practices.models import PatientRecord

EMAIL, MOBILE = "zebulon@quillfeather.example", "+12125550199"
ZEBULON = Person("Zebulon", "Quillfeather", date(1955, 7, 1), EMAIL)
NIECE = Person("Zenobia", "Quillfeather", date(1990, 2, 3), "zenobia@quillfeather.example")
HOME = [{"lines": ["9 Quagga Lane"], "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}]
ROWS = b"mrn,first_name,last_name,birth_date\nZQ-7,Zenobia,Quillfeather,1990-02-03\nZQ-8,Bad,Row,1990\n"
WORDS = ("zebulon", "quillfeather", "zq-", "quince", "quagga", "555-0199", "5550199", "zirconium", "zinnia", "zenobia",
         "zebra", "zachariah", "zelda")  # fmt: skip
# What an address takes that is no row; a value of it stands in the table of examples.
NO_ROWS = frozenset({"section", "digits", "kind", "language", "which"})
# Arguments of one name that are rows of different kinds.
OF_ROUTE = {
    "staff:claim_approve": {"enrollment": "claim"},
    "staff:claim_decline": {"enrollment": "claim"},
    "staff:lift_access": {"access": "stopped"},
    "staff:access_terms": {"access": "helper"},
    "staff:confirm_own": {"access": "teens"},
    "staff:consent_begin": {"form": "published"},
    "staff:consent_retire": {"form": "published"},
    "staff:consent_preview": {"form": "published"},
    **{f"staff:{verb}": {"run": "letters"} for verb in
       ("letters_run", "letters_pages", "letters_printed", "letters_revoke")},
}  # fmt: skip
# Rows of tables without a practice.
OF_ACCOUNTS = ("accounts.account", "verification.codeoption", "verification.passkey", "accounts.accountchange")


class FirstPractice:
    """`rows`: the id for each argument of an address; `manager`: who may open them all."""

    def __init__(self) -> None:
        self.practice = people.a_practice("quince")
        self.request = people.a_request(self.practice)
        self.manager = with_email(a_manager(self.practice, "zq-first"), self.practice, "Zachariah", "Quillfeather")
        self.browser, _key = at_work(self.manager, self.practice)
        phones = {"mobile_phone": "(212) 555-0199", "mobile_e164": MOBILE, "home_e164": "+12125550188"}
        self.chart = self._chart("ZQ-1", ZEBULON, home_phone="(212) 555-0188", **phones)
        self.rows = {"record": self.chart.pk, **self._accesses(), **self._about_charts(), **self._team()}
        self.rows |= {**self._consents(), **self._runs(), **self._upload(), "event": self._setting()}
        self.accounts = set(Account.objects.values_list("pk", flat=True))

    def _chart(self, mrn: str, person: Person = ZEBULON, **changes: Any) -> PatientRecord:
        return people.a_chart(self.practice, person, mrn=mrn, **changes)

    def _accesses(self) -> dict[str, Any]:
        account = people.an_account(self.practice, ZEBULON, token=people.a_token(self.chart, mailed=True))
        people.an_option(account, MOBILE)
        journey = Enrollment.objects.get(account=account)
        vouching.ask(journey=journey, request=self.request)
        stopped = people.a_proxy(self.chart, name="zq-stopped", state=AccessState.SUSPENDED)
        helper = people.a_proxy(self.chart, name="zq-helper")
        claim = a_claim(self._chart("ZQ-2"), "Zelda")
        assert claim.account_id
        Account.objects.filter(pk=claim.account_id).update(first_name="Zelda", last_name="Quillfeather")
        accesses = {"access": account, "stopped": stopped, "helper": helper, "teens": self._teen()}
        return {
            "enrollment": journey.pk,
            "claim": claim.pk,
            **{name: PatientAccess.objects.get(account=one).pk for name, one in accesses.items()},
        }

    def _teen(self) -> Account:
        """Whose mobile may be a parent's."""
        lily = Person("Zelda", "Quillfeather", timezone.localdate() - timedelta(days=15 * 365), "zq-teen@example.com")
        chart = self._chart("ZQ-5", lily, emails=[], mobile_e164=MOBILE)
        Growing.objects.create(record=chart, practice=self.practice, contacts=[MOBILE], teen_at=timezone.now())
        return people.an_account(self.practice, lily, token=people.a_token(chart))

    def _about_charts(self) -> dict[str, Any]:
        to = Typed((EMAIL, "zq-new@example.com"), self.chart.mobile_phone, self.chart.home_phone)
        why = Why(people.front_desk(self.practice, "zq-clerk"), "asked", self.request)
        contact_changes.update(chart=self.chart, to=to, why=why)
        other = self._chart("ZQ-3")
        conflict = RosterConflict.objects.create(
            practice=self.practice, record=self.chart, field=ContactField.EMAILS, roster=[["zq-roster@example.com"]],
            because=KeptBecause.VERIFIED,
        )  # fmt: skip
        message = Message.objects.create(
            practice=self.practice, to=EMAIL, channel=Channel.EMAIL, notice="invitation", language="en",
            state=State.FAILED, failure="smtp_550",
        )  # fmt: skip
        for sender in {senders.of_codes(self.practice), senders.of_bulk(self.practice)} - {""}:
            optout.stop(MOBILE, sender)
        held = {"state": ReportState.HELD, "released_at": None}
        return {
            "proxy": named(self.chart, NIECE).pk,
            "code": people.a_token(other).code.pk,
            "change": self.chart.contact_changes.latest("pk").pk,
            "conflict": conflict.pk,
            "merge": ChartMerge.objects.create(practice=self.practice, old=self.chart, new=other).pk,
            "message": message.pk,
            "report": a_report(self.chart, name="Zirconium panel", **held).pk,
        }

    def _team(self) -> dict[str, Any]:
        dana = with_email(people.front_desk(self.practice, "zq-dana"), self.practice, "Zelda")
        people.an_option(dana)
        second = with_email(a_manager(self.practice, "zq-second"), self.practice, "Zelda", "Marsh")
        options_reset.ask(member=member_of(dana), by=second, reason="lost", request=self.request)
        invited = staff_invitations.invite(
            email="zq-sam@example.com", first_name="Zelda", last_name="Pine", role=StaffRole.FRONT_DESK,
            by=self.manager, request=self.request,
        )  # fmt: skip
        return {"member": member_of(dana).pk, "invitation": invited.pk}

    def _consents(self) -> dict[str, Any]:
        published = a_form(self.practice, title="Zinnia consent").form_id
        write(self.browser)
        form = ConsentForm.objects.filter(practice=self.practice).latest("pk").pk
        question = Question.objects.filter(version__form=form).latest("pk").pk
        return {"published": published, "form": form, "number": 1, "question": question}

    def _runs(self) -> dict[str, Any]:
        """Letters that are made, and an invitation of everybody that is paused."""
        self._chart("ZQ-4", people.someone_like(ZEBULON, email=""), addresses=HOME)
        self.browser.post(reverse("staff:letters"), {"whom": "no_email", "reason": "offered"})
        letters = LetterRun.objects.get(practice=self.practice).pk
        letter_runs.run(letters)
        all_ = bulk.start(practice=self.practice, kind=CodeKind.INVITATION, whom=Whom(), by=self.manager)
        return {"letters": letters, "run": bulk.pause(bulk=all_, by=self.manager).pk}

    def _upload(self) -> dict[str, Any]:
        self.browser.post(reverse("staff:roster"), {"file": SimpleUploadedFile("zebra.csv", ROWS)})
        upload = self.practice.uploads.get().pk
        working.run(upload)
        return {"upload": upload}

    def _setting(self) -> int:
        """The event of a setting that was changed."""
        brand = {"name": "Quince Family Practice", "colour": "#7a1f3d"}
        self.browser.post(reverse("staff:settings_section", args=["brand"]), brand)
        return AuditEvent.objects.filter(practice_id=self.practice.pk, event=Event.SETTING_CHANGED).latest("pk").pk

    def address(self, route: Route) -> str:
        """Raises KeyError where the route takes what there is no row for: add one above."""
        others = OF_ROUTE.get(route.name, {})
        taken = {
            one: route.arguments[one] if one in NO_ROWS else self.rows[others.get(one, one)] for one in route.arguments
        }
        return reverse(route.name, kwargs=taken)

    def ids(self) -> dict[str, str]:
        """Every id, under every name that a form or a filter may take it by."""
        others = {"patient": self.chart.pk, "account": self.manager.pk, "by": self.manager.pk, "after": 1}
        return {name: str(pk) for name, pk in {**EXAMPLES, **self.rows, **others}.items()}

    def facts(self) -> dict[str, Any]:
        """Every row of the practice, and of its people's accounts."""
        return {kind._meta.label_lower: list(_rows(kind, self)) for kind in _kinds()}


def is_of_a_row(route: Route) -> bool:
    return bool(route.arguments.keys() - NO_ROWS)


def words_in(answer: Any) -> list[str]:
    """Which of the practice's words an answer shows, a file that is streamed too; and in where it leads."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    html = CSRF_TOKEN.sub("", content.decode("utf-8", "replace"))  # 64 letters by chance: a word may be among them
    said = f"{html} {answer.headers.get('Location', '')}".lower()
    return [word for word in WORDS if word in said]


def _kinds() -> list[type[models.Model]]:
    return [kind for kind in apps.get_models() if _has_practice(kind) or kind._meta.label_lower in OF_ACCOUNTS]


def _has_practice(kind: type[models.Model]) -> bool:
    return any(one.name in {"practice", "practice_id"} for one in kind._meta.get_fields())


def _rows(kind: type[models.Model], first: FirstPractice) -> models.QuerySet[Any, Any]:
    found = kind._default_manager.order_by("pk")
    if _has_practice(kind):
        return found.filter(practice_id=first.practice.pk).values()
    owner = "pk__in" if kind is Account else "account_id__in"
    if any(one.name == "user" for one in kind._meta.get_fields()):
        owner = "user_id__in"
    return found.filter(**{owner: first.accounts}).values()
