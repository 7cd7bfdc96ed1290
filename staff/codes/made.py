"""A number that was just made: kept in the session, sealed, for ten minutes, to be printed; nobody sees it again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from enrollment.models import LIVE, EnrollmentCode
from guard import secrets

if TYPE_CHECKING:
    from enrollment.codes import Issued
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

KEY = "desk_code"
SHOWN_FOR = 10 * 60  # seconds


def keep(request: PracticeRequest, issued: Issued) -> None:
    """Keep the number of a new code, in place of one before."""
    sealed = secrets.seal({"number": issued.number, "code": issued.code.pk}).decode()
    request.session[KEY] = {"sealed": sealed, "at": int(time.time())}


def of(request: PracticeRequest, chart: PatientRecord) -> tuple[EnrollmentCode, str] | None:
    """The code for this record that was just made here, with its number; None where it is over.

    Also where another one took its place: of two clicks at once, the session may keep the number that is dead.
    """
    kept = request.session.get(KEY)
    shown = secrets.unseal(kept["sealed"].encode()) if kept and time.time() - kept["at"] <= SHOWN_FOR else {}
    code = EnrollmentCode.objects.filter(pk=shown.get("code", 0), record=chart, state__in=LIVE).first()
    if code is None:
        request.session.pop(KEY, None)
        return None
    return code, shown["number"]
