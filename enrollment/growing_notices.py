"""The messages of growing up; the words are in templates/notices/growing_up_*/.

They say the patient's first name, for a household has several children, and neither a last name nor an age nor a day:
the address of a practice and a birthday are more than a message may hold (docs/flows.md, rule 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import names
from notifications import outbox
from notifications.channels import can_send
from notifications.models import Channel, Lane, TextingConsent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import PatientAccess
    from practices.models import PatientRecord, Practice

TEEN_SOON, TEEN = "growing_up_teen_soon", "growing_up_teen"
ADULT_SOON, ADULT = "growing_up_adult_soon", "growing_up_adult"


def tell(
    notice: str, *, chart: PatientRecord, proxies: Sequence[PatientAccess], own: tuple[str, str], days: int = 0
) -> None:
    """Tell who acts for a patient, and the patient at `own` (an email, which may be "", and a language).

    By email, once an address; and by text to who agreed to notices. `days`: how far ahead at most.
    """
    context: dict[str, str | int | bool] = {"first_name": first_name(chart), "days": days}
    told: set[str] = set()
    mailboxes = [(one.account.verified_email, one.account.language, False) for one in proxies]
    for email, language, is_patient in [*mailboxes, (*own, True)]:
        if email and names.fold(email) not in told:
            said = {**context, "is_patient": is_patient}
            outbox.queue(notice, practice=chart.practice, to=email, language=language, lane=Lane.BULK, context=said)
            told.add(names.fold(email))
    if notice != ADULT:  # what ended does not speak for texts any more
        _text(notice, chart, proxies, context)


def _text(
    notice: str, chart: PatientRecord, proxies: Sequence[PatientAccess], context: dict[str, str | int | bool]
) -> None:
    if not proxies or not can_send(Channel.SMS):
        return
    languages = {one.account_id: one.account.language for one in proxies}
    said = TextingConsent.objects.filter(practice=chart.practice, account__in=languages, agreed=True)
    for number, account in dict(said.order_by("pk").values_list("number", "account")).items():
        outbox.queue(
            notice,
            practice=chart.practice,
            to=number,
            channel=Channel.SMS,
            language=languages[account],
            lane=Lane.BULK,
            context=context,
        )


def flagged(practice: Practice, count: int) -> None:
    """Tell the practice that accounts of teenagers have a parent's address. No name leaves the house."""
    link = practice.address("/staff/growing-up/")
    outbox.queue(
        "growing_up_flagged",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"count": count, "link": link},
    )


def first_name(chart: PatientRecord) -> str:
    """The first of the given names; "" for who has a single name, which is a last name too."""
    return chart.given_names.split()[0] if chart.given_names.split() and chart.family_name else ""
