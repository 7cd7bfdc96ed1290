"""**Verify your phone on file** after **Create your new password**, for who has no security option that helps (F.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import AccessState, Account, AccountChange, ChangeKind, PatientAccess, Relationship
from audit.models import AuditEvent
from enrollment.named_proxy import NamedProxy
from notifications.models import Channel as MessageChannel
from notifications.models import Message
from practices.models import PatientRecord
from tests.accounts.options_kit import an_app
from tests.enrollment.carers import HIS_PHONE
from tests.enrollment.reset_kit import (
    CHECK,
    CHOOSE,
    MOBILE,
    NEW,
    RECORD,
    RECORD_CODE,
    Forgetful,
    a_proxy_who_got_in,
    a_reset_token,
    an_owner,
    signs_in,
)
from tests.people import (
    A_CHILD,
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    a_proxy,
    an_option,
    h1,
    mail,
    words,
)
from tests.verification.codes_kit import pause_ends
from verification.models import Channel

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HOME_PHONE, WORK_PHONE = "+12125550149", "+12125550161"
BORN = "03/12/1984"
NO_PHONE = "has no phone on file"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def owner(practice: Practice) -> Account:
    """Maria, with a verified email and no security option; her record has three phones."""
    return an_owner(practice, name=MARIA.email, home_e164=HOME_PHONE, work_e164=WORK_PHONE)


@pytest.fixture
def browser(practice: Practice, owner: Account) -> Forgetful:
    """In which Maria opened the link in her mail, and chose a new password."""
    return chosen(practice, owner)


def chosen(practice: Practice, account: Account, **options: Any) -> Forgetful:
    browser = Forgetful(practice, **options)
    browser.open_link(account)
    browser.choose_password()
    return browser


def told(browser: Forgetful) -> str:
    return words(browser.get(RECORD))


def ways(browser: Forgetful) -> list[str]:
    """The last digits of the phones that the page offers, as it lists them."""
    shown = told(browser)
    return [one for one in ("0142", "0149", "0161", "0177", "0188") if one in shown]


# --- The way of its owner ---------------------------------------------------------------------------------------------


def test_date_of_birth_and_a_code_to_the_phone_on_file_lead_home(
    browser: Forgetful, owner: Account, practice: Practice
) -> None:
    page = browser.get(RECORD)
    assert h1(page) == "Verify your phone on file"
    assert "Text me at •••-•••-0142" in words(page)
    assert MOBILE not in page.content.decode()
    assert browser.ask_phone().url == RECORD_CODE
    assert h1(browser.get(RECORD_CODE)) == "Enter your code"
    assert signs_in(owner, PASSWORD)
    assert browser.prove_record().url == "/home/"
    assert browser.is_signed_in
    assert signs_in(owner, NEW)
    [event] = AuditEvent.objects.filter(event="password.reset", practice_id=practice.pk)
    assert (event.subject_id, event.details["by"]) == (str(owner.pk), "record")
    assert {one["to"] for one in mail("password_reset")} == {MARIA.email, MOBILE}


def test_emailed_option_proves_nothing_after_an_emailed_link(practice: Practice, owner: Account) -> None:
    an_option(owner, MARIA.email, Channel.EMAIL)
    browser = chosen(practice, owner)
    assert ways(browser) == ["0142", "0149"]
    assert browser.post(CHECK).url == RECORD
    browser.ask_phone(way="voice-0149")
    [message] = Message.objects.filter(notice="code")
    assert (message.channel, message.to) == (MessageChannel.VOICE, HOME_PHONE)
    assert browser.prove_record(HOME_PHONE).url == "/home/"


def test_send_again_and_call_me_instead(browser: Forgetful, owner: Account) -> None:
    browser.ask_phone()
    for path in ("again/", "call/"):
        pause_ends(owner)
        assert browser.post(f"{RECORD_CODE}{path}").url == RECORD_CODE
    channels = Message.objects.filter(notice="code").order_by("pk").values_list("channel", "to")
    assert list(channels) == [("sms", MOBILE), ("sms", MOBILE), ("voice", MOBILE)]
    assert browser.get(f"{RECORD_CODE}state/").json()["seconds_left"] > 0
    assert browser.prove_record().url == "/home/"


def test_again_without_a_code_leads_back(browser: Forgetful) -> None:
    for path in ("again/", "call/"):
        assert browser.post(f"{RECORD_CODE}{path}").url == RECORD
    assert not mail("code")


def test_work_phone_is_no_proof_unless_the_practice_says_so(practice: Practice, browser: Forgetful) -> None:
    assert ways(browser) == ["0142", "0149"]
    practice.settings.work_phone_proves = True
    practice.settings.save()
    assert ways(browser) == ["0142", "0149", "0161"]


def test_page_says_how_to_go_on_without_the_phone(browser: Forgetful, practice: Practice) -> None:
    for page in (browser.get(RECORD), without_phone(browser)):
        shown = page.content.decode()
        assert 'href="/reset-token/"' in shown
        assert 'href="/reset-account/"' in shown
        assert practice.phone in words(page)


def without_phone(browser: Forgetful) -> Any:
    PatientRecord.objects.update(mobile_e164="", home_e164="")
    page = browser.get(RECORD)
    assert NO_PHONE in words(page)
    return page


def test_who_did_not_get_so_far_is_led_to_where_they_belong(practice: Practice, owner: Account) -> None:
    pages = (RECORD, RECORD_CODE, f"{RECORD_CODE}state/")
    nobody, opened, with_option = Forgetful(practice), Forgetful(practice), Forgetful(practice)
    opened.open_link(owner)
    assert [nobody.get(page).url for page in pages] == ["/forgot-password/"] * 3
    assert [opened.get(page).url for page in pages] == [CHECK] * 3
    assert opened.get(CHECK).url == CHOOSE
    an_option(owner)
    with_option.open_link(owner)
    assert with_option.choose_password().status_code == 200
    assert [with_option.get(page).url for page in pages] == [CHECK] * 3


def test_who_waited_for_a_day_without_the_app_gets_here(practice: Practice, owner: Account) -> None:
    an_app(owner)
    browser = chosen(practice, owner)
    assert browser.get(RECORD).url == CHECK
    browser.post("/reset-password/wait/")
    AccountChange.objects.filter(kind=ChangeKind.WAIT).update(
        at=F("at") - timedelta(days=1), due_at=F("due_at") - timedelta(days=1)
    )
    assert h1(browser.get(RECORD)) == "Verify your phone on file"
    browser.ask_phone()
    assert browser.prove_record().url == "/home/"
    assert signs_in(owner, NEW)


# --- Young patients, and who acts for others --------------------------------------------------------------------------


def test_parents_phone_is_no_proof_of_a_teenager(practice: Practice) -> None:
    born = timezone.localdate() - timedelta(days=15 * 366)
    teen = an_owner(practice, A_CHILD, name="lily.santos", birth_date=born, emails=["lily@example.com"])
    browser = Forgetful(practice)
    browser.type_reset_token(a_reset_token(teen, mailed=True))
    assert browser.choose_password().url == RECORD
    assert NO_PHONE in told(browser)


def a_child(practice: Practice, **facts: Any) -> PatientRecord:
    return a_chart(practice, A_CHILD, **{"mobile_e164": MOBILE, **facts})


def by_letter(practice: Practice, proxy: NamedProxy, account: Account) -> Forgetful:
    browser = Forgetful(practice)
    browser.type_reset_token(a_reset_token(account, mailed=True, proxy=proxy, chart=proxy.record))
    assert browser.choose_password().url == RECORD
    return browser


def test_proxy_is_proven_by_what_proved_them(practice: Practice) -> None:
    proxy, account = a_proxy_who_got_in(a_child(practice))
    browser = by_letter(practice, proxy, account)
    assert ways(browser) == ["0142", "0177"]
    born = f"{proxy.record.birth_date:%m/%d/%Y}"
    assert browser.ask_phone(born=f"{proxy.birth_date:%m/%d/%Y}", way="sms-0177").status_code == 400
    browser.ask_phone(born=born, way="sms-0177")
    assert browser.prove_record(HIS_PHONE).url == "/home/"
    assert signs_in(account, NEW)


def test_proxy_of_an_adult_is_not_proven_by_the_patients_phone(practice: Practice) -> None:
    proxy, account = a_proxy_who_got_in(a_chart(practice, MARIA, mobile_e164=MOBILE))
    assert ways(by_letter(practice, proxy, account)) == ["0177"]


def test_proxy_without_a_name_of_their_own_is_not_proven_by_an_adults_phone(practice: Practice) -> None:
    account = a_proxy(a_chart(practice, MARIA, mobile_e164=MOBILE))
    assert NO_PHONE in told(chosen(practice, account))


def test_phone_of_a_childs_record_opens_no_account_of_who_is_a_patient(practice: Practice, owner: Account) -> None:
    """The ex-partner is on file with the child, knows its date of birth, and reads her old mailbox."""
    child = a_child(practice, mobile_e164="+12125550188")
    PatientAccess.objects.create(
        account=owner, practice=practice, record=child, state=AccessState.ACTIVE, relationship=Relationship.PARENT
    )
    his = chosen(practice, owner)
    assert ways(his) == ["0142", "0149"]
    assert his.ask_phone(born=f"{child.birth_date:%m/%d/%Y}").status_code == 400
    assert not mail("code")


def test_patient_elsewhere_is_not_proven_by_the_child_here(practice: Practice, owner: Account) -> None:
    other = a_practice("oak")
    PatientAccess.objects.create(
        account=owner, practice=other, record=a_child(other), state=AccessState.ACTIVE, relationship=Relationship.PARENT
    )
    assert NO_PHONE in told(chosen(other, owner))
    assert ways(chosen(practice, owner)) == ["0142", "0149"]


def test_who_cares_for_two_is_proven_by_a_phone_of_both(practice: Practice) -> None:
    proxy, account = a_proxy_who_got_in(a_child(practice, home_e164=HOME_PHONE), phone="")
    second = a_chart(practice, A_CHILD, given_names="Tom", mobile_e164=HOME_PHONE)
    PatientAccess.objects.create(
        account=account, practice=practice, record=second, state=AccessState.ACTIVE, relationship=Relationship.PARENT
    )
    browser = by_letter(practice, proxy, account)
    assert ways(browser) == ["0149"]
    browser.ask_phone(born=f"{second.birth_date:%m/%d/%Y}", way="sms-0149")
    assert browser.prove_record(HOME_PHONE).url == "/home/"
