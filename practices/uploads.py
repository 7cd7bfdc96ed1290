"""Files that staff send: kept sealed, in parts, until they are dealt with; how far the work on them has come."""

from __future__ import annotations

import tempfile
import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.events import Event
from audit.record import record
from guard import secrets
from practices.upload import AT_WORK, UNDER_WAY, PartKind, Upload, UploadPart, UploadState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from practices.models import Practice
    from practices.upload import UploadKind

PART = 1_000_000  # bytes
MOST_BYTES = 2_000_000_000  # more than ten million patients have
KEPT = timedelta(days=1)  # a file that nobody imported
REFUSED_KEPT = timedelta(days=7)
EVERY = 1.0  # seconds between two notes of how far it is
_LOCK = 7_678  # first key of the advisory locks, the upload being the second; any number nobody else uses


class UnderWay(Exception):
    """Another file of the practice is being imported."""


def under_way(practice: Practice, kind: UploadKind) -> Upload | None:
    """The file that is being checked or imported, or waits for somebody's word."""
    return practice.uploads.filter(kind=kind, state__in=UNDER_WAY).select_related("by").first()


@transaction.atomic
def receive(upload: Upload, *, by: Model, request: HttpRequest | None) -> None:
    """A file has arrived as a whole: it takes the place of one that waits. Raises UnderWay."""
    others = Upload.objects.filter(practice=upload.practice_id, kind=upload.kind)
    for old in others.filter(state__in=(UploadState.CHECKING, UploadState.CHECKED)).select_for_update(of=("self",)):
        _end(old, UploadState.ENDED)
    upload.state = UploadState.CHECKING
    try:
        with transaction.atomic():
            upload.save(update_fields=["state", "name", "size"])
    except IntegrityError:
        raise UnderWay from None
    record(Event.UPLOAD_SENT, actor=by, practice=upload.practice, subject=upload, request=request, kind=upload.kind)


@transaction.atomic
def begin_import(upload: Upload, *, by: Model, request: HttpRequest | None) -> bool:
    """**Import** was pressed; False where it is no longer to be. What comes of it is the word of who sent the file."""
    waits = Upload.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
    if not waits.update(state=UploadState.IMPORTING, imported_by=by, read=0):
        return False
    record(Event.UPLOAD_IMPORTED, actor=by, practice=upload.practice, subject=upload, request=request)
    return True


@transaction.atomic
def discard(upload: Upload, *, by: Model | None, request: HttpRequest | None) -> bool:
    """Erase a file that was not imported; False where it is being imported, or was."""
    found = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if found.state not in (UploadState.CHECKING, UploadState.CHECKED, UploadState.SENDING):
        return False
    _end(found, UploadState.ENDED)
    found.parts.all().delete()
    record(Event.UPLOAD_ENDED, actor=by, practice=found.practice, subject=found, request=request)
    return True


def finish(upload: Upload, state: UploadState, **facts: object) -> bool:
    """Note what came of the work, and erase the file where it is not needed again. In the caller's transaction.

    False where somebody discarded it meanwhile.
    """
    is_over = state != UploadState.CHECKED
    facts |= {"found_sealed": None} if is_over else {}
    still = Upload.objects.filter(pk=upload.pk, state=upload.state)
    if not still.update(state=state, read=upload.size, **facts):
        return False
    if is_over:
        upload.parts.filter(kind=PartKind.CONTENT).delete()
    return True


def add_parts(upload: Upload, kind: PartKind, pieces: Iterable[bytes]) -> None:
    """Keep a file, which takes the place of an older one of its kind."""
    upload.parts.filter(kind=kind).delete()
    for number, piece in enumerate(pieces):
        UploadPart.objects.create(upload=upload, kind=kind, number=number, sealed=secrets.seal_bytes(piece))


def content(upload: Upload, kind: PartKind) -> Iterator[bytes]:
    """The pieces of a file; one in memory at a time."""
    numbers = upload.parts.filter(kind=kind).order_by("number").values_list("pk", flat=True)
    for pk in list(numbers):
        yield secrets.unseal_bytes(bytes(UploadPart.objects.values_list("sealed", flat=True).get(pk=pk)))


@contextmanager
def on_disk(upload: Upload) -> Iterator[Path]:
    """The file where readers of their own processes find it, for their owner's eyes only; gone after the block."""
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as file:
            for piece in content(upload, PartKind.CONTENT):
                file.write(piece)
        yield path


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in parts."""
    with path.open("rb") as file:
        yield from iter(partial(file.read, PART), b"")


@contextmanager
def alone(pk: int) -> Iterator[bool]:
    """Whether nobody else works on this upload; the lock is gone with whoever is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, pk])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, pk])


class Progress:
    """Notes, once a second, how many bytes were read: by a connection of its own, since COPY has the other."""

    def __init__(self, upload: Upload) -> None:
        self.read = 0
        self._pk = upload.pk
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._note, daemon=True)

    def moved(self, position: int) -> None:
        """Up to this byte."""
        self.read = position

    def _note(self) -> None:
        noted = 0
        try:
            while not self._over.wait(EVERY):
                if self.read != noted:
                    noted = self.read
                    Upload.objects.filter(pk=self._pk, state__in=AT_WORK).update(read=noted)
        finally:
            connection.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()


def at_work() -> QuerySet[Upload]:
    """What somebody works on, or should."""
    return Upload.objects.filter(state__in=AT_WORK).order_by("pk")


def purge() -> None:
    """Erase files that nobody imported within a day, and refused rows after a week."""
    now = timezone.now()
    left = Upload.objects.filter(state__in=(UploadState.SENDING, UploadState.CHECKING, UploadState.CHECKED))
    for old in left.filter(at__lt=now - KEPT):
        discard(old, by=None, request=None)
    UploadPart.objects.filter(kind=PartKind.REFUSED, upload__at__lt=now - REFUSED_KEPT).delete()


def _end(upload: Upload, state: UploadState) -> None:
    upload.state, upload.found_sealed = state, None
    upload.save(update_fields=["state", "found_sealed"])
    upload.parts.all().delete()
