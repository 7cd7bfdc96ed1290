"""The cast: who the tests are about, and what they have in hand. Every function makes one thing and gives it back."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts import access, names
from accounts.models import AccessState, Account, PatientAccess, Relationship
from agreements import terms
from agreements.sample_texts import samples
from audit.models import AuditEvent
from enrollment import admission, codes, numbers
from enrollment.models import AccountChoice, CodeKind, EnrollmentCode, Handover
from enrollment.progress import AcceptedTerms
from guard import secrets as digests
from notifications.models import Message
from practices import current
from practices.choices import StaffRole
from practices.current import PracticeRequest
from practices.models import PatientRecord, Practice, PracticeSettings, StaffMembership
from tests.pages import PageClient
from verification.models import Channel, CodeOption

PASSWORD = "Kite-flying-77"
HOME = "198.51.100.7"


@dataclass(frozen=True)
class Person:
    given: str
    family: str
    born: date
    email: str = ""
    former: tuple[str, ...] = ()


MARIA = Person("Maria Elena", "Santos", date(1984, 3, 12), "maria@example.com", ("Oliveira",))
HER_FATHER = Person("Rafael", "Santos", date(1955, 7, 1), "rafael@example.com")
A_STRANGER = Person("Sam", "Rivera", date(1990, 11, 30), "sam@example.com")
ANNA = Person("Anna", "Keller", date(1961, 2, 3), "kellers@example.com")
BEN = Person("Ben", "Keller", date(1959, 9, 21), "kellers@example.com")  # shares Anna's email
A_CHILD = Person("Lily", "Santos", timezone.localdate() - timedelta(days=9 * 365), "maria@example.com")


def a_practice(word: str = "elm", **settings: Any) -> Practice:
    """A practice of the test's own, with published terms; `settings` are practice settings."""
    slug = f"{word}-{secrets.token_hex(4)}"
    practice = Practice.objects.create(
        slug=slug,
        host=f"{slug}.example.org",
        name=f"{word.capitalize()} Street Practice",
        phone="(212) 555-0110",
        email=f"desk@{slug}.example.org",
        hours="Monday to Friday, 8 am to 6 pm",
        languages=["en", "es"],
    )
    PracticeSettings.objects.filter(practice=practice).update(**{"option_required": False, **settings})
    for kind, texts in samples(practice).items():
        terms.publish(practice=practice, kind=kind, texts=texts, by=None)
    current.forget()
    return Practice.objects.select_related("settings").get(pk=practice.pk)


def a_chart(practice: Practice, person: Person = MARIA, **changes: Any) -> PatientRecord:
    facts = {
        "mrn": secrets.token_hex(6),
        "given_names": person.given,
        "family_name": person.family,
        "former_family_names": list(person.former),
        "birth_date": person.born,
        "emails": [person.email] if person.email else [],
    }
    return PatientRecord.objects.create(practice=practice, **{**facts, **changes})


@dataclass(frozen=True)
class Token:
    """A token in somebody's hand, with what is typed beside it."""

    code: EnrollmentCode
    number: str  # bare
    chart: PatientRecord
    email: str

    def typed(self, **changes: str) -> dict[str, str]:
        """The form **Enter token details** as its owner fills it in."""
        right = {
            "token": numbers.show(self.number),
            "birth_date": f"{self.chart.birth_date:%m/%d/%Y}",
            "last_name": self.chart.family_name or self.chart.given_names,
            "email": self.email,
        }
        chosen = {**right, **changes}
        return chosen if chosen["email"] or "no_email" in chosen else {**chosen, "no_email": "on"}

    def now(self) -> EnrollmentCode:
        return EnrollmentCode.objects.get(pk=self.code.pk)


def a_token(chart: PatientRecord, *, mailed: bool = False) -> Token:
    handover = Handover.MAILED if mailed else Handover.HANDED
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=handover, by=None)
    return Token(issued.code, issued.number, chart, chart.email)


def a_token_for(practice: Practice, person: Person = MARIA, *, mailed: bool = False, **changes: Any) -> Token:
    return a_token(a_chart(practice, person, **changes), mailed=mailed)


def a_request(practice: Practice) -> PracticeRequest:
    """A request from nowhere, for calling actions directly."""
    request = PracticeRequest()
    request.practice, request.client_address = practice, HOME
    return request


def an_account(
    practice: Practice,
    person: Person = MARIA,
    *,
    name: str = "",
    password: str = PASSWORD,
    verified: bool = True,
    token: Token | None = None,
) -> Account:
    """An enrolled patient with an account; `name` is its username where it does not sign in with the email."""
    token = token or a_token_for(practice, person)
    request = a_request(practice)
    journey = admission.begin(code=token.code, email=person.email, request=request)
    journey.account_choice = AccountChoice.NEW
    journey.save(update_fields=["account_choice"])
    shown = AcceptedTerms(shown=terms.current(practice, "en").ids, at=timezone.now())
    account = admission.make_account(
        journey=journey,
        sign_in_name=name or names.fold(person.email),
        password=password,
        accepted=shown,
        request=request,
    )
    if verified and account.email:
        names.verified(account=account, at=timezone.now(), request=request)
    return account


