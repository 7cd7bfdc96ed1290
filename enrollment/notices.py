"""The messages of an enrollment: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import access, email_address, names
from accounts.models import Relationship
from enrollment import concerned, guardians, numbers
from enrollment.models import CodeKind
from notifications import outbox
from notifications.channels import can_send
from notifications.models import Channel, Lane

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import PatientAccess
    from enrollment.codes import Issued
    from enrollment.models import Enrollment
    from practices.models import PatientRecord, Practice

NAMES = {CodeKind.ACTIVATION: "activation_code", CodeKind.INVITATION: "invitation"}


def invite(issued: Issued, *, lane: Lane) -> None:
    """Send an activation code or an invitation to the email that it is for."""
    code, practice = issued.code, issued.code.practice
    kind = CodeKind(code.kind)
    outbox.queue(
        NAMES[kind],
        practice=practice,
        to=code.sent_to,
        language=code.record.language.partition("-")[0],
        context=_context(issued, kind),
        lane=lane,
        expires_at=code.expires_at,
    )


def context_of(practice: Practice, kind: CodeKind, number: str, until: datetime) -> dict[str, str]:
    """What the email of a code says: its number in groups, the addresses of its pages, how long it is good for."""
    if kind == CodeKind.INVITATION:
        return {"link": practice.address(reverse("invitation", args=[number])), "until": until.isoformat()}
    return {
        "code": numbers.show(number),
        "first_time": practice.address(reverse("activate", args=[number])),
        "have_account": practice.address(reverse("activate_add", args=[number])),
        "until": until.isoformat(),
    }


def _context(issued: Issued, kind: CodeKind) -> dict[str, str]:
    return context_of(issued.code.practice, kind, issued.number, issued.code.expires_at)


def new_code_by_text(issued: Issued) -> None:
    """Send an activation code to the mobile on the record, where there is no email on it."""
    code, practice = issued.code, issued.code.practice
    outbox.queue(
        NAMES[CodeKind.ACTIVATION],
        practice=practice,
        to=code.record.mobile_e164,
        channel=Channel.SMS,
        language=code.record.language.partition("-")[0],
        context=_context(issued, CodeKind.ACTIVATION),
        expires_at=code.expires_at,
    )


def email_replaced(*, journey: Enrollment, links: dict[tuple[Channel, str], str]) -> None:
    """Tell the old email and the mobile on the record that a new email took its place, and the new one too (B.4).

    `links`: the link that undoes it, or "", by channel and address.
    """
    practice, language = journey.practice, journey.record.language.partition("-")[0]
    for (channel, to), link in links.items():
        if to and (channel == Channel.EMAIL or can_send(channel)):
            context = {"undo": link}
            outbox.queue(
                "email_replaced", practice=practice, to=to, channel=channel, language=language, context=context
            )


def email_restored(*, practice: Practice, reference: int) -> None:
    """Tell the practice that somebody put the old email of a record back. No name leaves the house."""
    outbox.queue(
        "email_restored",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": reference},
    )


def enrollment_complete(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell a new account that enrollment is complete; it asks to verify the address: all that one gets (rule 13).

    Where it is the email on the record too, it also tells of the change (rule 12).
    """
    account, practice = opened.account, opened.practice
    is_on_record = bool(journey.record.email) and names.fold(journey.record.email) == names.fold(account.email)
    is_verified = bool(account.email_verified_at)  # the code arrived there (rule 13)
    context: dict[str, str | int | bool] = {
        "link": "" if is_verified else email_address.verification_link(account, practice, is_first=True),
        "not_me": _stop(opened, journey.record, account.email) if is_on_record else "",
        "is_open": opened.opened_at is not None,
    }
    outbox.queue("enrollment_complete", practice=practice, to=account.email, language=account.language, context=context)


