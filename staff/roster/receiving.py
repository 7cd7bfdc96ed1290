"""Taking in a file that is sent: piece by piece into sealed parts, never as a whole in memory or on a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from guard import secrets
from practices.upload import PartKind, Upload, UploadPart, UploadState
from practices.uploads import MOST_BYTES, PART

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.upload import UploadKind

NAME_LENGTH = 100


class Sent(UploadedFile):  # type: ignore[type-arg] # at run time it takes none
    """A file that has arrived; its content is in the parts of its upload."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(file=None, name=upload.name or "file", size=upload.size)
        self.upload = upload


class IntoParts(FileUploadHandler):
    """Keeps one file, up to the largest that is taken; of more it only counts the bytes."""

    def __init__(self, request: PracticeRequest, kind: UploadKind, by: Account) -> None:
        super().__init__(request)
        self._upload = Upload(practice=request.practice, kind=kind, by=by)
        self._waiting = bytearray()
        self._number = 0
        self._is_mine = False

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._is_mine = field_name == "file" and self._upload.pk is None
        if self._is_mine:
            self._upload.name = "".join(letter for letter in file_name if letter.isprintable())[:NAME_LENGTH]
            self._upload.save()
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._is_mine:
            self._upload.size = start + len(raw_data)
            if self._upload.size <= MOST_BYTES:
                self._waiting += raw_data
                self._keep(PART)

    def file_complete(self, file_size: int) -> Sent | None:
        if not self._is_mine:
            return None
        self._upload.size = file_size
        self._keep(1)
        return Sent(self._upload)

    def forget_refused(self) -> None:
        """Delete what was not taken in: a forged form, one that was wrong, or half a file."""
        if self._upload.pk:
            Upload.objects.filter(pk=self._upload.pk, state=UploadState.SENDING).delete()

    def _keep(self, least: int) -> None:
        while len(self._waiting) >= least:
            piece = bytes(self._waiting[:PART])
            del self._waiting[:PART]
            UploadPart.objects.create(
                upload=self._upload, kind=PartKind.CONTENT, number=self._number, sealed=secrets.seal_bytes(piece)
            )
            self._number += 1
