"""What a worker does with a file that was sent: looks at it, and imports it once somebody said so.

A worker that is killed leaves it as it was: the next one begins anew. Imported, and noted as such, is one transaction.
"""

from __future__ import annotations

import logging
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import waking
from notifications.models import Lane
from practices import uploads
from practices.roster.refused import RefusedFile
from practices.roster.row import Unreadable
from practices.upload import PartKind, Upload, UploadKind, UploadState
from practices.uploads import Progress
from staff.roster import results_work, roster_work

if TYPE_CHECKING:
    from pathlib import Path

    from staff.roster.roster_work import Work

TASK = "staff.tasks.work_on_upload"
MOST_TRIES = 3  # a file that ends whoever reads it is not begun for ever
WORK: dict[str, type[Work]] = {UploadKind.ROSTER: roster_work.RosterWork, UploadKind.RESULTS: results_work.ResultsWork}

logger = logging.getLogger(__name__)


def hand_over(upload: Upload) -> None:
    """Have a worker see to it, once the transaction has committed; where Redis is away, a minute later."""
    transaction.on_commit(partial(waking.ask, TASK, upload.pk, lane=Lane.BULK), robust=True)


def run(pk: int) -> None:
    """Do what is to be done with it now; nothing where somebody is at it, or it is done."""
    with uploads.alone(pk) as is_mine:
        upload = uploads.at_work().select_related("practice__settings", "by", "imported_by").filter(pk=pk).first()
        if not is_mine or upload is None:
            return
        with translation.override(upload.practice.language):
            _run(upload)


def _run(upload: Upload) -> None:
    tries = upload.counts.get("tries", 0) + 1
    if tries > MOST_TRIES:
        _fail(upload, _("Reading the file failed three times. Nothing was imported. Call who looks after the portal."))
        return
    Upload.objects.filter(pk=upload.pk).update(counts={**upload.counts, "tries": tries})
    try:
        with uploads.on_disk(upload) as path, Progress(upload) as progress:
            _work(upload, path, progress)
    except Unreadable as why:
        _fail(upload, str(why))
    except (OperationalError, InterfaceError) as error:
        logger.warning("database away", extra={"upload": upload.pk, "failure": type(error).__name__})


def _work(upload: Upload, path: Path, progress: Progress) -> None:
    refused = path.with_name("refused.csv")
    with closing(RefusedFile(refused)) as refusals:
        work = WORK[upload.kind](upload, refusals, progress)
        if upload.state == UploadState.CHECKING:
            checked = work.check(path)
            with transaction.atomic():
                _finish(upload, UploadState.CHECKED, refusals, checked)
            return
        now = timezone.now()
        work.import_(
            path,
            lambda counts: _finish(upload, UploadState.DONE, refusals, {"counts": counts, "imported_at": now}),
        )
    work.after()


def _finish(upload: Upload, state: UploadState, refusals: RefusedFile, facts: dict[str, Any]) -> None:
    """Note what came of it, in the caller's transaction, and keep the refused rows."""
    refusals.close()
    refused = refusals.path
    if uploads.finish(upload, state, **facts) and refused:
        uploads.add_parts(upload, PartKind.REFUSED, uploads.pieces_of(refused))


def _fail(upload: Upload, words: str) -> None:
    with transaction.atomic():
        uploads.finish(upload, UploadState.FAILED, failure=words[:500])
