"""Operations on uploads: files that come in parts (protocol.md sections 4.7 and 7.9)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from jupyter_assistants.api.files import FileOperations, new_file
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
from jupyter_assistants.storage.base import Blob, FileWriter

_PIECE = 1024 * 1024


class UploadOperations(FileOperations):
    """Begin, fill, complete and cancel uploads."""

    async def create_upload(self, owner: str, body: CreateUpload) -> Upload:
        """Begin an upload, which stays open for an hour."""
        fields = body.given() | {"filename": display_name(body.filename)}
        created = now()
        upload = Upload(
            id=new_id(UPLOAD), created_at=created, expires_at=created + LIFETIME, **fields
        )
        await self.put(upload, owner=owner)
        return upload

    async def create_upload_part(self, owner: str, upload_id: str, blob: Blob) -> UploadPart:
        """Add bytes to an upload, in any order.

        Raises
        ------
        InvalidRequest
            If the upload is completed, cancelled or expired.
        """
        upload = await self._pending(owner, upload_id)
        part = UploadPart(
            id=new_id(PART),
            created_at=now(),
            upload_id=upload_id,
            bytes=blob.bytes,
            sha256=blob.sha256,
            expires_at=upload.expires_at,
        )
        await self.put(part, owner=owner)
        return part

    async def complete_upload(self, owner: str, upload_id: str, body: CompleteUpload) -> Upload:
        """Join the parts in the order given into a file.

        Raises
        ------
        InvalidRequest
            If the upload is not pending any more, or its bytes are not as declared. The upload
            then stays as it is.
        """
        upload = await self._pending(owner, upload_id)
        return await asyncio.to_thread(self._complete, owner, upload, body)

    async def cancel_upload(self, owner: str, upload_id: str) -> Upload:
        """Cancel an upload and drop its parts.

        Raises
        ------
        InvalidRequest
            If the upload is not pending any more.
        """
        upload = await self._pending(owner, upload_id)
        return await asyncio.to_thread(self._end, owner, upload.changed(status="cancelled"))

    async def expire_uploads(self) -> None:
        """Mark uploads as expired whose hour is over; their parts expire by themselves."""
        await asyncio.to_thread(self._expire_uploads)

    async def _pending(self, owner: str, upload_id: str) -> Upload:
        upload = await self.get(Upload, upload_id, owner)
        if upload.status == "pending" and upload.expires_at <= now():
            upload = upload.changed(status="expired")
        if upload.status != "pending":
            raise _closed(upload)
        return upload

    def _complete(self, owner: str, upload: Upload, body: CompleteUpload) -> Upload:
        try:
            return self._complete_once(owner, upload, body)
        except (NotFound, StorageError):
            # Another request may have ended the upload meanwhile, and its parts with it.
            current = self.storage.get(Upload, upload.id, owner=owner)
            if current.status != "pending":
                raise _closed(current) from None
            raise

    def _complete_once(self, owner: str, upload: Upload, body: CompleteUpload) -> Upload:
        parts = self._parts(owner, upload, body.part_ids)
        held = sum(part.bytes for part in parts)
        if held != upload.bytes:
            text = f"Upload {upload.id} declared {upload.bytes} bytes, but its parts hold {held}."
            raise InvalidRequest(text, param="part_ids")
        with self.storage.write_file() as writer:
            md5 = self._join(parts, writer)
            if body.md5 is not None and body.md5.lower() != md5:
                text = "The md5 checksum of the uploaded bytes does not match."
                raise InvalidRequest(text, param="md5")
            blob = writer.commit()
            file = new_file(upload.filename, upload.purpose, blob, upload.expires_after)
            return self._end(owner, upload.changed(status="completed", file=file))

    def _parts(self, owner: str, upload: Upload, ids: Sequence[str]) -> list[UploadPart]:
        parts = []
        for part_id in ids:
            try:
                part = self.storage.get(UploadPart, part_id, owner=owner)
            except NotFound as error:
                raise NotFound(error.message, param="part_ids") from None
            if part.upload_id != upload.id:
                raise NotFound.of(UploadPart.kind, part_id, param="part_ids")
            parts.append(part)
        return parts

    def _join(self, parts: Sequence[UploadPart], writer: FileWriter) -> str:
        """Copy the parts piece by piece and give the md5 of the whole."""
        md5 = hashlib.md5(usedforsecurity=False)
        for part in parts:
            with self.storage.open_file(part.sha256) as source:
                while piece := source.read(_PIECE):
                    md5.update(piece)
                    writer.write(piece)
        return md5.hexdigest()

    def _end(self, owner: str, upload: Upload) -> Upload:
        """Storage the upload in its last state, once, and drop its parts."""
        if not self.storage.claim_once(f"upload/{upload.id}"):
            raise _closed(self.storage.get(Upload, upload.id))
        made = [upload.file] if upload.file is not None else []
        self.storage.save(*made, upload, owner=owner)
        while parts := self.storage.list(UploadPart, parent=upload.id, limit=100).data:
            self.storage.delete(*(part.id for part in parts))
        return upload

    def _expire_uploads(self) -> None:
        pending = self.storage.list(Upload, status="pending", order="asc", limit=1000)
        for upload in pending.data:
            if upload.expires_at <= now() and self.storage.claim_once(f"upload/{upload.id}"):
                owner = self.storage.owner_of(upload.id)
                self.storage.save(upload.changed(status="expired"), owner=owner)


def _closed(upload: Upload) -> InvalidRequest:
    return InvalidRequest(
        f"Upload {upload.id} has status '{upload.status}' and does not accept this request."
    )
