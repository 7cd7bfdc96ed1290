"""Where this browser is in its enrollment: kept in the session, read against the table of `journey`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.models import Relationship
from enrollment import journey
from enrollment.journey import Known, Step
from enrollment.models import CodeKind, Enrollment, EnrollmentState
from guard.audience import Audience, open_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from practices.current import PracticeRequest

KEY = "journey"
AFTER_THE_CODE = frozenset({Step.ACCOUNT, Step.WHOSE, Step.CARER, Step.CREDENTIALS})


@dataclass(frozen=True)
class AcceptedTerms:
    """Which versions were on the page when **I Accept** was pressed, and when."""

    shown: list[int]
    at: datetime


@dataclass(frozen=True)
class Progress:
    """What the browser's session knows of its enrollment."""

    accepted: AcceptedTerms | None = None
    kind: CodeKind | None = None
    enrollment: Enrollment | None = None

    def admitted(self) -> tuple[Enrollment, AcceptedTerms]:
        """The enrollment and the terms, for the steps after the code: the table lets nobody there without them."""
        return cast("Enrollment", self.enrollment), cast("AcceptedTerms", self.accepted)

    @property
    def known(self) -> Known:
        """The values that the journey's table decides on."""
        run = self.enrollment
        return Known(
            terms_accepted=self.accepted is not None,
            kind=self.kind,
            code_matched=run is not None,
            account_chosen=run is not None and bool(run.account_choice),
            carer_asked=run is not None and run.relationship != Relationship.SELF,
            carer_known=run is not None and run.proxy_id is not None,
            account_made=run is not None and run.state != EnrollmentState.OPEN,
            relationship_known=run is not None and bool(run.relationship),
        )


def read(request: PracticeRequest) -> Progress:
    """Read the session; an enrollment of another practice, or one that lapsed, is as if it never was."""
    kept = request.session.get(KEY)
    if not kept:
        return Progress()
    return Progress(
        accepted=AcceptedTerms(kept["terms"], datetime.fromisoformat(kept["at"])),
        kind=CodeKind(kept["kind"]) if kept.get("kind") else None,
        enrollment=_run(kept["enrollment"], request) if "enrollment" in kept else None,
    )


def _run(pk: int, request: PracticeRequest) -> Enrollment | None:
    live = Enrollment.objects.filter(pk=pk, practice=request.practice).exclude(state=EnrollmentState.LAPSED)
    return live.select_related("code__record", "proxy").first()


def left_at(run: Enrollment) -> _StrPromise:
    """What the page is called on which who began an enrollment, and made no account, left it."""
    known = Progress(AcceptedTerms([], run.started_at), CodeKind(run.code.kind), run).known
    return next(row.label for row in journey.TABLE if row.step == journey.next_step(known))


def accept_terms(request: PracticeRequest, shown: list[int]) -> None:
    """Begin: the terms on the page were accepted now."""
    _write(request, {"terms": shown, "at": timezone.now().isoformat()})


def choose_kind(request: PracticeRequest, kind: CodeKind) -> None:
    """Note which kind of code the patient has; what another kind led to is forgotten."""
    kept = request.session[KEY]
    if kept.get("kind") != kind:
        _write(request, {"terms": kept["terms"], "at": kept["at"], "kind": kind})


def follow(request: PracticeRequest, enrollment: Enrollment) -> None:
    """Go on with the enrollment of a matched code; the session gets a new key, as at every rise in rights."""
    _write(request, {**request.session[KEY], "enrollment": enrollment.pk})
    request.session.cycle_key()


def forget(request: PracticeRequest) -> None:
    """The enrollment is over: nothing of it stays in the session."""
    request.session.pop(KEY, None)


def at(step: Step) -> Callable[[Callable[[PracticeRequest, Progress], HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view handle one step: who is not there yet, or was past it with an account made, goes where they belong."""

    def decorate(view: Callable[[PracticeRequest, Progress], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: PracticeRequest) -> HttpResponse:
            progress = read(request)
            if journey.may_show(step, progress.known):
                return _another_tab(request, progress, step) or view(request, progress)
            if progress.accepted is None and step in AFTER_THE_CODE and request.user.is_authenticated:
                return redirect(Step.DONE)  # back, or the last button pressed twice, after all was done
            return redirect(journey.next_step(progress.known))

        return open_to(Audience.JOURNEY, guarded)

    return decorate


def _another_tab(request: PracticeRequest, progress: Progress, step: Step) -> HttpResponse | None:
    """Turn back a form of another enrollment: its password must not become that of the person who came later."""
    sent = request.POST.get("enrollment")
    if sent is None or progress.enrollment is None or sent == progress.enrollment.mark:
        return None
    messages.info(request, _("Another enrollment was begun in this browser after that page was opened. This is it."))
    return redirect(step)


def _write(request: PracticeRequest, kept: dict[str, object]) -> None:
    request.session[KEY] = kept
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice, ends_at=Step.TERMS)
