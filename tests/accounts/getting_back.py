"""What tests of getting back in need: the way from **Forgot your password?** to home, and the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F

from accounts.models import Account, AccountChange
from enrollment.models import EnrollmentCode
from tests.accounts.options_kit import KEY, rested, shown
from tests.people import MARIA, Browser, code_for, mail, path_of
from verification import options
from verification.models import Challenge, CodeOption, OptionChange

if TYPE_CHECKING:
    from practices.choices import SecurityOption
    from practices.models import Practice

FORGOT, CREATE, CHECK = "/forgot-password/", "/reset-password/", "/reset-password/check/"
WAIT, USERNAME, TOKEN, RESET = "/reset-password/wait/", "/forgot-username/", "/reset-token/", "/reset-account/"
CODE, TYPED, WAYS, CHOOSE = "/second-step/code/", "/second-step/typed/", "/second-step/ways/", "/second-step/choose/"
OBJECT = "/not-my-change/"
NEW = "Quiet-harbor-58"


def link_to(email: str = MARIA.email) -> str:
    """The path of the newest reset link in a mailbox."""
    return path_of(mail("password_reset_link", to=email)[-1]["link"])


class Comeback(Browser):
    """Somebody's browser on the way back into an account."""

    def ask(self, name: str = MARIA.email) -> Any:
        self.get(FORGOT)
        return self.post(FORGOT, {"name": name})

    def open_link(self, link: str = "") -> Any:
        """What the page behind the newest link in her mail, or behind this one, shows."""
        return self.get(link or link_to(), follow=True)

    def choose(self, password: str = NEW) -> Any:
        """**Create your new password**; the page that the answer leads to."""
        return self.post(CREATE, {"password": password, "confirm_password": password}, follow=True)

    def confirm(self) -> Any:
        """**Send code**, or what the identity check asks for; the page that the answer leads to."""
        return self.post(CHECK, follow=True)

    def begin(self, name: str = MARIA.email, password: str = NEW) -> Any:
        """From asking to where the first choice of the identity check is typed."""
        self.ask(name)
        self.open_link()
        self.choose(password)
        return self.confirm()

    def pick(self, account: Account, kind: SecurityOption) -> Any:
        """**Try another way**: an option of this kind, whether the page offers it or not."""
        found = [option for option in options.of(account) if options.kind(option) == kind]
        rested(account)
        return self.post(CHOOSE, {"option": found[0].persistent_id if found else "none"})

    def by_text(self, to: str) -> Any:
        return self.post(CODE, {"code": code_for(to)})

    def by_app(self) -> Any:
        return self.post(TYPED, {"code": shown(KEY)})

    @property
    def account(self) -> int | None:
        """Who is signed in here."""
        found = self.session.get("_auth_user_id")
        return int(found) if found else None


def at(answer: Any) -> str:
    """The path of the page that an answer which was followed came to."""
    return str(answer.redirect_chain[-1][0] if getattr(answer, "redirect_chain", None) else answer.request["PATH_INFO"])


def objects(practice: Practice, link: str) -> Any:
    """**This wasn't me**, in a browser that was never here."""
    told = Browser(practice, address="203.0.113.5")
    told.get(link)
    return told.post(OBJECT)


def signs_in(practice: Practice, name: str, password: str) -> bool:
    """Whether the sign-in pages take it, in a browser that was never here."""
    return bool(Browser(practice).sign_in(name, password).status_code == 302)


def passes(**time: float) -> None:
    """Let time go by for everything that waits, runs out or is told apart by its age."""
    by = timedelta(**time)
    Challenge.objects.update(created_at=F("created_at") - by, expires_at=F("expires_at") - by)
    AccountChange.objects.update(at=F("at") - by, due_at=F("due_at") - by, stopped_at=F("stopped_at") - by)
    OptionChange.objects.update(at=F("at") - by, rests_until=F("rests_until") - by)
    CodeOption.objects.update(created_at=F("created_at") - by)
    Account.objects.update(created_at=F("created_at") - by, email_verified_at=F("email_verified_at") - by)
    EnrollmentCode.objects.update(expires_at=F("expires_at") - by)


def months_old(account: Account) -> None:
    """An account whose addresses are all known for long."""
    passes(days=90)
    account.refresh_from_db()
