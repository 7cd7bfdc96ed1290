"""Lab results that were sent: how many reports there are, and importing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from guard import secrets
from results import importing, reading, release
from results.fhir import Reader
from results.stage import staged
from staff.roster.roster_work import MOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from practices.roster.refused import Refused, RefusedFile
    from practices.upload import Upload
    from practices.uploads import Progress


class ResultsWork:
    """A file of results."""

    def __init__(self, upload: Upload, refusals: RefusedFile, progress: Progress) -> None:
        self.upload, self.practice = upload, upload.practice
        self.progress, self.refusals = progress, refusals
        self.first: list[tuple[int, str, str]] = []

    def _refuse(self, refusal: Refused) -> None:
        if len(self.first) < MOST:
            self.first.append((refusal.line, refusal.mrn, refusal.words))
        self.refusals.add(refusal)

    def check(self, path: Path) -> dict[str, Any]:
        with (
            reading.opened(path) as results,
            staged(results, self._reader(), on_refused=self._refuse, on_progress=self.progress.moved) as stage,
        ):
            counts = {"reports": stage.reports, "refused": stage.refused, "skipped": stage.skipped}
        return {
            "format": str(results.format),
            "counts": counts,
            "found_sealed": secrets.seal({"refused": self.first}),
        }

    def import_(self, path: Path, done: Callable[[dict[str, int]], None]) -> None:
        with (
            reading.opened(path) as results,
            staged(results, self._reader(), on_refused=self._refuse, on_progress=self.progress.moved) as stage,
            transaction.atomic(),
        ):
            counts = importing.apply(staged=stage, practice=self.practice, by=self.upload.imported_by)
            done({**{outcome.value: count for outcome, count in counts.items()}, "skipped": stage.skipped})

    def after(self) -> None:
        """A practice may release without delay."""
        release.release_due(self.practice)

    def _reader(self) -> Reader:
        return Reader(ZoneInfo(self.practice.time_zone), timezone.now())
