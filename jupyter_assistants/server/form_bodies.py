"""Multipart forms, whose bytes go to disk as they arrive.

See docs/internals/protocol.md, "Files and uploads".
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from jupyter_assistants.api.forms import PART_FORM, Form, ReceivedFile
from jupyter_assistants.protocol.base import Body
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.files import display_name
from jupyter_assistants.protocol.validation import parse
from jupyter_assistants.server.bodies import BodyContent
from jupyter_assistants.storage.base import FileWriter

_BATCH = 1024 * 1024
_MAX_FIELD = 64 * 1024
_MAX_PARTS = 100
_FIELDS = frozenset({"purpose", "expires_after[anchor]", "expires_after[seconds]"})


class FormBody:
    """The body of one request that uploads bytes.

    Parameters
    ----------
    content_type
        The request's Content-Type, which names the boundary.
    open_file
        Opens a new file in storage for writing.
    form
        The layout of the form.
    fields
        The class of its other fields, or None for none.

    Raises
    ------
    InvalidRequest
        If the content type is not that of a form.
    """

    def __init__(
        self,
        content_type: str,
        open_file: Callable[[], FileWriter],
        form: Form,
        fields: type[Body] | None,
    ) -> None:
        self._form = _Reader(content_type, open_file, form, fields)
        self._batch = bytearray()
        # A thread writes to the disk. If the client leaves at that moment, close() must wait: the
        # file would be closed under the writer.
        self._lock = asyncio.Lock()

    async def receive(self, chunk: bytes) -> None:
        """Add the next bytes of the request; they reach the disk in batches."""
        self._batch += chunk
        if len(self._batch) >= _BATCH:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._batch = bytes(self._batch), bytearray()
        async with self._lock:
            await asyncio.to_thread(self._form.feed, batch)

    async def finish(self) -> BodyContent:
        """Commit the file, once the whole request has arrived.

        Raises
        ------
        InvalidRequest
            If a part is missing or wrong; nothing is committed then.
        """
        await self._flush()
        async with self._lock:
            return BodyContent(file=await asyncio.to_thread(self._form.finish))

    async def close(self) -> None:
        """Delete the file unless it was committed."""
        async with self._lock:
            await asyncio.to_thread(self._form.close)


class _Reader:
    """A parser of forms in pieces. Blocking: everything here runs in a thread, one call at a time."""

    def __init__(
        self,
        content_type: str,
        open_file: Callable[[], FileWriter],
        form: Form,
        fields: type[Body] | None,
    ) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise _unreadable(form)
        self._layout = form
        self._fields_class = fields
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
                    "on_end": self._form_end,
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

    def finish(self) -> ReceivedFile:
        if not self._whole:
            raise _unreadable(self._layout)
        if self._writer is None:
            raise _missing(self._layout.part)
        kind = self._fields_class
        # Before the commit: with a wrong field, nothing of the request may stay on the disk.
        fields = parse(kind, self._values()) if kind is not None else None
        return ReceivedFile(self._filename, self._writer.commit(), fields)

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

    def _form_end(self) -> None:
        self._whole = True


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
    )


def _unreadable(form: Form) -> InvalidRequest:
    parts = f"the part '{form.part}'" if form is PART_FORM else "the parts 'purpose' and 'file'"
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
