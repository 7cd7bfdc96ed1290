"""The messages about contacts on a patient record that staff changed; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import names, told
from enrollment import concerned, guardians
from enrollment.concerned import Concerned
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from practices.models import PatientRecord, Practice


def before(chart: PatientRecord) -> list[Concerned]:
    """Who is to hear of a change that is about to be made: every email and the mobile on the record, and the account's.

    `chart` comes with its practice.
    """
    found = list(concerned.patient(chart, chart.practice, is_own=True))
    known = {names.fold(one.to) for one in found}
    language = chart.language.partition("-")[0]
    others = [email for email in chart.emails if email and names.fold(email) not in known]
    return found + [Concerned(Channel.EMAIL, email, language, guardians.may_stop_own(chart, email)) for email in others]


def changed(chart: PatientRecord, to: Iterable[Concerned], *, link: str, is_stop: bool) -> None:
    """Tell who was there before, with the link that puts it back, and, without, who came to the record by the change.

    A phone that is not to be used any more hears of it, and undoes nothing: it may be lost or stolen.
    """
    notice = "phone_stopped" if is_stop else "contact_changed"
    heard = set()
    for one in to:
        heard.add(names.fold(one.to))
        may_stop = one.may_stop and one.to not in chart.unused_phones
        _tell(notice, chart.practice, one, link if may_stop else "")
    language = chart.language.partition("-")[0]
    for new in told.on_record(chart, chart.practice):
        if names.fold(new.to) not in heard:
            _tell(notice, chart.practice, Concerned(Channel(new.channel), new.to, language, may_stop=False), "")


def confirmed(chart: PatientRecord) -> None:
    """Tell everybody concerned that the desk took a guardian's contact for the young person's own."""
    for one in concerned.patient(chart, chart.practice, is_own=True):
        _tell("contact_confirmed", chart.practice, one, None)


def restored(*, practice: Practice, reference: int) -> None:
    """Tell the practice that somebody put the old contacts of a record back. No name leaves the house."""
    outbox.queue(
        "contacts_restored",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": reference, "link": practice.address(f"/staff/patients/{reference}/")},
    )


def _tell(notice: str, practice: Practice, one: Concerned, link: str | None) -> None:
    outbox.queue(
        notice,
        practice=practice,
        to=one.to,
        channel=one.channel,
        language=one.language,
        context={} if link is None else {"not_me": link},
    )
