"""**Send me a new one** (docs/flows.md, rule 2): a new code for who has one that opens nothing any more.

It goes to the email or mobile on the record, or to the named proxy's own email, whoever asks, and the page says the
same whatever came of it: so it tells nothing, and a stolen letter gets its thief nothing. From the teen age on nothing
of the patient's goes to a guardian.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access
from audit.events import Event
from audit.record import record
from enrollment import codes, contacts, identity, inviting, notices, reset_notices
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from guard import even, limits
from guard.address import neighbourhood
from notifications.channels import can_send
from notifications.models import Channel
from practices.models import PatientRecord

if TYPE_CHECKING:
    from practices.current import PracticeRequest

ANSWERED_AFTER = 0.5  # seconds, for every number: many times what issuing a code and its message takes
BY_MAILBOX = {Handover.EMAILED, Handover.RESULT, Handover.CHECKED_IN}


def send(*, number: str, request: PracticeRequest) -> bool:
    """Send a new code in place of the one with this number, where one is owed. Outside any transaction.

    False where too many were asked for from this address; else every number is answered at the same time.
    """
    if not limits.spend((limits.NEW_CODES_BY_ADDRESS, neighbourhood(request.client_address))).allowed:
        return False
    with even.answered_after(ANSWERED_AFTER):
        digest = identity.code_digest(request.practice, number)
        code = EnrollmentCode.objects.filter(digest=digest).select_related("record", "proxy").first()
        is_owed = code is not None and _is_owed(code, code.record)
        about = f"record {code.record_id}" if code and is_owed else digest.hex()  # an old letter spends its own alone
        is_allowed = limits.spend((limits.NEW_CODES_AN_HOUR, about), (limits.NEW_CODES_A_DAY, about)).allowed
        if code and is_owed and is_allowed:
            with suppress(codes.CannotIssueError):  # the desk has to add a phone first; the page says the same
                _send(code, request)
    return True


@transaction.atomic
def _send(code: EnrollmentCode, request: PracticeRequest) -> None:
    codes.lock_live(code.record)
    code = codes.lock(code)
    chart: PatientRecord = code.record
    chart.practice = request.practice
    if not _is_owed(code, chart):
        return
    record(Event.CODE_ASKED_AGAIN, actor=None, practice=request.practice, subject=code, request=request)
    if code.handover == Handover.RESET:
        _send_way_back(code, chart)
    elif codes.address_of(chart, code.proxy):
        kind = CodeKind.INVITATION if code.kind == CodeKind.INVITATION else CodeKind.ACTIVATION
        inviting.send(chart=chart, kind=kind, by=None, proxy=code.proxy, request=request)
    elif code.proxy is None and codes.is_patients(chart, chart.mobile_e164) and can_send(Channel.SMS):
        issued = codes.issue(chart=chart, kind=CodeKind.ACTIVATION, handover=Handover.TEXTED, by=None, request=request)
        notices.new_code_by_text(issued)


def _send_way_back(code: EnrollmentCode, chart: PatientRecord) -> None:
    """The same to the mailbox of the account that was reset: it may be another than the record's."""
    issued = codes.issue(chart=chart, kind=CodeKind.INVITATION, handover=Handover.RESET, by=None, to=code.sent_to)
    reset_notices.way_back_again(issued)


def _is_owed(code: EnrollmentCode, chart: PatientRecord) -> bool:
    """Whether a code that was given out, and opens nothing now, is to be made good for.

    Not where it is for a new password, the practice cancelled it, it was used, or the record is open already; nor where
    another code lives that did not come by email: a letter on its way is not to be ended by who holds an old one.
    """
    now = timezone.now()
    may_be = {CodeState.EXPIRED, CodeState.SUPERSEDED, CodeState.PENDING}
    if code.kind == CodeKind.RESET or code.state_at(now) not in may_be:
        return False
    if not chart.can_enroll or (code.proxy.withdrawn_at if code.proxy else access.self_of(chart)):
        return False
    if code.handover == Handover.RESET and _is_taken_off(code, chart):
        return False
    live = EnrollmentCode.objects.filter(record=chart, proxy=code.proxy, state__in=LIVE).first()
    if live is None or live.pk == code.pk or live.state_at(now) == CodeState.EXPIRED:
        return True
    is_of_reset = code.handover == live.handover == Handover.RESET
    return (live.handover in BY_MAILBOX or is_of_reset) and live.state == CodeState.PENDING


def _is_taken_off(code: EnrollmentCode, chart: PatientRecord) -> bool:
    """Whether the mailbox of the account that was reset may be one that the practice took off the record since then."""
    is_on_file = code.sent_to.casefold() in {email.casefold() for email in chart.emails}
    return not is_on_file and contacts.changed_since(chart, code.issued_at)
