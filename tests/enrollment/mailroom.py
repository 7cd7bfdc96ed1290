"""How codes of all kinds come into people's hands, for the state machine of enrollments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enrollment import codes, identity, inviting, numbers
from enrollment.models import CodeKind, EnrollmentCode, Handover
from tests.enrollment.by_email import Letter
from tests.people import mail, path_of

if TYPE_CHECKING:
    from notifications.models import Message
    from practices.models import PatientRecord

EMAILED = {"activation": CodeKind.ACTIVATION, "invitation": CodeKind.INVITATION}
SHOWN = {
    "handed": (CodeKind.TOKEN, Handover.HANDED),
    "mailed": (CodeKind.TOKEN, Handover.MAILED),
    "check-in": (CodeKind.INVITATION, Handover.CHECKED_IN),
}
WAYS = (*EMAILED, *SHOWN)


def hand_out(chart: PatientRecord, way: str) -> Letter:
    if way in EMAILED:
        issued = inviting.send(chart=chart, kind=EMAILED[way], by=None)
    else:
        kind, handover = SHOWN[way]
        issued = codes.issue(chart=chart, kind=kind, handover=handover, by=None)
    return Letter(issued.code, issued.number, chart)


def read(message: Message, chart: PatientRecord) -> Letter:
    """The code that a message of **Send me a new one** holds."""
    [said] = mail(message.notice, pk=message.pk)
    number = numbers.parse(str(said["code"]) if "code" in said else path_of(str(said["link"])).split("/")[2])
    code = EnrollmentCode.objects.get(digest=identity.code_digest(chart.practice, number))
    return Letter(code, number, chart)


def holders(letter: Letter) -> list[str]:
    """A stranger has what lies in letter boxes or was shown at a check-in, and saw the codes of emails, too."""
    match Handover(letter.code.handover):
        case Handover.HANDED | Handover.TEXTED:
            return ["patient"]
        case Handover.MAILED | Handover.CHECKED_IN:
            return ["patient", "stranger"]
        case Handover.EMAILED | Handover.RESULT | Handover.RESET:
            return ["patient", "stranger", "reader"]
