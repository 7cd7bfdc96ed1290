"""What belongs to a chart moves to the one that it was merged into, once staff looked (docs/flows.md, Roster).

By another person than the one who sent the roster that says so: one alone would open somebody's record with their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access, colleagues
from accounts.models import AccessState, EndReason, PatientAccess, Relationship
from audit.events import Event
from audit.record import record
from enrollment import at_desk, codes, concerned, contacts
from enrollment.models import LIVE, Enrollment, EnrollmentCode, EnrollmentState
from enrollment.named_proxy import NamedProxy
from notifications import outbox
from practices.from_roster import ChartMerge, MergeState
from practices.matching import fold_name
from practices.models import PatientRecord

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice


class LookedAtAlready(at_desk.CannotDo):
    words = _("A colleague has looked at this already.")


class SentByYou(at_desk.CannotDo):
    words = _("You imported the roster that says so. Somebody else has to compare the charts: ask a colleague.")


class OtherBirthDate(at_desk.CannotDo):
    words = _("The two charts have different dates of birth. Correct the wrong one in the roster first.")


class OtherName(at_desk.CannotDo):
    words = _(
        "The charts have different last names, former ones too: they do not seem to be of one patient. If they are, "
        "the next roster brings the former name."
    )


class TwoAccounts(at_desk.CannotDo):
    words = _("The patient has an account on each chart. End the access of the one that is not used any more first.")


class Enrolling(at_desk.CannotDo):
    words = _("Somebody is enrolling on the chart that is to go. Wait until that is done, or revoke the code.")


class OtherClosed(at_desk.CannotDo):
    words = _("The chart that stays is of a deceased or inactive patient: there is nothing to open on it.")


def against(merge: ChartMerge, by: Account, practice: Practice) -> at_desk.CannotDo | None:
    """What stands against this member of staff moving what belongs to the old chart; None where nothing does."""
    for chart in (merge.old, merge.new):
        if why := at_desk.against_record(by, practice, chart):
            return why
    if merge.state != MergeState.WAITING:
        return LookedAtAlready()
    if merge.by_id in colleagues.hands(by, practice):
        return SentByYou()
    return _of_charts(merge)


def _of_charts(merge: ChartMerge) -> at_desk.CannotDo | None:
    """Whoever it is that asks."""
    if merge.old.birth_date != merge.new.birth_date:
        return OtherBirthDate()
    if _last_names(merge.old).isdisjoint(_last_names(merge.new)):
        return OtherName()
    if not merge.new.can_enroll:
        return OtherClosed()
    holders = {one.account_id for chart in (merge.old, merge.new) for one in _held(chart) if _is_self(one)}
    if len(holders) > 1:
        return TwoAccounts()
    unfinished = Enrollment.objects.filter(record=merge.old, account__isnull=False)
    if unfinished.filter(state__in=(EnrollmentState.OPEN, EnrollmentState.WAITING)).exists():
        return Enrolling()
    return None


def _last_names(chart: PatientRecord) -> set[str]:
    """Folded, former ones too; a single name stands in either place."""
    return {fold_name(one) for one in (chart.family_name or chart.given_names, *chart.former_family_names)}


def move(*, merge: ChartMerge, by: Account, reason: str, request: PracticeRequest) -> ChartMerge:
    """Move accesses and named proxies, end codes, close the old chart, and tell everybody. Raises CannotDo.

    In the caller's transaction, which moves what floors above keep.
    """
    merge = lock(merge)
    if why := against(merge, by, request.practice):
        raise why
    old, new = merge.old, merge.new
    told = {(one.channel, one.to): one for chart in (old, new) for one in concerned.patient(chart, request.practice)}
    for code in EnrollmentCode.objects.filter(record=old, state__in=LIVE).order_by("pk"):
        codes.revoke(code, by=by, request=request)
    moved = [one for one in _held(old) if _move_one(one, new, by, request)]
    contacts.carry_over(old, new, request)
    NamedProxy.objects.filter(record=old, withdrawn_at=None).update(record=new)
    Enrollment.objects.filter(record=old).update(record=new)
    PatientRecord.objects.filter(pk=old.pk).update(active=False, updated_at=timezone.now())
    settle(merge, MergeState.MOVED)
    said: dict[str, str | int] = {"reason": reason, "into": str(new.pk), "accesses": len(moved)}
    record(Event.CHART_MERGED, actor=by, practice=request.practice, subject=old, request=request, **said)
    record(Event.CHART_MERGED, actor=by, practice=request.practice, subject=new, request=request, **said)
    for one in told.values():
        link = access.offer_objection(moved[0], request.practice, *moved[1:]) if moved and one.may_stop else ""
        outbox.queue(
            "chart_moved",
            practice=request.practice,
            to=one.to,
            channel=one.channel,
            language=one.language,
            context={"not_me": link},
        )
    return merge


def leave(*, merge: ChartMerge, by: Account, request: PracticeRequest) -> None:
    """They stay two charts, whatever a roster says. In the caller's transaction. Raises CannotDo."""
    merge = lock(merge)
    if merge.state != MergeState.WAITING:
        raise LookedAtAlready
    for chart in (merge.old, merge.new):
        if why := at_desk.against_record(by, request.practice, chart):
            raise why
    settle(merge, MergeState.LEFT)
    record(Event.CHART_MERGE_LEFT, actor=by, practice=request.practice, subject=merge.old, request=request)


def lock(merge: ChartMerge) -> ChartMerge:
    """Read it again, with its charts; codes are locked before their records, as everywhere, in the order of ids."""
    for chart in sorted((merge.old, merge.new), key=lambda one: one.pk):
        codes.lock_live(chart)
    rows = ChartMerge.objects.select_for_update(of=("self",))
    return rows.select_related("old__practice__settings", "new__practice__settings").get(pk=merge.pk)


def settle(merge: ChartMerge, state: MergeState) -> None:
    merge.state, merge.settled_at = state, timezone.now()
    merge.save(update_fields=["state", "settled_at"])


def _held(chart: PatientRecord) -> list[PatientAccess]:
    live = PatientAccess.objects.filter(record=chart).exclude(state=AccessState.ENDED)
    return list(live.select_related("account", "practice__settings", "record").order_by("pk"))


def _is_self(claim: PatientAccess) -> bool:
    return claim.relationship == Relationship.SELF


def _move_one(claim: PatientAccess, new: PatientRecord, by: Account, request: PracticeRequest) -> bool:
    """False where the account has the other chart already: then this access ends."""
    if PatientAccess.objects.filter(record=new, account=claim.account_id).exclude(state=AccessState.ENDED).exists():
        access.end(claim=claim, because=EndReason.BY_PRACTICE, by=by, request=request, reason="chart_merged")
        return False
    claim.record = new
    if claim.rests_with_record:
        claim.state, claim.rests_with_record = AccessState.ACTIVE, False
    claim.save(update_fields=["record", "state", "rests_with_record"])
    return True
