"""Who the state machine of enrollments is about: what each knows and can read, and what they do on a page.

A tab remembers where it was sent last, the mark of the form it has open, and everything that it ever sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.test import Client

from agreements import terms
from enrollment import contacts, numbers
from enrollment.models import CodeKind, Handover
from tests.enrollment.by_email import ACTIVATE, CREATE, INVITED, PHONE, PHONE_CODE, WHOSE, Letter, Mailbox
from tests.people import mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import PatientAccess
    from enrollment.models import EnrollmentCode
    from practices.models import Practice

MOBILE, HOME_PHONE = "+12125550142", "+12125550149"
ON_FILE = (MOBILE, HOME_PHONE)
NOBODYS_DAY = "01/01/1950"
LINKS = {CodeKind.ACTIVATION: "/activate/{}/", CodeKind.INVITATION: "/invitation/{}/"}
PAGES = (  # noqa: SIM905 - a list of names reads better so
    "/ /home/ /enroll/ /enroll/start/ /enroll/token/ /enroll/activate/ /enroll/whose/ /enroll/create/ "
    "/enroll/invitation/ /enroll/account/ /enroll/credentials/ /enroll/credentials/new/ /enroll/credentials/username/ "
    "/enroll/credentials/sign-in/ /protect/ /protect/code/ /enroll/phone/ /enroll/phone/code/ /enroll/vouch/ "
    "/enroll/carer/ /enroll/relationship/ /enroll/relationship/carer/ /enroll/approval/ /enroll/done/ /settings/code/ "
    "/settings/code/whose/ /settings/code/carer/ /enroll/new-code/sent/ /second-step/code/"
).split()
FORMS_WITH_A_MARK = (CREATE, "/enroll/credentials/new/", "/enroll/credentials/username/")


class Tab(Mailbox):
    """A browser whose pages are not looked at: other tests do, and this one asks for thousands."""

    def __init__(self, practice: Practice, address: str) -> None:
        super().__init__(practice, address=address)
        self.at = "/enroll/"
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def request(self, **request: Any) -> Any:
        return Client.request(self, **request)

    def go(self, path: str) -> Any:
        return self._note(path, self.get(path))

    def press(self, path: str, typed: dict[str, Any] | None = None) -> Any:
        typed = typed or {}
        self.sent.append((path, typed))
        return self._note(path, self.post(path, typed))

    def again(self, index: int) -> Any:
        """An old form, sent once more: a tab that was left open, or the back button."""
        path, typed = self.sent[index]
        return self._note(path, self.post(path, typed))

    def mark(self, path: str) -> dict[str, str]:
        """What the form on a page carries to say whose enrollment it is of."""
        page = self.get(path).content.decode()
        found = page.partition('name="enrollment" value="')[2].partition('"')[0]
        return {"enrollment": found} if found else {}

    @property
    def account(self) -> int | None:
        """Who is signed in here."""
        found = self.session.get("_auth_user_id")
        return int(found) if found else None

    def _note(self, path: str, answer: Any) -> Any:
        assert answer.status_code < 500, path
        self.at = answer.url.partition("?")[0] if answer.status_code in {301, 302, 303} else path
        return answer


@dataclass
class Someone:
    """A person with two browsers. `proofs` are, by account, what this person really did to prove the record."""

    name: str
    tabs: list[Tab]
    emails: tuple[str, ...]
    own_phone: str
    knows_birth_date: bool = False
    has_phone_on_file: bool = False
    letters: list[Letter] = field(default_factory=list)
    proofs: dict[int, set[str]] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return f"Kite-of-{self.name}-77"

    def born(self, letter: Letter) -> str:
        return letter.born if self.knows_birth_date else NOBODYS_DAY

    def proved(self, tab: Tab, how: str) -> None:
        if tab.account:
            self.proofs.setdefault(tab.account, set()).add(how)

    # --- What is done on each page ------------------------------------------------------------------------------------

    def goes_on(self, tab: Tab, letter: Letter, pick: Callable[[tuple[str, ...]], str]) -> None:
        """Do what the page asks; `pick` chooses where there is a choice."""
        doing = self._doings(tab, letter, pick).get(tab.at)
        if doing:
            doing()
        elif tab.at.startswith(("/enroll/", "/settings/code/", "/second-step/", "/password/")):
            tab.go(tab.at)
        else:
            self.begins(tab, letter)

    def begins(self, tab: Tab, letter: Letter) -> None:
        """With what is in hand: the page of a token, the link in an email, or the link for who has an account."""
        link = LINKS.get(CodeKind(letter.code.kind))
        if link is None:
            tab.accept_terms()
            tab.at = "/enroll/token/"
        elif tab.account and letter.code.kind == CodeKind.ACTIVATION:
            tab.go(f"/activate/{letter.number}/add/")
        else:
            tab.go(link.format(letter.number))

    def _doings(self, tab: Tab, letter: Letter, pick: Callable[..., str]) -> dict[str, Callable[[], Any]]:
        shown = numbers.show(letter.number)
        code = {"code": shown, "check": self.born(letter)}
        return {
            "/enroll/": lambda: tab.press("/enroll/", {"shown": terms.current(tab.practice, "en").ids}),
            "/enroll/start/": lambda: self.begins(tab, letter),
            "/enroll/token/": lambda: tab.press("/enroll/token/", self._token(letter, pick)),
            ACTIVATE: lambda: tab.press(ACTIVATE, code),
            "/settings/code/": lambda: tab.press("/settings/code/", code),
            "/settings/code/whose/": lambda: tab.press("/settings/code/whose/", {"whose": "self"}),
            INVITED: lambda: tab.press(INVITED, self._invited(tab, letter)),
            "/enroll/account/": lambda: tab.press("/enroll/account/", {"whose": "self", "account": pick(WHICH)}),
            WHOSE: lambda: tab.press(WHOSE, {"whose": "self"}),
            CREATE: lambda: self._makes_account(tab, CREATE, {"email": pick(self.emails)}),
            "/enroll/credentials/new/": lambda: self._makes_account(tab, "/enroll/credentials/new/", {}),
            "/enroll/credentials/username/": lambda: self._makes_account(
                tab, "/enroll/credentials/username/", {"username": f"{self.name}.{numbers.make().lower()}"}
            ),
            "/enroll/credentials/sign-in/": lambda: tab.press(
                "/enroll/credentials/sign-in/", {"name": pick(self.emails), "password": self.password}
            ),
            "/protect/": lambda: tab.press("/protect/text/", {"phone": pick((self.own_phone, MOBILE))}),
            "/protect/code/": lambda: self._types_code(tab, "/protect/code/"),
            "/second-step/code/": lambda: self._types_code(tab, "/second-step/code/"),
            PHONE: lambda: self._proves(tab, letter, pick(WAYS)),
            PHONE_CODE: lambda: self._types_code(tab, PHONE_CODE),
            "/enroll/relationship/": lambda: self._is_the_patient(tab),
            "/enroll/vouch/": lambda: tab.press(pick(("/enroll/vouch/", "/enroll/vouch/continue/"))),
        }

    def _token(self, letter: Letter, pick: Callable[..., str]) -> dict[str, str]:
        typed = {"token": numbers.show(letter.number), "birth_date": self.born(letter)}
        return {**typed, "last_name": letter.chart.family_name, "email": pick(self.emails)}

    def _invited(self, tab: Tab, letter: Letter) -> dict[str, Any]:
        passwords = {"password": self.password, "confirm_password": self.password}
        shown = terms.current(tab.practice, "en").ids
        return {**passwords, "email": letter.code.sent_to, "accept": "on", "shown": shown}

    def _makes_account(self, tab: Tab, path: str, typed: dict[str, str]) -> None:
        passwords = {"password": self.password, "confirm_password": self.password}
        tab.press(path, {**passwords, **typed, **tab.mark(path)})
        if tab.at in FORMS_WITH_A_MARK:  # the email is taken
            tab.at = "/enroll/credentials/username/"

    def _proves(self, tab: Tab, letter: Letter, way: str) -> None:
        if way == DESK:
            tab.press("/enroll/vouch/")
        else:
            tab.press(PHONE, {"birth_date": self.born(letter), "way": way})

    def _types_code(self, tab: Tab, path: str) -> None:
        """The newest code on a phone that is this person's, else a guess."""
        phones = (self.own_phone, *ON_FILE) if self.has_phone_on_file else (self.own_phone,)
        said = mail("code", to__in=phones)[-1:]
        reads_it = bool(said) and said[0]["to"] in ON_FILE
        if reads_it:
            self.proved(tab, "phone")
        tab.press(path, {"code": said[0]["code"] if said else "000000"})
        if reads_it:  # at a second step, who it is shows only now
            self.proved(tab, "phone")

    def _is_the_patient(self, tab: Tab) -> None:
        self.proved(tab, "relationship")
        tab.press("/enroll/relationship/", {"relationship": "self"})


WHICH = ("new", "existing")
DESK = "the practice vouches"
WAYS = ("sms-0142", "voice-0142", "voice-0149", DESK)


def why_open(owner: Someone, access: PatientAccess, code: EnrollmentCode) -> str:
    """What opened a record by this code, as the owner of the account did it; fails where that is not enough."""
    done = owner.proofs.get(access.account_id, set())
    assert owner.knows_birth_date, f"{owner.name} never knew the date of birth"
    assert code.handover != Handover.CHECKED_IN or "relationship" in done, "nobody said who they are"
    assert access.relationship == "self"
    if code.handover == Handover.HANDED:
        assert owner.name == "patient"
        return "handed"
    if done & {"phone", "vouch"}:
        assert owner.name == "patient"
        return min(done & {"phone", "vouch"})
    assert code.practice.settings.proof == "code_and_check", f"{owner.name} opened it with the code alone"
    assert code.kind == CodeKind.ACTIVATION
    assert not contacts.rest(code.record), "a contact rested"
    return "code and check"
