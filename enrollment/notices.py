"""The messages of an enrollment: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import access, email_address, names
from notifications import outbox
from notifications.channels import can_send
from notifications.models import Channel

if TYPE_CHECKING:
    from accounts.models import PatientAccess
    from enrollment.models import Enrollment
    from practices.models import Practice


def enrollment_complete(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell a new account that enrollment is complete; it asks to verify the address: all that one gets (rule 13).

    Where it is the email on the record too, it also tells of the change (rule 12).
    """
    account, practice = opened.account, opened.practice
    is_on_record = bool(journey.record.email) and names.fold(journey.record.email) == names.fold(account.email)
    context: dict[str, str | int | bool] = {
        "link": email_address.verification_link(account, practice, is_first=True),
        "not_me": access.offer_objection(opened, practice) if is_on_record else "",
        "is_open": opened.opened_at is not None,
    }
    outbox.queue("enrollment_complete", practice=practice, to=account.email, language=account.language, context=context)


def record_enrolled(*, journey: Enrollment, opened: PatientAccess, to: str, channel: Channel = Channel.EMAIL) -> None:
    """Tell who was on the record or the account before that an account opens it now (rule 12)."""
    language = journey.record.language.partition("-")[0] or opened.account.language
    outbox.queue(
        "record_enrolled",
        practice=opened.practice,
        to=to,
        channel=channel,
        language=language,
        context={"not_me": access.offer_objection(opened, opened.practice)},
    )


def record_opened(*, journey: Enrollment, opened: PatientAccess) -> None:
    """Tell the email and mobile on the record, and the account's email, that the record is open now (rule 12)."""
    emails = {names.fold(to): to for to in (journey.record.email, opened.account.verified_email) if to}
    for to in emails.values():
        record_enrolled(journey=journey, opened=opened, to=to)
    tell_mobile(journey=journey, opened=opened)


def tell_mobile(*, journey: Enrollment, opened: PatientAccess) -> None:
    """The same to the mobile on the record, as a text, where there is one and texts are sent at all."""
    if journey.record.mobile_e164 and can_send(Channel.SMS):
        record_enrolled(journey=journey, opened=opened, to=journey.record.mobile_e164, channel=Channel.SMS)


def not_my_account(*, practice: Practice, reference: int) -> None:
    """Tell the practice that somebody with a matching token does not know of the account on the record."""
    outbox.queue(
        "not_my_account",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": reference},
    )
