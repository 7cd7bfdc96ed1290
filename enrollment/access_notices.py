"""The messages about people who act for a patient; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import access, newcomers, told
from enrollment import notices
from guard import secrets
from notifications import outbox
from notifications.channels import can_send
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import PatientAccess
    from enrollment.codes import Issued
    from enrollment.named_proxy import NamedProxy
    from practices.models import PatientRecord, Practice


def proxy_invitation(issued: Issued) -> None:
    """Send the link of an invitation to who was named. No patient's name (docs/flows.md, rule 10)."""
    code, practice = issued.code, issued.code.practice
    outbox.queue(
        "proxy_invitation",
        practice=practice,
        to=code.sent_to,
        language=_language(code.record),
        context={
            "link": practice.address(reverse("invited_to_care", args=[issued.number])),
            "until": code.expires_at.isoformat(),
        },
        expires_at=code.expires_at,
    )


def proxy_named(named: NamedProxy) -> None:
    """Tell the patient, at all addresses, that somebody was named who may get access (rule 12)."""
    practice = named.practice
    link = practice.address(reverse("not_my_proxy_link", args=[named.pk, secret_of(named)]))
    mine = access.self_of(named.record)
    for channel, to, has_link in _addresses(named.record, mine, practice):
        outbox.queue(
            "proxy_named",
            practice=practice,
            to=to,
            channel=channel,
            language=_language(named.record, mine),
            context={"not_me": link if has_link else ""},
        )


def access_ended(claim: PatientAccess, *, was_claim: bool) -> None:
    """Tell whose access, or claim, ended, and the patient (rule 12)."""
    account, practice = claim.account, claim.practice
    if was_claim:
        notices.claim_declined(claim=claim)
    elif account.verified_email:
        outbox.queue(
            "my_access_ended", practice=practice, to=account.verified_email, language=account.language, context={}
        )
    mine = access.self_of(claim.record)
    for channel, to, has_link in _addresses(claim.record, mine, practice):
        link = access.offer_objection(claim, practice) if has_link else ""
        outbox.queue(
            "proxy_ended",
            practice=practice,
            to=to,
            channel=channel,
            language=_language(claim.record, mine),
            context={"not_me": link, "was_claim": was_claim},
        )


def proxy_stopped(proxy: NamedProxy) -> None:
    """Tell the practice that somebody said of a named proxy: this wasn't me. No name leaves the house."""
    practice = proxy.practice
    outbox.queue(
        "proxy_stopped",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": proxy.pk},
    )


def secret_of(proxy: NamedProxy) -> str:
    """What the link of **This wasn't me** is known by: made anew from the row each time, and kept nowhere."""
    return secrets.digest("named proxy", str(proxy.pk), proxy.named_at.isoformat()).hex()[:40]


def _addresses(
    chart: PatientRecord, mine: PatientAccess | None, practice: Practice
) -> Iterator[tuple[Channel, str, bool]]:
    """Where the patient hears of it: on the record, and (`mine`) the account's own; and whether they get the link.

    An address that came to the account lately gets none: who took an account over would undo what its owner does.
    """
    if mine is None:
        yield from ((channel, to, True) for channel, to in _on_record(chart))
        return
    everybody = [one for one in told.everybody(mine.account, practice) if one.practice == practice]
    new = newcomers.of(mine.account)
    for one in everybody:
        yield Channel(one.channel), one.to, (one.channel, one.to) not in new


def _on_record(chart: PatientRecord) -> Iterator[tuple[Channel, str]]:
    if chart.email:
        yield Channel.EMAIL, chart.email
    if chart.mobile_e164 and can_send(Channel.SMS):
        yield Channel.SMS, chart.mobile_e164


def _language(chart: PatientRecord, mine: PatientAccess | None = None) -> str:
    return mine.account.language if mine else chart.language.partition("-")[0]