def record_enrolled(*, journey: Enrollment, opened: PatientAccess, to: str, channel: Channel = Channel.EMAIL) -> None:
    """Tell who was on the record or the account before that an account opens it now (rule 12), each in their words."""
    account, on_record = opened.account, [names.fold(email) for email in journey.record.emails]
    is_holder = names.same(to, account.email) and names.fold(to) not in on_record
    language = "" if is_holder else journey.record.language.partition("-")[0]
    outbox.queue(
        "record_enrolled",
        practice=opened.practice,
        to=to,
        channel=channel,
        language=language or account.language,
        context={"not_me": _stop(opened, journey.record, to)},
    )


def _stop(opened: PatientAccess, chart: PatientRecord, to: str) -> str:
    """The link of **This wasn't me** for who is told of an access there; "" for a guardian whom it is not for."""
    chart.practice = opened.practice
    is_own = opened.relationship == Relationship.SELF
    return access.offer_objection(opened, opened.practice) if guardians.may_stop(chart, to, is_own=is_own) else ""


def addresses(journey: Enrollment, opened: PatientAccess) -> list[str]:
    """Emails that hear of an access: that of the record, the account's own, and of a proxy the patient's own too."""
    is_self = opened.relationship == Relationship.SELF
    patients = [journey.record.email] if is_self else _patients(journey.record)
    return _once(*patients, opened.account.verified_email)


def record_opened(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell the email and mobile on the record, and the account's email, that the record is open now (rule 12)."""
    for to in addresses(journey, opened):
        record_enrolled(journey=journey, opened=opened, to=to)
    tell_mobile(journey=journey, opened=opened)


def proxy_opened(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell the patient that a proxy's claim was approved; the proxy hears of it by `claim_approved`."""
    for to in _patients(journey.record):
        record_enrolled(journey=journey, opened=opened, to=to)
    tell_mobile(journey=journey, opened=opened)


def _patients(chart: PatientRecord) -> list[str]:
    """The email on the record, and that of the patient's own account; each once."""
    own = access.self_of(chart)
    return _once(chart.email, own.account.verified_email if own else "")


def _once(*emails: str) -> list[str]:
    """Those that are one, each mailbox once: as it was said first."""
    found: dict[str, str] = {}
    for email in filter(None, emails):
        found.setdefault(names.fold(email), email)
    return list(found.values())


def proxy_claimed(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell the patient that somebody asks to be let in, and how to refuse: at the record's and the own addresses."""
    for one in concerned.patient(journey.record, opened.practice):
        outbox.queue(
            "proxy_claimed",
            practice=opened.practice,
            to=one.to,
            channel=one.channel,
            language=one.language or opened.account.language,
            context={"refuse": access.offer_objection(opened, opened.practice) if one.may_stop else ""},
        )


def claim_approved(*, opened: PatientAccess) -> None:
    """Tell who asked to be let in that the practice said yes; an email that nobody verified gets nothing (rule 13)."""
    _tell_claimant("claim_approved", opened, {"link": opened.practice.address("/home/")})


def claim_declined(*, claim: PatientAccess) -> None:
    """The same where the practice, the patient or the clock said no; which of them is not said."""
    _tell_claimant("claim_declined", claim, {})


def _tell_claimant(notice: str, claim: PatientAccess, context: dict[str, str]) -> None:
    account = claim.account
    if account.verified_email:
        outbox.queue(
            notice, practice=claim.practice, to=account.verified_email, language=account.language, context=context
        )


def tell_mobile(*, journey: Enrollment, opened: PatientAccess) -> None:
    """The same to the mobile on the record, as a text, where there is one and texts are sent at all."""
    if journey.record.mobile_e164 and can_send(Channel.SMS):
        record_enrolled(journey=journey, opened=opened, to=journey.record.mobile_e164, channel=Channel.SMS)


def not_my_account(*, practice: Practice, reference: int) -> None:
    """Tell the practice that somebody with a matching code does not know of the account on the record."""
    outbox.queue(
        "not_my_account",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": reference},
    )
