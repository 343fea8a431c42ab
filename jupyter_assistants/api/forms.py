"""The multipart forms that two operations receive instead of JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jupyter_assistants.protocol.base import Body
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest, TooLarge
from jupyter_assistants.protocol.files import MAX_FILE_BYTES
from jupyter_assistants.protocol.uploads import MAX_PART_BYTES
from jupyter_assistants.storage.base import Blob


@dataclass
class Form:
    """The layout of one kind of form.

    Parameters
    ----------
    part
        Name of the part that carries the bytes.
    limit
        Most bytes that this part may have.
    too_large
        Returns the error for a longer one, given the limit.
    """

    part: str
    limit: int
    too_large: Callable[[int], AssistantsError]

    @property
    def longest(self) -> int:
        """Return the bytes of the longest request: the part, and the form around it."""
        return self.limit + 1024 * 1024


@dataclass(frozen=True)
class ReceivedFile:
    """A whole form. Its bytes are in storage, but no object owns them yet.

    Parameters
    ----------
    fields
        The other fields of the form, validated; None if it has none.
    """

    filename: str
    blob: Blob
    fields: Body | None = None


def _too_large_file(limit: int) -> AssistantsError:
    return TooLarge(
        f"Invalid 'file': file too large. Expected at most {limit} bytes.", param="file"
    )


def _too_large_part(limit: int) -> AssistantsError:
    return InvalidRequest(
        f"Invalid 'data': part too large. Expected at most {limit} bytes.", param="data"
    )


FILE_FORM = Form("file", MAX_FILE_BYTES, _too_large_file)
PART_FORM = Form("data", MAX_PART_BYTES, _too_large_part)
