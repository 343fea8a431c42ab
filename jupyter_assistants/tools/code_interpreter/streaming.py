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

    async def publish(self) -> None:
        """Publish what is put into the queue, until None comes."""
        streams: dict[str, StreamMasker] = {}
        while (output := await self.queue.get()) is not None:
            if output["output_type"] == "stream":
                name = str(output.get("name"))
                stream = streams.setdefault(name, StreamMasker(self.masker))
                self._logs(stream.add(nb.logs_text([output])))
                continue
            self._rest(streams)
            await self._show(self.masker.output(output))
        self._rest(streams)

    def _rest(self, streams: dict[str, StreamMasker]) -> None:
        for stream in streams.values():
            self._logs(stream.finish())

    async def _show(self, output: Output) -> None:
        for mime, data in nb.images([output]):
            file = await self.keep(mime, data)
            self._send({"type": "image", "image": {"file_id": file.id}}, logs=False)
            return
        self._logs(nb.logs_text([output]))

    def _logs(self, text: str) -> None:
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


class CodeStream:
    """The code in arguments as they come; each time only what is new of it."""

    def __init__(self) -> None:
        self._arguments = ""
        self._shown = 0

    def more(self, arguments: str) -> dict[str, Any] | None:
        """Return the part of the step that these arguments add."""
        self._arguments += arguments
        code = partial_code(self._arguments)
        piece, self._shown = code[self._shown :], max(self._shown, len(code))
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
