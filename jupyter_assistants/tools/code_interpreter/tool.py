"""The code interpreter: Python in a kernel, its outputs to the model, its files kept.

Outputs travel as nbformat dicts. This module derives everything else from them: the API's
``logs`` and ``image`` outputs, the text for the model, the file objects.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.base import (
    Executor,
    Handout,
    InputFile,
    Output,
    Produced,
    Result,
    Stopped,
)
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.protocol.errors import NotFound, ToolError
from jupyter_assistants.protocol.files import MAX_FILE_BYTES, File, FileExtension
from jupyter_assistants.protocol.ids import FILE, new_id, now
from jupyter_assistants.protocol.steps import (
    CallExtension,
    Changes,
    CodeInterpreter,
    CodeInterpreterCall,
    CodeOutput,
    ImageOutput,
    ImageRef,
    LogsOutput,
    StepFile,
)
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.redaction import Masker
from jupyter_assistants.tools.base import (
    CallStopped,
    Following,
    Progress,
    Tool,
    ToolContext,
    ToolParts,
    ToolResult,
)
from jupyter_assistants.tools.code_interpreter.approval import (
    VALID_SECONDS,
    Verdict,
    decide,
    question,
    sha256,
)
from jupyter_assistants.tools.code_interpreter.prompt import keep_text, model_text
from jupyter_assistants.tools.code_interpreter.streaming import CodeStream, LiveOutputs

RUN_PYTHON = "run_python"
ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
}
_CHUNK = 1 << 20
_REMEMBERED = 1000


class HostedCodeInterpreter(Tool):
    """The tool type ``code_interpreter``."""

    type = "code_interpreter"

    def __init__(self, parts: ToolParts) -> None:
        super().__init__(parts)
        self._storage = parts.storage
        self._executors = parts.executors
        self._caller = parts.caller
        self._timeout = parts.code_timeout
        self._max_approval = parts.max_approval
        self._images: OrderedDict[str, File] = OrderedDict()
        self._masker = Masker()
        self._facts: dict[str | None, dict[str, str]] = {}

    def spec(self) -> ToolSpec:
        """Return the function that the model is told of.

        It is not named ``python``: models with a built-in tool of that name send raw code for it
        and break off (notes/models.md section 1).
        """
        return ToolSpec(
            name=RUN_PYTHON,
            description="Run Python code in the user's Jupyter kernel and get its output. Names "
            "stay defined between calls. The value of the last expression is shown; so are "
            "matplotlib figures.",
            parameters={
                "type": "object",
                "properties": {"code": {"type": "string", "description": "Python code"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            strict=True,
        )

    async def prepare(self, context: ToolContext) -> None:
        """Learn what the kernel is; it starts with the first code only."""
        if context.run.jupyter.place == "kernel":
            kernel_id = _kernel_id(context)
            self._facts[kernel_id] = await self._executors.facts(kernel_id)

    def briefing(self, context: ToolContext) -> str:
        """Return the facts about the kernel and its folder."""
        if context.run.jupyter.place == "kernel":
            facts = self._facts.get(_kernel_id(context), {})
        else:
            facts = context.run.context.kernel if context.run.context else {}
        locked = context.run.jupyter.place == "kernel" and _sandboxed(context)
        language = find_language(facts.get("language", "python"))
        return language.briefing(facts, self._timeout, sandbox=locked)

    def begin(self, call_id: str, arguments: str) -> CodeInterpreterCall:
        """Return the step's tool call."""
        code = code_of(arguments) if arguments else ""
        return CodeInterpreterCall(id=call_id, code_interpreter=CodeInterpreter(input=code))

    def follow(self) -> Following:
        """Return what shows code while it is written."""
        return CodeStream().more

    async def call(
        self, call_id: str, arguments: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Run the code, or hand it out for an approval or for the caller to run."""
        code = code_of(arguments)
        place = await self._place(context)
        if place is not self._caller and place.live and not await self._trusted(context):
            return await asyncio.to_thread(
                question,
                code,
                kernel_id=_kernel_id(context) or "",
                place=place.place,
                max_approval=self._max_approval,
                language=self._facts.get(_kernel_id(context), {}).get("language", "python"),
            )
        async with self._stoppable(call_id, code, place, context):
            result = await self._run(place, code, context, progress)
        if isinstance(result, Handout):
            limit = {} if self._max_approval == "auto" else {"max_approval": self._max_approval}
            return Handout(result.name, result.arguments | limit)
        return await self._result(call_id, code, place, result, context)

    async def resume(
        self,
        call_id: str,
        arguments: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Take the caller's outputs, or run the code that a person has approved."""
        code = code_of(arguments)
        if context.run.jupyter.place == "caller":
            received = self._caller.receive(posted)
            return await self._result(call_id, code, self._caller, received, context)
        verdict = self._verdict(call_id, code, posted, context)
        if not verdict.code:
            return self._rejected(call_id, code, verdict, context)
        place = await self._place(context)
        note = await self._remember(context) if verdict.always else ""
        async with self._stoppable(call_id, verdict.code, place, context):
            result = await self._approved(place, verdict.code, context, progress)
        result = replace(result, note=" ".join(filter(None, [note, result.note])))
        result = replace(result, code="" if verdict.code == code else verdict.code)
        return await self._result(call_id, code, place, result, context)

    def _rejected(
        self, call_id: str, code: str, verdict: Verdict, context: ToolContext
    ) -> ToolResult:
        """Say that code was rejected; its kernel may be gone by now."""
        result = Result("rejected", note=self._masker.text(verdict.reason))
        return ToolResult(
            details=CodeInterpreterCall(id=call_id, code_interpreter=CodeInterpreter(input=code)),
            output=model_text(result, [], ""),
            extension=CallExtension(
                seconds=0.0,
                status=result.status,
                note=result.note or None,
                place=f"kernel {_kernel_id(context)}",
            ),
        )

    async def _trusted(self, context: ToolContext) -> bool:
        """Return whether code may run in the live kernel without asking."""
        if context.run.jupyter.approval == "auto":
            return self._max_approval == "auto"
        if self._max_approval == "ask":
            return False
        thread = await asyncio.to_thread(self._storage.get, Thread, context.thread.id)
        return thread.trusts(_kernel_id(context) or "")

    def _verdict(
        self, call_id: str, code: str, posted: dict[str, Any], context: ToolContext
    ) -> Verdict:
        asked = context.run.handed.get(call_id)
        kernel_id = _kernel_id(context) or ""
        return decide(posted, asked, code=code, kernel_id=kernel_id, now=now())

    async def _remember(self, context: ToolContext) -> str:
        """Keep that code of this thread runs in this kernel unasked; give what is to be said."""
        if self._max_approval == "ask":
            return "'Always in this thread' is switched off here, so it holds for this code only."
        kernel_id = _kernel_id(context) or ""

        def keep() -> None:
            thread = self._storage.get(Thread, context.thread.id)
            always = [*(thread.jupyter.always or []), kernel_id]
            mark = thread.jupyter.model_copy(update={"always": list(dict.fromkeys(always))})
            self._storage.save(thread.changed(jupyter=mark), owner=context.owner)

        await asyncio.to_thread(keep)
        return ""

    async def _approved(
        self, place: Executor, code: str, context: ToolContext, progress: Progress
    ) -> Result:
        until = time.monotonic() + VALID_SECONDS
        result = await self._run(place, code, context, progress, until)
        if isinstance(result, Handout):
            raise ToolError("the code was handed out twice")
        return result

    @contextlib.asynccontextmanager
    async def _stoppable(
        self, call_id: str, code: str, place: Executor, context: ToolContext
    ) -> AsyncIterator[None]:
        """Let code that is stopped give what it has given until then."""
        try:
            yield
        except Stopped as stopped:
            result = await self._result(call_id, code, place, stopped.result, context)
            raise CallStopped(result) from None

    async def _place(self, context: ToolContext) -> Executor:
        if context.run.jupyter.place == "caller":
            return self._caller
        return await self._executors.open(
            context.thread.id, kernel_id=_kernel_id(context), sandbox=_sandboxed(context)
        )

    async def _run(
        self,
        place: Executor,
        code: str,
        context: ToolContext,
        progress: Progress,
        until: float | None = None,
    ) -> Result | Handout:
        await place.prepare([self._input(file) for file in context.files])

        def keep(mime: str, data: bytes) -> Awaitable[File]:
            return self.keep_image(mime, data, context)

        live = LiveOutputs(keep, self._masker, progress)
        publishing = asyncio.create_task(live.publish())
        try:
            return await place.run(code, live.queue.put_nowait, context.attendant, until=until)
        finally:
            live.queue.put_nowait(None)
            await asyncio.shield(publishing)

    def _input(self, file: File) -> InputFile:
        digest = file.jupyter.sha256
        return InputFile(
            file.id, file.filename, file.bytes, digest, lambda: self._storage.open_file(digest)
        )

    async def _result(
        self, call_id: str, code: str, place: Executor, result: Result, context: ToolContext
    ) -> ToolResult:
        result = replace(
            result,
            outputs=[self._masker.output(output) for output in result.outputs],
            note=self._masker.text(result.note),
        )
        shown, images = await self.wire_outputs(result.outputs, context)
        files = [await self._keep(produced, context) for produced in result.files]
        kept = [file for file in files if file is not None]
        kept_at = await self._keep_text(call_id, place, result, context)
        text = model_text(result, [(f.filename, f.bytes) for f in kept], kept_at)
        ran = CodeInterpreter(input=result.code or code, outputs=shown)
        return ToolResult(
            details=CodeInterpreterCall(id=call_id, code_interpreter=ran),
            output=text,
            image_file_ids=images,
            kept_at=kept_at,
            extension=CallExtension(
                outputs=result.outputs,
                files=kept,
                seconds=round(result.seconds, 3),
                status=result.status,
                note=result.note or None,
                place=place.place,
                changes=Changes.model_validate(result.changes) if result.changes else None,
            ),
        )

    async def _keep_text(
        self, call_id: str, place: Executor, result: Result, context: ToolContext
    ) -> str:
        """Write a long output where later code can read it; a person's own folder stays clean."""
        if place is self._caller or place.live:
            return ""
        folder = self._executors.folder(context.thread.id)
        name = sha256(f"{context.run.id}/{call_id}")[:16]
        return await asyncio.to_thread(keep_text, folder, name, result)

    async def wire_outputs(
        self, outputs: Sequence[Output], context: ToolContext
    ) -> tuple[list[CodeOutput], list[str]]:
        """Derive the API's ``logs`` and ``image`` outputs; give them and the images' file ids."""
        shown: list[CodeOutput] = []
        ids: list[str] = []
        for output in outputs:
            images = nb.images([output])
            for mime, data in images:
                file = await self.keep_image(mime, data, context)
                ids.append(file.id)
                shown.append(ImageOutput(image=ImageRef(file_id=file.id)))
            logs = "" if images else nb.logs_text([output])
            if logs and shown and isinstance(shown[-1], LogsOutput):
                shown[-1] = LogsOutput(logs=shown[-1].logs + logs)
            elif logs:
                shown.append(LogsOutput(logs=logs))
        return shown, ids

    async def keep_image(self, mime: str, data: bytes, context: ToolContext) -> File:
        """Return the file of a displayed image; the same image of one run is one file."""
        digest = hashlib.sha256(data).hexdigest()
        known = f"{context.run.id}:{digest}"
        if known not in self._images:
            file_id = new_id(FILE)
            name = file_id + ENDINGS.get(mime, ".bin")
            self._images[known] = await asyncio.to_thread(
                self._write, [data], file_id, name, context
            )
            if len(self._images) > _REMEMBERED:
                self._images.popitem(last=False)
        return self._images[known]

    async def _keep(self, produced: Produced, context: ToolContext) -> StepFile | None:
        if produced.file_id is not None:
            return await asyncio.to_thread(self._given, produced, context)
        path = produced.path
        if path is None or not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return None

        def copy() -> File:
            with path.open("rb") as stream:
                pieces = iter(lambda: stream.read(_CHUNK), b"")
                return self._write(pieces, new_id(FILE), Path(produced.name).name, context)

        file = await asyncio.to_thread(copy)
        return StepFile(file_id=file.id, filename=produced.name, bytes=file.bytes)

    def _given(self, produced: Produced, context: ToolContext) -> StepFile | None:
        """Take a file that the caller has uploaded as one that this run's code wrote."""
        try:
            file = self._storage.get(File, produced.file_id or "", owner=context.owner)
        except NotFound:
            return None
        mark = file.jupyter.model_copy(
            update={"thread_id": context.thread.id, "run_id": context.run.id}
        )
        file = file.changed(jupyter=mark)
        self._storage.save(file, owner=context.owner)
        return StepFile(file_id=file.id, filename=produced.name, bytes=file.bytes)

    def _write(
        self, pieces: Iterable[bytes], file_id: str, name: str, context: ToolContext
    ) -> File:
        with self._storage.write_file() as writer:
            for piece in pieces:
                writer.write(piece)
            blob = writer.commit()
            mark = FileExtension(
                sha256=blob.sha256, thread_id=context.thread.id, run_id=context.run.id
            )
            file = File(
                id=file_id,
                created_at=now(),
                bytes=blob.bytes,
                filename=name,
                purpose="assistants_output",
                jupyter=mark,
            )
            # Inside the block, which keeps the bytes until the file names them.
            self._storage.save(file, owner=context.owner)
            return file


def code_of(arguments: str) -> str:
    """Return the code of a call; arguments that are no JSON are the code itself.

    Raises
    ------
    ToolError
        If they are JSON without code.
    """
    try:
        value = json.loads(arguments)
    except ValueError:
        return arguments
    code = value.get("code") if isinstance(value, dict) else value
    if not isinstance(code, str) or not code.strip():
        raise ToolError(f'{RUN_PYTHON} needs {{"code": "…"}} with Python code in it')
    return code


def _sandboxed(context: ToolContext) -> bool:
    """Return whether the thread or the assistant wants a sandbox."""
    return context.run.tool_resources.sandboxed(context.thread.tool_resources)


def _kernel_id(context: ToolContext) -> str | None:
    """Return the live kernel that the thread or the assistant names."""
    return context.run.tool_resources.live_kernel(context.thread.tool_resources)
