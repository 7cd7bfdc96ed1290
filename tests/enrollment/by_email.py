"""Codes that came by email, in somebody's hand; and how their pages are walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreements import terms
from enrollment import codes, inviting, numbers
from enrollment.models import CodeKind, EnrollmentCode, Handover
from tests.people import PASSWORD, Browser, mail, path_of

if TYPE_CHECKING:
    from practices.models import PatientRecord

ACTIVATE, WHOSE, CREATE = "/enroll/activate/", "/enroll/whose/", "/enroll/create/"
INVITED, PHONE, PHONE_CODE = "/enroll/invitation/", "/enroll/phone/", "/enroll/phone/code/"


@dataclass(frozen=True)
class Letter:
    """An activation code or an invitation, as it lies in a mailbox."""

    code: EnrollmentCode
    number: str  # bare
    chart: PatientRecord

    @property
    def born(self) -> str:
        return f"{self.chart.birth_date:%m/%d/%Y}"

    def now(self) -> EnrollmentCode:
        return EnrollmentCode.objects.get(pk=self.code.pk)

    def link(self, name: str) -> str:
        """The path of one of its links, as its newest email says it."""
        notice = "invitation" if self.code.kind == CodeKind.INVITATION else "activation_code"
        return path_of(mail(notice, to=self.code.sent_to)[-1][name])

    def typed(self, **changes: str) -> dict[str, str]:
        """**Activate your account** as its owner fills it in."""
        return {"code": numbers.show(self.number), "check": self.born, **changes}


def an_activation_code(chart: PatientRecord) -> Letter:
    issued = inviting.send(chart=chart, kind=CodeKind.ACTIVATION, by=None)
    return Letter(issued.code, issued.number, chart)


def an_invitation(chart: PatientRecord, *, check_in: bool = False) -> Letter:
    if check_in:
        issued = codes.issue(chart=chart, kind=CodeKind.INVITATION, handover=Handover.CHECKED_IN, by=None)
    else:
        issued = inviting.send(chart=chart, kind=CodeKind.INVITATION, by=None)
    return Letter(issued.code, issued.number, chart)


class Mailbox(Browser):
    """The browser of somebody who reads a mailbox."""

    def activate(self, letter: Letter, **changes: str) -> Any:
        """From the email's first link to what **Activate your account** answers."""
        self.get(f"/activate/{letter.number}/")
        self.accept_terms()
        return self.post(ACTIVATE, letter.typed(**changes))

    def choose_myself(self) -> Any:
        return self.post(WHOSE, {"whose": "self"})

    def link(self, letter: Letter, whose: str = "self", **changes: str) -> Any:
        """**Settings → Activation code**, and whose it is; what the last page answers."""
        page = self.post("/settings/code/", letter.typed(**changes))
        return page if page.status_code != 302 else self.post(page.url, {"whose": whose})

    def create(self, email: str, password: str = PASSWORD) -> Any:
        return self.post(CREATE, {"email": email, "password": password, "confirm_password": password})

    def open_account(self, letter: Letter, email: str = "") -> Any:
        """The whole of flow B up to the account; the answer to **Create account**."""
        assert self.activate(letter).url == WHOSE
        assert self.choose_myself().url == CREATE
        return self.create(email or letter.code.sent_to)

    def accept_invitation(self, letter: Letter, email: str = "", password: str = PASSWORD, **changes: str) -> Any:
        """From the invitation's link to what **Create account** answers."""
        self.get(f"/invitation/{letter.number}/")
        shown = terms.current(self.practice, "en").ids
        typed = {"email": email or letter.code.sent_to, "password": password, "confirm_password": password}
        return self.post(INVITED, {**typed, "accept": "on", "shown": shown, **changes})

    def prove_phone(self, letter: Letter, number: str, way: str = "") -> Any:
        """**Verify your phone on file**: the date, and the code that was sent there."""
        way = way or f"sms-{number[-4:]}"
        assert self.post(PHONE, {"birth_date": letter.born, "way": way}).url == PHONE_CODE
        return self.type_code(number, PHONE_CODE)