def a_proxy(chart: PatientRecord, *, name: str = "", **changes: Any) -> Account:
    """Somebody with a verified email who acts for a patient, let in as a parent with full access unless told otherwise.

    `changes` are of the access; `opened_at` says on which day they were let in.
    """
    email = f"{name or 'proxy'}-{secrets.token_hex(4)}@example.com"
    account = Account.objects.create_account(sign_in_name=email, password=PASSWORD, email=email)
    request = a_request(chart.practice)
    names.verified(account=account, at=timezone.now(), request=request)
    shown = terms.current(chart.practice, "en").ids
    terms.accept(account=account, practice=chart.practice, shown=shown, at=timezone.now(), request=request)
    facts = {"relationship": Relationship.PARENT, "state": AccessState.ACTIVE, "opened_at": timezone.now()}
    PatientAccess.objects.create(account=account, practice=chart.practice, record=chart, **{**facts, **changes})
    return account


def an_option(account: Account, target: str = "+12125550142", channel: Channel = Channel.SMS) -> CodeOption:
    """Codes by text to a phone, unless told otherwise, set up for the account."""
    return CodeOption.objects.create(user_id=account.pk, channel=channel, target=target)


def code_for(to: str) -> str:
    """The newest code that was sent to a phone or an email."""
    return str(mail("code", to=to)[-1]["code"])


def front_desk(practice: Practice, name: str = "front-desk") -> Account:
    """Somebody who works at the practice."""
    account = Account.objects.create_account(sign_in_name=f"{name}-{practice.pk}", password=PASSWORD)
    StaffMembership.objects.create(practice=practice, account=account, role=StaffRole.FRONT_DESK)
    return account


class Browser(PageClient):
    """Somebody's browser at a practice: keeps cookies, and walks flow A the way a person does."""

    def __init__(self, practice: Practice, *, language: str = "en", address: str = HOME, **options: Any) -> None:
        super().__init__(HTTP_HOST=practice.host, REMOTE_ADDR=address, headers={"accept-language": language}, **options)
        self.practice = practice

    if TYPE_CHECKING:  # answers have `url`, `json` and more, which the stubs do not tell apart

        def get(self, *args: Any, **options: Any) -> Any: ...
        def post(self, *args: Any, **options: Any) -> Any: ...

    def accept_terms(self) -> Any:
        shown = terms.current(self.practice, "en").ids
        return self.post("/enroll/", {"shown": shown})

    def type_token(self, token: Token, /, **changes: str) -> Any:
        """From the first page to what **Token details** answers."""
        self.accept_terms()
        return self.post("/enroll/token/", token.typed(**changes))

    def choose(self, account: str = AccountChoice.NEW) -> Any:
        return self.post("/enroll/account/", {"whose": "self", "account": account})

    def create_account(self, *, username: str = "", password: str = PASSWORD) -> Any:
        page = "/enroll/credentials/username/" if username else "/enroll/credentials/new/"
        typed = {"password": password, "confirm_password": password}
        return self.post(page, {**typed, "username": username} if username else typed)

    def use_account(self, name: str, password: str = PASSWORD) -> Any:
        """**Account credentials** of an existing account."""
        return self.post("/enroll/credentials/sign-in/", {"name": name, "password": password})

    def walk_to_credentials(self, token: Token, /, account: str = AccountChoice.NEW, **changes: str) -> None:
        self.type_token(token, **changes)
        self.choose(account)

    def enroll(self, token: Token, /, *, username: str = "", password: str = PASSWORD, **changes: str) -> Any:
        """The whole of flow A with a new account; the answer to its last button."""
        self.walk_to_credentials(token, **changes)
        return self.create_account(username=username, password=password)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        self.post("/", {"name": name})
        return self.post("/password/", {"password": password})

    def type_code(self, to: str, page: str = "/second-step/code/") -> Any:
        """The code that was sent there, typed on its page."""
        return self.post(page, {"code": code_for(to)})

    @property
    def is_signed_in(self) -> bool:
        return bool(self.get("/home/").status_code == 200)


def h1(response: Any) -> str:
    """The heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def words(response: Any) -> str:
    """What a page says in its main part, on one line."""
    html = response.content.decode()
    main = html.partition("<main")[2].partition("</main>")[0] or html
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def mail(notice: str, **filters: Any) -> list[dict[str, Any]]:
    """What waits in the outbox, oldest first: its context, with `to` and `language`. What was sent is erased."""
    found = Message.objects.filter(notice=notice, **filters).order_by("pk")
    return [
        {**digests.unseal(bytes(one.context_sealed)), "to": one.to, "language": one.language}
        for one in found
        if one.context_sealed
    ]


def trail(practice: Practice, event: str) -> list[str]:
    """The ids of what an event in the practice's audit trail is about, oldest first."""
    found = AuditEvent.objects.filter(practice_id=practice.pk, event=event).order_by("pk")
    return list(found.values_list("subject_id", flat=True))


def path_of(link: str) -> str:
    """The path of an absolute link."""
    return "/" + link.split("/", 3)[3]


def someone_like(person: Person, **changes: Any) -> Person:
    return replace(person, **changes)


def opens(account: Account, chart: PatientRecord) -> bool:
    """Whether the account opens the record now."""
    return access.held(account).filter(record=chart, state="active").exists()
