"""The messages about people who act for a patient; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import access, names, told
from accounts.models import Relationship
from enrollment import concerned, notices
from enrollment.named_proxy import NamedBy
from guard import secrets
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import PatientAccess
    from enrollment.codes import Issued
    from enrollment.named_proxy import NamedProxy


def proxy_invitation(issued: Issued) -> None:
    """Send the link of an invitation to who was named. No patient's name (docs/flows.md, rule 10)."""
    code, practice = issued.code, issued.code.practice
    outbox.queue(
        "proxy_invitation",
        practice=practice,
        to=code.sent_to,
        language=code.record.language.partition("-")[0],
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
    is_own = named.source == NamedBy.PATIENT
    for one in concerned.patient(named.record, practice, is_own=is_own):
        outbox.queue(
            "proxy_named",
            practice=practice,
            to=one.to,
            channel=one.channel,
            language=one.language,
            context={"not_me": link if one.may_stop else ""},
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
    tell_patient(claim, was_claim=was_claim)
    if claim.relationship == Relationship.SELF:
        _tell_phones(claim)


def _tell_phones(claim: PatientAccess) -> None:
    """The phones that the codes of the patient's account go to: it has left the record, which does not know them."""
    phones = {(channel, to) for channel, to in told.owner(claim.account) if channel == Channel.SMS}
    for channel, to in sorted(phones - {(Channel.SMS.value, claim.record.mobile_e164)}):
        outbox.queue(
            "proxy_ended",
            practice=claim.practice,
            to=to,
            channel=Channel(channel),
            language=claim.account.language,
            context={"not_me": "", "was_claim": False},
        )


def tell_patient(claim: PatientAccess, *, was_claim: bool = False, but: Collection[tuple[str, str]] = ()) -> None:
    """Tell all the patient's addresses that somebody's access, or claim, ended; `but`: by channel, folded."""
    practice = claim.practice
    for one in concerned.patient(claim.record, practice):
        if (one.channel, names.fold(one.to)) in but:
            continue
        link = access.offer_objection(claim, practice) if one.may_stop else ""
        outbox.queue(
            "proxy_ended",
            practice=practice,
            to=one.to,
            channel=one.channel,
            language=one.language,
            context={"not_me": link, "was_claim": was_claim},
        )


def record_closed(claim: PatientAccess) -> None:
    """Tell whose access rests: its record was closed by the practice. Why is nobody's in a message."""
    _tell_holder("access_rests", claim)


def record_open(claim: PatientAccess) -> None:
    """Tell whose access rested that it opens its record again."""
    _tell_holder("access_rests_no_more", claim)


def _tell_holder(notice: str, claim: PatientAccess) -> None:
    account = claim.account
    if account.verified_email:
        outbox.queue(notice, practice=claim.practice, to=account.verified_email, language=account.language, context={})


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
