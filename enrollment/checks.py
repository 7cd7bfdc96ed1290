"""What stands against an enrollment: asked when a code is matched, and again under the locks before access opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import access, rights
from accounts.models import Account, Relationship
from enrollment import codes, refusals, time_over
from enrollment.models import CodeKind, CodeState, Enrollment, EnrollmentState

if TYPE_CHECKING:
    from accounts.models import PatientAccess
    from enrollment.models import EnrollmentCode
    from enrollment.named_proxy import NamedProxy
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice


def code(code: EnrollmentCode, *, is_taken: bool) -> None:
    """Raise the refusal that says why a matched code cannot open an enrollment; `is_taken` as in `chart`.

    Whoever is named as a proxy is not kept out by the patient's own account.
    """
    codes.check_usable(code, timezone.now())
    if code.state == CodeState.RESERVED:
        raise refusals.CodeUsed
    chart(code.record, is_taken=is_taken and code.proxy_id is None)


def chart(chart: PatientRecord, *, is_taken: bool) -> None:
    """Raise the refusal that says why no account can be opened for a patient; `is_taken`: there is one (has_self)."""
    if not chart.can_enroll:
        raise refusals.RecordClosed
    if is_taken:
        raise refusals.RecordHasAccount


def against_self(code: EnrollmentCode, practice: Practice) -> type[refusals.Refusal] | None:
    """Why whoever holds a code cannot be the patient, if anything (docs/flows.md, I)."""
    if code.proxy_id is not None:
        return refusals.CodeIsForACarer
    ages, today = practice.settings, practice.today()
    return None if rights.may_have_account(code.record.birth_date, today, ages) else refusals.PatientIsAChild


def lock(journey: Enrollment, request: PracticeRequest) -> Enrollment:
    """Read the journey again, with its row and its code's locked: the code's first, as everywhere.

    Without its account: who waited for the locks gets these two rows as they are then, and any other as it was before.
    """
    found = Enrollment.objects.select_for_update(of=("code", "self"))
    journey = found.select_related("code__record", "code__proxy", "proxy").get(pk=journey.pk)
    journey.record, journey.practice = journey.code.record, request.practice
    journey.code.practice = request.practice
    return journey


def once_more(journey: Enrollment) -> list[PatientAccess]:
    """Check again, now with the rows locked: pages lie between. Gives the claims on the record."""
    claims = access.claims_on(journey.record)
    code(journey.code, is_taken=any(map(access.is_proven, claims)))
    if journey.state != EnrollmentState.OPEN:
        raise refusals.CodeUsed
    who(journey)
    return claims


def who(journey: Enrollment) -> None:
    """Raise what stands against the person's being who they say they are to the patient."""
    refusal = against_self(journey.code, journey.practice) if journey.relationship == Relationship.SELF else None
    if refusal:
        raise refusal
    if journey.code.proxy and is_over(journey.code.proxy, journey):
        raise refusals.CodeRevoked
    if not journey.relationship and journey.code.kind != CodeKind.INVITATION:
        raise refusals.NobodySaid


def is_over(named: NamedProxy, journey: Enrollment) -> bool:
    """Whether a name counts no more: withdrawn, past its end, or given while the patient was a minor, who is of age."""
    practice = journey.practice
    has_ended = named.withdrawn_at is not None or is_past(named, practice)
    return has_ended or is_outgrown(named, journey.record, practice)


def is_past(named: NamedProxy, practice: Practice) -> bool:
    """Whether the last day of a name is over."""
    return named.ends_on is not None and named.ends_on <= practice.today()


def is_outgrown(named: NamedProxy, chart: PatientRecord, practice: Practice) -> bool:
    """Whether a name was given while the patient was a minor, who is of age now."""
    was_minor = rights.was_minor(chart, practice, named.named_at)
    return was_minor and not rights.was_minor(chart, practice, timezone.now())


def holder(account: Account, claims: list[PatientAccess]) -> None:
    """Raise where the account has the record already: as a proxy, or stopped by **This wasn't me**; or was closed.

    With the account locked. What is over by its date ends here, and leaves `claims`; whose rows are locked.
    """
    if not Account.objects.filter(pk=account.pk, is_active=True).exists():
        raise refusals.AccountClosed
    mine = next((claim for claim in claims if claim.account_id == account.pk), None)
    if mine and time_over.is_over(mine, mine.practice.today()):
        time_over.close(mine)
        claims.remove(mine)
        return
    if mine and mine.state in access.PROVEN:
        raise refusals.AlreadyYours if rights.of(mine).opens else refusals.RecordClosed
