"""Uploads: files that come in parts (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.files import new_file
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, StorageError
from jupyter_assistants.protocol.files import display_name
from jupyter_assistants.protocol.ids import PART, UPLOAD, new_id, now
from jupyter_assistants.protocol.uploads import (
    LIFETIME,
    CompleteUpload,
    CreateUpload,
    Upload,
    UploadPart,
)
from jupyter_assistants.storage import unit_of_work
from jupyter_assistants.storage.base import FileWriter

_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Uploads:
    """Operations on uploads."""

    objects: Objects

    async def create(self, owner: str, body: CreateUpload) -> Upload:
        """Create an upload, which stays open for an hour."""
        fields = body.provided_fields() | {"filename": display_name(body.filename)}
        created = now()
        upload = Upload(
            id=new_id(UPLOAD), created_at=created, expires_at=created + LIFETIME, **fields
        )
        await self.objects.save(upload, owner=owner)
        return upload

    async def add_part(self, owner: str, upload: Upload, received: ReceivedFile) -> UploadPart:
        """Add bytes to an upload, in any order.

        Raises
        ------
        InvalidRequest
            If the upload is completed, cancelled or expired.
        """
        _check_pending(upload)
        part = UploadPart(
            id=new_id(PART),
            created_at=now(),
            upload_id=upload.id,
            bytes=received.blob.bytes,
            sha256=received.blob.sha256,
            expires_at=upload.expires_at,
        )
        await self.objects.save(part, owner=owner)
        return part

    async def complete(self, owner: str, upload: Upload, body: CompleteUpload) -> Upload:
        """Join the parts into a file, in the order of ``part_ids``.

        Raises
        ------
        InvalidRequest
            If the upload is not pending any more, or its bytes are not as declared. The upload
            then stays as it is.
        """
        _check_pending(upload)
        return await asyncio.to_thread(self._complete, owner, upload, body)

    async def cancel(self, owner: str, upload: Upload) -> Upload:
        """Cancel an upload and drop its parts.

        Raises
        ------
        InvalidRequest
            If the upload is not pending any more.
        """
        _check_pending(upload)
        return await asyncio.to_thread(
            self._close, owner, upload, upload.changed(status="cancelled")
        )

    async def expire(self) -> None:
        """Mark uploads as expired whose hour is over; their parts expire by themselves."""
        await asyncio.to_thread(self._expire)

    def _complete(self, owner: str, upload: Upload, body: CompleteUpload) -> Upload:
        try:
            return self._complete_once(owner, upload, body)
        except (NotFound, StorageError):
            # Another request may have closed the upload meanwhile and deleted its parts.
            current = self.objects.storage.get(Upload, upload.id, owner=owner)
            if current.status != "pending":
                raise _closed(current) from None
            raise

    def _complete_once(self, owner: str, upload: Upload, body: CompleteUpload) -> Upload:
        parts = self._parts(owner, upload, body.part_ids)
        total = sum(part.bytes for part in parts)
        if total != upload.bytes:
            text = f"Upload {upload.id} declared {upload.bytes} bytes, but its parts hold {total}."
            raise InvalidRequest(text, param="part_ids")
        with self.objects.storage.write_file() as writer:
            md5 = self._join(parts, writer)
            if body.md5 is not None and body.md5.lower() != md5:
                text = "The md5 checksum of the uploaded bytes does not match."
                raise InvalidRequest(text, param="md5")
            blob = writer.commit()
            file = new_file(upload.filename, upload.purpose, blob, upload.expires_after)
            return self._close(owner, upload, upload.changed(status="completed", file=file))

    def _parts(self, owner: str, upload: Upload, ids: Sequence[str]) -> list[UploadPart]:
        parts = []
        for part_id in ids:
            try:
                part = self.objects.storage.get(UploadPart, part_id, owner=owner)
            except NotFound as error:
                raise NotFound(error.message, param="part_ids") from None
            if part.upload_id != upload.id:
                raise NotFound.of(UploadPart.kind, part_id, param="part_ids")
            parts.append(part)
        return parts

    def _join(self, parts: Sequence[UploadPart], writer: FileWriter) -> str:
        """Copy the parts piece by piece and return the md5 of the whole."""
        md5 = hashlib.md5(usedforsecurity=False)
        for part in parts:
            with self.objects.storage.open_file(part.sha256) as source:
                while piece := source.read(_PIECE):
                    md5.update(piece)
                    writer.write(piece)
        return md5.hexdigest()

    def _close(self, owner: str, pending: Upload, closed: Upload) -> Upload:
        """Store the upload in its last state, once, and delete its parts."""
        storage = self.objects.storage
        files = [closed.file] if closed.file is not None else []
        # Of requests that complete, cancel and expire it at once, one wins, in every process: the one
        # that still finds it pending. Its file is in the same transaction, so that no kill can leave
        # an upload that is neither open nor closed.
        if not unit_of_work.replace(storage, pending, closed, *files, owner=owner):
            raise _closed(storage.get(Upload, pending.id))
        while parts := storage.list(UploadPart, parent=closed.id, limit=100).data:
            storage.delete(*(part.id for part in parts))
        return closed

    def _expire(self) -> None:
        storage = self.objects.storage
        pending = storage.list(Upload, status="pending", order="asc", limit=1000)
        for upload in pending.data:
            if upload.expires_at <= now():
                storage.replace(upload, upload.changed(status="expired"))


def _check_pending(upload: Upload) -> None:
    if upload.status == "pending" and upload.expires_at <= now():
        # Expired, although the periodic task has not marked it yet.
        upload = upload.changed(status="expired")
    if upload.status != "pending":
        raise _closed(upload)


def _closed(upload: Upload) -> InvalidRequest:
    return InvalidRequest(
        f"Upload {upload.id} has status '{upload.status}' and does not accept this request."
    )
