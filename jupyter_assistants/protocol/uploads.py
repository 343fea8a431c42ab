"""Uploads: files that come in parts (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from jupyter_assistants.protocol.base import Body, MaxItems, Whole, WireObject
from jupyter_assistants.protocol.files import File, FileExpiration, Purpose

MAX_UPLOAD_BYTES = 8 * 1024 * 1024 * 1024
MAX_PART_BYTES = 64 * 1024 * 1024
LIFETIME = 3600
"""Seconds that an upload may take."""


class Upload(WireObject):
    """A file that is being sent in parts, or was."""

    kind: ClassVar[str] = "upload"
    internal: ClassVar[frozenset[str]] = frozenset({"mime_type", "expires_after"})

    object: Literal["upload"] = "upload"
    filename: str
    bytes: int
    purpose: Purpose
    status: Literal["pending", "completed", "cancelled", "expired"] = "pending"
    expires_at: int
    file: File | None = None
    mime_type: str = ""
    expires_after: FileExpiration | None = None


class UploadPart(WireObject):
    """Some of the bytes of an upload."""

    kind: ClassVar[str] = "upload.part"
    internal: ClassVar[frozenset[str]] = frozenset({"bytes", "sha256", "expires_at"})

    object: Literal["upload.part"] = "upload.part"
    upload_id: str
    bytes: int
    sha256: str
    expires_at: int

    @property
    def parent(self) -> str:
        """Return the upload's id."""
        return self.upload_id

    @property
    def blob(self) -> str:
        """Return the hash of the bytes."""
        return self.sha256

    @property
    def gone_at(self) -> int:
        """Return the time when the upload expires."""
        return self.expires_at


class CreateUpload(Body):
    """Body of ``POST /uploads``."""

    filename: str = Field(min_length=1)
    purpose: Literal[
        "assistants", "batch", "fine-tune", "vision", "user_data", "evals", "assistants_output"
    ]
    bytes: Whole = Field(ge=0, le=MAX_UPLOAD_BYTES)
    mime_type: str
    expires_after: FileExpiration | None = None


class CompleteUpload(Body):
    """Body of ``POST /uploads/{upload_id}/complete``.

    Parameters
    ----------
    part_ids
        The parts in the order in which they make up the file.
    md5
        The hexadecimal digest that the file must have.
    """

    part_ids: Annotated[list[str], MaxItems(10_000, named=False)]
    md5: str | None = None
