"""What tests of the desk's actions need: a record with contacts, and the forms as a clerk fills them in."""

from __future__ import annotations

from accounts.models import Account, PatientAccess
from practices.models import PatientRecord, Practice
from tests.people import MARIA, Browser, a_chart, path_of

HERS, HOME, NEW = "+12125550142", "+12125550143", "+16465550166"
NEW_TYPED = "(646) 555-0166"


def a_full_chart(practice: Practice, **changes: object) -> PatientRecord:
    """Maria's record, with an email, a mobile and a home phone."""
    mobile = {"mobile_phone": "(212) 555-0142", "mobile_e164": HERS}
    home = {"home_phone": "212-555-0143", "home_e164": HOME}
    return a_chart(practice, MARIA, **{**mobile, **home, **changes})


def typed(chart: PatientRecord, **changes: str) -> dict[str, str]:
    """**Update email/phone** as it stands, with changes."""
    chart = now(chart)
    as_it_is = {
        "email": chart.email,
        "other_emails": ", ".join(chart.emails[1:]),
        "mobile": chart.mobile_phone,
        "home": chart.home_phone,
        "work": chart.work_phone,
        "reason": "asked",
    }
    return {**as_it_is, **changes}


def now(chart: PatientRecord) -> PatientRecord:
    return PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)


def claim_of(account: Account) -> PatientAccess:
    return PatientAccess.objects.select_related("record", "account").get(account=account)


def contacts_page(chart: PatientRecord) -> str:
    return f"/staff/patients/{chart.pk}/contacts/"


def chart_page(chart: PatientRecord) -> str:
    return f"/staff/patients/{chart.pk}/"


def presses_not_me(link: str, practice: Practice) -> Browser:
    """Whoever reads a message follows its link and presses the button."""
    browser = Browser(practice)
    browser.get(path_of(link))
    browser.post("/not-my-contacts/")
    return browser
