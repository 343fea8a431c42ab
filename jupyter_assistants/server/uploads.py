"""Uploads: a multipart form that goes to disk as it arrives (protocol.md section 2.6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from jupyter_assistants.protocol.base import Body
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest, TooLarge
from jupyter_assistants.protocol.files import MAX_FILE_BYTES, CreateFile, display_name
from jupyter_assistants.protocol.uploads import MAX_PART_BYTES
from jupyter_assistants.protocol.validation import parse
from jupyter_assistants.storage.base import Blob, FileWriter

_BATCH = 1024 * 1024
_MAX_FIELD = 64 * 1024
_MAX_PARTS = 100
_FIELDS = frozenset({"purpose", "expires_after[anchor]", "expires_after[seconds]"})


@dataclass(frozen=True)
class Form:
    """What one kind of form holds.

    Parameters
    ----------
    part
        The name of the part that holds the bytes.
    limit
        The most bytes that it may have.
    too_large
        Gives the error for more.
    body
        The class of its other fields, or None for none.
    """

    part: str
    limit: int
    too_large: Callable[[int], AssistantsError]
    body: type[Body] | None = None

    @property
    def longest(self) -> int:
        """Return the bytes of the longest request: the form is written around the part."""
        return self.limit + 1024 * 1024


@dataclass(frozen=True)
class Uploaded:
    """A whole form, its bytes in the store.

    Parameters
    ----------
    body
        The other fields; None if the form has none.
    """

    filename: str
    body: Any
    blob: Blob


class Upload:
    """The body of one request that uploads bytes.

    Parameters
    ----------
    content_type
        The request's Content-Type, which names the boundary.
    open_file
        Opens a file of the store for writing.
    form
        What the form holds.

    Raises
    ------
    InvalidRequest
        If the content type is not that of a form.
    """

    def __init__(
        self, content_type: str, open_file: Callable[[], FileWriter], form: Form | None = None
    ) -> None:
        self._form = _Reader(content_type, open_file, form or FORMS["create_file"])
        self._batch = bytearray()
        # The disk is written to in a thread. A client that goes away in that moment must not have
        # its file closed under the writer.
        self._turn = asyncio.Lock()

    async def take(self, chunk: bytes) -> None:
        """Take the next bytes of the request; they reach the disk in batches."""
        self._batch += chunk
        if len(self._batch) >= _BATCH:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._batch = bytes(self._batch), bytearray()
        async with self._turn:
            await asyncio.to_thread(self._form.feed, batch)

    async def finish(self) -> Uploaded:
        """Keep the file, once the whole request is there.

        Raises
        ------
        InvalidRequest
            If a part is missing or wrong; nothing is kept then.
        """
        await self._flush()
        async with self._turn:
            return await asyncio.to_thread(self._form.finish)

    async def close(self) -> None:
        """Drop the file unless it was kept."""
        async with self._turn:
            await asyncio.to_thread(self._form.close)


class _Reader:
    """Reads a form in pieces. Blocking: everything here runs in a thread, one call at a time."""

    def __init__(self, content_type: str, open_file: Callable[[], FileWriter], form: Form) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise _unreadable(form)
        self._layout = form
        with _form_errors(form):
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
            )
        self._open_file = open_file
        self._closing = contextlib.ExitStack()
        self._writer: FileWriter | None = None
        self._filename = ""
        self._fields: dict[str, bytearray] = {}
        self._size = self._parts = 0
        self._whole = False
        self._field: bytearray | None = None
        self._in_file = False
        self._name = self._value = b""
        self._headers: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> None:
        with _form_errors(self._layout):
            self._parser.write(data)

    def finish(self) -> Uploaded:
        if not self._whole:
            raise _unreadable(self._layout)
        if self._writer is None:
            raise _missing(self._layout.part)
        kind = self._layout.body
        body = parse(kind, self._values()) if kind is not None else None
        return Uploaded(self._filename, body, self._writer.commit())

    def close(self) -> None:
        self._writer = None
        self._closing.close()

    def _values(self) -> dict[str, Any]:
        texts = {name: bytes(raw).decode(errors="replace") for name, raw in self._fields.items()}
        prefix = "expires_after["
        expiry = {
            name.removeprefix(prefix).rstrip("]"): text
            for name, text in texts.items()
            if name.startswith(prefix)
        }
        values: dict[str, Any] = {k: v for k, v in texts.items() if not k.startswith(prefix)}
        return values | ({"expires_after": expiry} if expiry else {})

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise InvalidRequest(f"The form of your request has more than {_MAX_PARTS} parts.")
        self._headers, self._name, self._value = {}, b"", b""
        self._field, self._in_file = None, False

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        _, options = parse_options_header(disposition)
        name = options.get(b"name", b"").decode(errors="replace")
        if name == self._layout.part:
            self._begin_file(options.get(b"filename", b"").decode(errors="replace"))
        elif name in _FIELDS:
            self._field = self._fields[name] = bytearray()

    def _begin_file(self, filename: str) -> None:
        if self._writer is not None:
            part = self._layout.part
            raise InvalidRequest(f"Only one '{part}' can be uploaded in a request.", param=part)
        self._filename = display_name(filename)
        self._writer = self._closing.enter_context(self._open_file())
        self._in_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file and self._writer is not None:
            self._size += end - start
            if self._size > self._layout.limit:
                raise self._layout.too_large(self._layout.limit)
            self._writer.write(data[start:end])
        elif self._field is not None:
            if len(self._field) + end - start > _MAX_FIELD:
                raise InvalidRequest("A field of the form of your request is too long.")
            self._field += data[start:end]

    def _end(self) -> None:
        self._whole = True


def _too_large_file(limit: int) -> AssistantsError:
    return TooLarge(
        f"Invalid 'file': file too large. Expected at most {limit} bytes.", param="file"
    )


def _too_large_part(limit: int) -> AssistantsError:
    return InvalidRequest(
        f"Invalid 'data': part too large. Expected at most {limit} bytes.", param="data"
    )


FORMS = {
    "create_file": Form("file", MAX_FILE_BYTES, _too_large_file, CreateFile),
    "create_upload_part": Form("data", MAX_PART_BYTES, _too_large_part),
}
"""The operations that take a form."""

MAX_FORM_BYTES = FORMS["create_file"].longest
"""The longest request of all: a file of the largest size, and the form around it."""


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
    )


def _unreadable(form: Form) -> InvalidRequest:
    parts = f"the part '{form.part}'" if form.body is None else "the parts 'purpose' and 'file'"
    return InvalidRequest(
        "We could not parse the multipart form of your request. Send it as multipart/form-data "
        f"with {parts}."
    )


@contextlib.contextmanager
def _form_errors(form: Form) -> Iterator[None]:
    try:
        yield
    except FormParserError:
        raise _unreadable(form) from None
