"""Who the state machine of getting back in is about: what each has in hand, and what they do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.test import Client

from agreements import terms
from practices.choices import SecurityOption
from tests.accounts.getting_back import CODE, TYPED, Comeback
from tests.accounts.options_kit import KEY, shown
from tests.people import MARIA, mail
from tests.verification.codes_kit import another
from verification.models import BackupCode

if TYPE_CHECKING:
    from accounts.models import Account

PHONE = "+12125550142"  # on the record, and where texts go
ADDRESS = {SecurityOption.TEXT: PHONE, SecurityOption.EMAIL: MARIA.email}
WRONG = "000000"
RECORD, RECORD_CODE = "/reset-password/record/", "/reset-password/record/code/"


class Tab(Comeback):
    """A browser whose pages are not looked at: other tests do, and this one asks for thousands."""

    def request(self, **request: Any) -> Any:
        answer = Client.request(self, **request)
        assert answer.status_code < 500, request["PATH_INFO"]
        return answer


@dataclass
class Link:
    """A link that was mailed: when (minutes), and for which password."""

    path: str
    sent: int
    version: int
    is_dead: bool = False


@dataclass(eq=False)
class Someone:
    """A person with a browser. `is_in`: signed in there, as far as the model knows."""

    name: str
    tab: Tab
    mailbox: bool = False
    phone: bool = False
    knows_birth_date: bool = False
    things: bool = False  # the app, and the sheet of backup codes
    sheet: list[str] = field(default_factory=list)
    opened: Link | None = None
    chosen: str = ""
    is_in: bool = False
    proofs: set[str] = field(default_factory=set)  # of the record, really given

    @property
    def new_password(self) -> str:
        """Of the account that they make after the first one was closed."""
        return f"Came-back-{self.name}-1"

    def chooses(self, password: str) -> None:
        self.tab.choose(password)
        self.tab.confirm()

    def proves(self, account: Account, kind: SecurityOption, *, right: bool) -> bool:
        """Choose an option, whether a page offers it or not, and type its code; whether that was the right one."""
        self.tab.pick(account, kind)
        code = self._has(account, kind)
        page = CODE if kind in ADDRESS else TYPED
        if not (right and code):
            code, right = another(code) if code.isdecimal() else WRONG, False
        self.tab.post(page, {"code": code}, follow=True)
        return right

    def proves_the_record(self, *, born: bool, right: bool) -> bool:
        """The date of birth and the code to the phone on file; whether both were right."""
        typed = f"{MARIA.born:%m/%d/%Y}" if born and self.knows_birth_date else "01/02/1950"
        before = len(mail("code", to=PHONE))
        self.tab.post(RECORD, {"birth_date": typed, "way": f"sms-{PHONE[-4:]}"})
        sent = mail("code", to=PHONE)[before:]
        code = str(sent[-1]["code"]) if sent and self.phone else ""
        is_right = right and bool(code)
        self.tab.post(RECORD_CODE, {"code": code if is_right else WRONG}, follow=True)
        return is_right and born

    def accepts(self, link: str) -> None:
        """**Create your new password** of an invitation."""
        self.tab.get(link)
        passwords = {"password": self.new_password, "confirm_password": self.new_password}
        typed = {**passwords, "email": MARIA.email, "accept": "on"}
        self.tab.post("/enroll/invitation/", {**typed, "shown": terms.current(self.tab.practice, "en").ids})

    def _has(self, account: Account, kind: SecurityOption) -> str:
        """The right code, as far as this person has it."""
        if kind in ADDRESS:
            is_theirs = self.phone if kind == SecurityOption.TEXT else self.mailbox
            sent = mail("code", to=ADDRESS[kind]) if is_theirs else []
            return str(sent[-1]["code"]) if sent else ""
        if kind == SecurityOption.APP:
            return shown(KEY) if self.things else ""
        left = BackupCode.objects.filter(sheet__user=account, used_at=None).count()
        return self.sheet[left - 1] if self.things and self.sheet and left else ""


def crowd(practice: Any) -> dict[str, Someone]:
    """The owner, and who wants in: reads her mailbox, gets her texts, both, neither."""
    tabs = [Tab(practice, address=f"203.0.113.{number}") for number in range(1, 6)]
    found = [
        Someone("owner", tabs[0], mailbox=True, phone=True, knows_birth_date=True, things=True),
        Someone("reader", tabs[1], mailbox=True, knows_birth_date=True),
        Someone("swapper", tabs[2], phone=True, knows_birth_date=True),
        Someone("both", tabs[3], mailbox=True, phone=True),
        Someone("stranger", tabs[4]),
    ]
    return {one.name: one for one in found}
