"""What the database says of a patient: enrolled wholly, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from accounts.models import AccessState, Account, PatientAccess
from agreements.models import Acceptance
from audit.models import AuditEvent
from enrollment.models import CodeState, Enrollment, EnrollmentCode, EnrollmentState
from notifications.channels.email import message_id
from notifications.models import Message, State
from tests.faults.patients import Patient
from tests.faults.smtp import MailServer

# What one enrollment leaves, each so many times.
WHOLE = {
    "accounts": 1,
    "accesses that are open": 1,
    "texts accepted": 2,
    "codes redeemed": 1,
    "enrollments completed": 1,
    "messages": 1,
    "event enrollment.account_created": 1,
    "event terms.accepted": 2,
    "event access.opened": 1,
    "event code.redeemed": 1,
    "event enrollment.completed": 1,
}


def traces(patient: Patient) -> dict[str, int]:
    """How much of WHOLE there is; nothing that is zero."""
    chart, email = patient.token.chart, patient.token.email
    accounts = list(Account.objects.filter(email=email).values_list("pk", flat=True))
    done = Enrollment.objects.filter(record=chart, state=EnrollmentState.COMPLETED)
    found = Counter({
        "accounts": len(accounts),
        "accesses that are open": PatientAccess.objects.filter(record=chart, state=AccessState.ACTIVE).count(),
        "texts accepted": Acceptance.objects.filter(account__in=accounts).count(),
        "codes redeemed": EnrollmentCode.objects.filter(record=chart, state=CodeState.REDEEMED).count(),
        "enrollments completed": done.count(),
        "messages": Message.objects.filter(to=email, notice="enrollment_complete").count(),
    })  # fmt: skip
    by_them = AuditEvent.objects.filter(actor_kind="accounts.account", actor_id__in=list(map(str, accounts)))
    found.update(f"event {event}" for event in by_them.values_list("event", flat=True) if f"event {event}" in WHOLE)
    return {kind: number for kind, number in found.items() if number}


def check_nobody_is_half_enrolled(patients: Iterable[Patient]) -> None:
    """All or nothing for everybody, and all of it for those who were told so."""
    for patient in patients:
        found = traces(patient)
        assert found == WHOLE or (not found and not patient.is_done), (patient.ended_at, found, patient.pages[-8:])


def lost_and_duplicate(mail: MailServer) -> tuple[int, int]:
    """How many messages the database takes for sent that no mailbox got; and how many mails came once more."""
    sent = {message_id(message) for message in Message.objects.filter(state=State.SENT)}
    return len(sent - set(mail.accepted)), sum(mail.accepted.values()) - len(mail.accepted)


def states() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))
