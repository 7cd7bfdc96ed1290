"""Printed reset tokens in somebody's hand, and how the pages of a new password are walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.models import Account, PatientAccess, Relationship
from enrollment import codes, numbers
from enrollment.models import CodeKind, EnrollmentCode, Handover
from tests.enrollment import carers
from tests.enrollment.carers import HIS_PHONE
from tests.people import HER_FATHER, MARIA, Browser, Person, a_chart, a_token, an_account, mail, path_of

if TYPE_CHECKING:
    from enrollment.named_proxy import NamedProxy
    from practices.models import PatientRecord, Practice

PAGE, CHOOSE, CHECK = "/reset-token/", "/reset-password/", "/reset-password/check/"
RECORD, RECORD_CODE = "/reset-password/record/", "/reset-password/record/code/"
NEW = "Quiet-harbor-58"
USERNAME, MOBILE = "maria.santos", "+12125550142"


@dataclass(frozen=True)
class ResetToken:
    """A printed reset token, with what is typed beside it."""

    code: EnrollmentCode
    number: str  # bare
    username: str

    def typed(self, **changes: str) -> dict[str, str]:
        born = f"{self.code.record.birth_date:%m/%d/%Y}"
        return {"token": numbers.show(self.number), "username": self.username, "birth_date": born, **changes}

    def now(self) -> EnrollmentCode:
        return EnrollmentCode.objects.get(pk=self.code.pk)


def an_owner(practice: Practice, person: Person = MARIA, *, name: str = USERNAME, **facts: Any) -> Account:
    """Somebody with a record, here with a mobile on file, and an account that signs in with a username."""
    chart = a_chart(practice, person, **{"mobile_e164": MOBILE, **facts})
    return an_account(practice, person, name=name, token=a_token(chart))


def chart_of(account: Account) -> PatientRecord:
    """The record that the account is the patient of."""
    return PatientAccess.objects.get(account=account, relationship=Relationship.SELF).record


def a_reset_token(
    account: Account,
    *,
    mailed: bool = False,
    by: Account | None = None,
    proxy: NamedProxy | None = None,
    chart: PatientRecord | None = None,
) -> ResetToken:
    handover = Handover.MAILED if mailed else Handover.HANDED
    chart = chart or chart_of(account)
    issued = codes.issue(chart=chart, kind=CodeKind.RESET, handover=handover, by=by, proxy=proxy)
    return ResetToken(issued.code, issued.number, account.sign_in_name)


def a_proxy_who_got_in(
    chart: PatientRecord, person: Person = HER_FATHER, *, name: str = "rafael.santos", phone: str = HIS_PHONE
) -> tuple[NamedProxy, Account]:
    """Somebody who was named, and got in with a token of their own."""
    proxy = carers.a_named_proxy(chart, person, phone=phone)
    letter = carers.in_hand(carers.a_code_for(proxy), person.email)
    carers.enroll(Browser(chart.practice), letter, carers.typed(person), username=name)
    return proxy, Account.objects.get(sign_in_name=name)


class Forgetful(Browser):
    """The browser of somebody who gets back in."""

    def type_reset_token(self, token: ResetToken, /, **changes: str) -> Any:
        return self.post(PAGE, token.typed(**changes))

    def choose_password(self, password: str = NEW) -> Any:
        """**Create your new password**, and what stands behind the page that it leads to."""
        answer = self.post(CHOOSE, {"password": password, "confirm_password": password})
        return self.get(CHECK) if answer.status_code == 302 and answer.url == CHECK else answer

    def open_link(self, account: Account) -> None:
        """Ask for a link by email, and open it."""
        self.post("/forgot-password/", {"name": account.sign_in_name})
        self.get(path_of(str(mail("password_reset_link", to=account.email)[-1]["link"])))

    def ask_phone(self, born: str = "03/12/1984", way: str = "sms-0142") -> Any:
        return self.post(RECORD, {"birth_date": born, "way": way})

    def prove_record(self, number: str = MOBILE) -> Any:
        """The code that was sent to a phone on file."""
        return self.type_code(number, RECORD_CODE)


def signs_in(account: Account, password: str) -> bool:
    """Whether this is the account's password."""
    return Account.objects.get(pk=account.pk).check_password(password)
