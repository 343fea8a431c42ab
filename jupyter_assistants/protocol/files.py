"""Files (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import JsonSchemaValue

from jupyter_assistants.protocol.base import (
    Body,
    Part,
    Sparse,
    Whole,
    WireObject,
    nulls_are_dropped,
)

Purpose = Literal[
    "assistants",
    "assistants_output",
    "batch",
    "batch_output",
    "evals",
    "fine-tune",
    "fine-tune-results",
    "user_data",
    "vision",
]
MAX_FILE_BYTES = 512 * 1024 * 1024
_MAX_NAME = 255
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class FileExtension(Sparse):
    """Extension field ``jupyter`` of a file.

    Parameters
    ----------
    sha256
        The hash of the bytes; it names them in the store.
    thread_id, run_id
        The run whose code wrote the file.
    apart
        Whether code finds it in the subfolder ``attached-files``: it came with an imported thread, or
        its name is that of a module.
    """

    sha256: str = ""
    apart: bool | None = None
    thread_id: str | None = None
    run_id: str | None = None


class File(WireObject):
    """Bytes under an id."""

    kind: ClassVar[str] = "file"

    object: Literal["file"] = "file"
    bytes: int
    filename: str
    purpose: Purpose
    status: Literal["uploaded", "processed", "error"] = "processed"
    expires_at: int | None = None
    status_details: str | None = None
    jupyter: FileExtension = FileExtension()

    @property
    def key(self) -> str:
        """Return the purpose."""
        return self.purpose

    @property
    def blob(self) -> str | None:
        """Return the hash of the bytes."""
        return self.jupyter.sha256 or None

    @property
    def gone_at(self) -> int | None:
        """Return the time when the file expires."""
        return self.expires_at

    @classmethod
    def describe_sent(cls, schema: JsonSchemaValue) -> None:
        """Describe fields that would be null as absent."""
        super().describe_sent(schema)
        nulls_are_dropped(schema)

    @model_serializer(mode="wrap")
    def _optional_fields_have_no_null(
        self, handler: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        return {k: v for k, v in handler(self).items() if v is not None}


class FileExpiration(Part):
    """When a file goes by itself."""

    anchor: Literal["created_at"]
    seconds: Whole = Field(ge=3600, le=2_592_000)


def display_name(filename: str) -> str:
    """Return the last part of a path of any system, fit to be shown.

    The store names bytes by their hash, so this is never a path of ours.
    """
    name = _CONTROLS.sub("", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return "upload" if name in ("", ".", "..") else name[-_MAX_NAME:]


class CreateFile(Body):
    """The form fields of ``POST /files``.

    ``assistants_output`` is accepted beyond the protocol: the notebook uses it for files that
    code in the user's kernel wrote.
    """

    purpose: Literal[
        "assistants", "batch", "fine-tune", "vision", "user_data", "evals", "assistants_output"
    ]
    expires_after: FileExpiration | None = None
