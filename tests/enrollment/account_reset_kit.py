"""What tests of an account reset need: people who ask for one, the clock, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Account, AccountChange, ChangeKind, PatientAccess, Relationship
from agreements import terms
from enrollment import closing
from enrollment.models import EnrollmentCode, Handover
from tests.accounts.getting_back import NEW, RESET, Comeback, link_to
from tests.people import MARIA, Person, a_chart, a_practice, a_token, an_account, an_option, mail, path_of

if TYPE_CHECKING:
    from practices.models import PatientRecord, Practice

ASKED, AT_ONCE, AT_ONCE_CODE = "/reset-account/asked/", "/reset-account/record/", "/reset-account/record/code/"
INVITED, PHONE, PHONE_CODE = "/enroll/invitation/", "/enroll/phone/", "/enroll/phone/code/"
ON_FILE, HERS = "+12125550142", "+12125550199"  # the phone on the record; that of her codes, lost meanwhile


def an_owner(practice: Practice, person: Person = MARIA, *, name: str = "", **facts: Any) -> Account:
    """Somebody with a record, a mobile on file, an account, and codes by text to a phone that they lost."""
    chart = a_chart(practice, person, **{"mobile_e164": ON_FILE, **facts})
    account = an_account(practice, person, name=name, token=a_token(chart))
    an_option(account, HERS)
    return account


def record_of(account: Account) -> PatientRecord:
    return PatientAccess.objects.filter(account=account, relationship=Relationship.SELF).earliest("pk").record


def access_of(account: Account) -> str:
    """The state of the account's one access to its own record."""
    return PatientAccess.objects.get(account=account, relationship=Relationship.SELF).state


def a_reset(account: Account) -> AccountChange:
    """The reset that was asked for."""
    return AccountChange.objects.filter(account=account, kind=ChangeKind.CLOSING).earliest("pk")


class Locked(Comeback):
    """The browser of somebody who cannot prove any option: the owner, or who reads the owner's mailbox."""

    def ask_for_reset(self, account: Account) -> Any:
        """From **Forgot your password?** to what **Reset My Account** leads to."""
        self.choose_for(account)
        return self.press()

    def choose_for(self, account: Account) -> Any:
        """The same, up to the page of the identity check."""
        self.ask(account.sign_in_name)
        self.open_link(link_to(account.email))
        return self.choose()

    def press(self) -> Any:
        return self.post(RESET, follow=True)

    def come_back(self, link: str, email: str = MARIA.email, password: str = NEW) -> Any:
        """**Create your new password**, from the link of the email to what **Create account** answers."""
        self.get(link)
        typed = {"email": email, "password": password, "confirm_password": password}
        return self.post(INVITED, {**typed, "accept": "on", "shown": terms.current(self.practice, "en").ids})

    def prove_phone(self, chart: PatientRecord, number: str = ON_FILE) -> Any:
        assert self.post(PHONE, {"birth_date": f"{chart.birth_date:%m/%d/%Y}", "way": f"sms-{number[-4:]}"}).url == (
            PHONE_CODE
        )
        return self.type_code(number, PHONE_CODE)


def its_day_comes(account: Account, *, hours: float = 24) -> None:
    """Let the waiting period of the account's reset go by."""
    by = timedelta(hours=hours, minutes=1)
    changes = AccountChange.objects.filter(account=account, done_at=None)
    changes.update(at=F("at") - by, due_at=F("due_at") - by)


def closed(account: Account, browser: Locked) -> Account:
    """An account that was reset in this browser, and is closed now."""
    browser.ask_for_reset(account)
    its_day_comes(account)
    assert [closing.close(pk) for pk in closing.due() if pk == a_reset(account).pk] == [True]
    account.refresh_from_db()
    return account


def way_back(practice: Practice, to: str = MARIA.email) -> str:
    """The path of the newest link to make a new account, from this practice."""
    return path_of(mail("account_closed", practice=practice, to=to)[-1]["link"])


def not_me(notice: str, **filters: Any) -> str:
    """The path of **This wasn't me** in the newest message of this kind."""
    return path_of(mail(notice, **filters)[-1]["not_me"])


def new_account(email: str = MARIA.email) -> Account:
    return Account.objects.get(email=email, is_active=True)


def reset_codes(chart: PatientRecord) -> list[EnrollmentCode]:
    return list(EnrollmentCode.objects.filter(record=chart, handover=Handover.RESET).order_by("pk"))


def a_record_elsewhere(account: Account, *, name: str = "oak", state: str = "active", **facts: Any) -> PatientRecord:
    """Another practice's record of the same person, which the account opens too."""
    chart = a_chart(a_practice(name), MARIA, mobile_e164=ON_FILE)
    about = {"relationship": Relationship.SELF, "state": state, "opened_at": timezone.now(), **facts}
    PatientAccess.objects.create(account=account, practice=chart.practice, record=chart, **about)
    return chart
