"""The code interpreter's step while it goes on: code as it is written, outputs as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.base import Output
from jupyter_assistants.protocol.files import File
from jupyter_assistants.redaction import Masker, StreamMasker
from jupyter_assistants.tools.base import Progress

_MAX_LIVE_TEXT = 1_000_000
_LONGEST_UNREAD = 64 * 1024
_LONG = 64 * 1024
_STREAM: Output = {"output_type": "stream"}
_CODE_BEGINS = '{"code": "'


@dataclass
class LiveOutputs:
    """Publishes outputs while code runs: a file is stored before its delta is told.

    Parameters
    ----------
    keep
        Stores an image.
    masker
        Takes out secrets.
    """

    keep: Callable[[str, bytes], Awaitable[File]]
    masker: Masker
    progress: Progress
    queue: asyncio.Queue[Output | None] = field(default_factory=asyncio.Queue)
    count: int = 0
    logging: bool = False
    size: int = 0
    lines: nb.LogLines = field(default_factory=nb.LogLines)

    async def publish(self) -> None:
        """Publish what is put into the queue, until None comes."""
        streams: dict[str, StreamMasker] = {}
        while (output := await self.queue.get()) is not None:
            if output["output_type"] == "stream":
                name = str(output.get("name"))
                stream = streams.setdefault(name, StreamMasker(self.masker))
                self._logs(await _read(stream.add, output), output)
                continue
            await self._show_rest(streams)
            await self._show(output)
        await self._show_rest(streams)

    async def _show_rest(self, streams: dict[str, StreamMasker]) -> None:
        for stream in streams.values():
            # One endless word is held back whole.
            self._logs(await asyncio.to_thread(stream.finish), _STREAM)

    async def _show(self, output: Output) -> None:
        for mime, data in nb.images([output]):
            file = await self.keep(mime, data)
            self._send({"type": "image", "image": {"file_id": file.id}}, logs=False)
            self.lines = nb.LogLines()
            return
        self._logs(await _read(self.masker.text, output), output)

    def _logs(self, text: str, output: Output) -> None:
        text = self.lines.separated(text, output)
        room = _MAX_LIVE_TEXT - self.size
        if text and room > 0:
            self.size += len(text)
            self._send({"type": "logs", "logs": text[:room]}, logs=True)

    def _send(self, part: dict[str, Any], *, logs: bool) -> None:
        if not (logs and self.logging):
            self.count += 1
        self.logging = logs
        piece = {"index": self.count - 1, **part}
        self.progress({"type": "code_interpreter", "code_interpreter": {"outputs": [piece]}})


async def _read(mask: Callable[[str], str], output: Output) -> str:
    """Return what an output says, without secrets."""

    def read() -> str:
        return mask(nb.logs_text([output]))

    # Code may show megabytes at once, and the event loop serves everybody.
    return await asyncio.to_thread(read) if _length(output) > _LONG else read()


def _length(output: Output) -> int:
    """Return how many characters of an output are read."""
    texts = [output.get("text"), output.get("evalue"), *(output.get("traceback") or ())]
    texts += (output.get("data") or {}).values()
    return sum(len(each) for each in texts if isinstance(each, str))


class CodeStream:
    """The code in arguments as they come; each time only what is new of it.

    Only the end of the arguments is read again with each piece: what was shown of a text that goes
    on is replaced by the beginning of a text.
    """

    def __init__(self) -> None:
        self._arguments = ""
        self._shown = 0

    def more(self, arguments: str) -> dict[str, Any] | None:
        """Return the part of the step that these arguments add."""
        if len(self._arguments) > _LONGEST_UNREAD:
            # What is not code does not show, and would be read again with each piece of it.
            return None
        self._arguments += arguments
        code = partial_code(self._arguments)
        piece, self._shown = code[self._shown :], max(self._shown, len(code))
        if partial_code(f"{self._arguments}x") == f"{code}x":
            self._arguments, self._shown = _CODE_BEGINS, 0
        if not piece:
            return None
        return {"type": "code_interpreter", "code_interpreter": {"input": piece}}


def partial_code(arguments: str) -> str:
    """Return the code in JSON arguments that may not be complete yet."""
    try:
        value = from_json(arguments, allow_partial="trailing-strings")
    except ValueError:
        return ""
    code = value.get("code", "") if isinstance(value, dict) else ""
    return code if isinstance(code, str) else ""
