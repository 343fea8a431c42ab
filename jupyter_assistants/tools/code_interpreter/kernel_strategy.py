"""Code that the server executes in a kernel: where a person has to approve it, after they did.

The rules are those of docs/internals/approvals.md, "What an approval is bound to". A person may
allow all later code of the thread in its kernel, as far as the administrator's ceiling goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels.base import Executor, Handout, InputFile, Result, Stopped
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.steps import CallExtension, CodeInterpreter, CodeInterpreterCall
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.tools.base import CallStopped, Progress, ToolContext, ToolParts, ToolResult
from jupyter_assistants.tools.code_interpreter.approval import (
    VALID_SECONDS,
    Verdict,
    decide,
    question,
)
from jupyter_assistants.tools.code_interpreter.output_text import model_text
from jupyter_assistants.tools.code_interpreter.results import ResultWriter, foreign_title
from jupyter_assistants.tools.code_interpreter.strategy import (
    CodeStrategy,
    kernel_id_of,
    sandbox_wish_of,
)
from jupyter_assistants.tools.code_interpreter.streaming import LiveOutputs


class KernelStrategy(CodeStrategy):
    """Runs code through jupyter_client."""

    def __init__(self, parts: ToolParts, results: ResultWriter) -> None:
        super().__init__(parts, results)
        self._facts: dict[str | None, Mapping[str, str]] = {}

    async def prepare(self, context: ToolContext) -> None:
        """Learn what the kernel is; it starts with the first code only."""
        kernel_id = kernel_id_of(context)
        self._facts[kernel_id] = await self.parts.executors.facts(kernel_id)

    def facts(self, context: ToolContext) -> Mapping[str, str]:
        """Return what the kernel said about itself."""
        return self._facts.get(kernel_id_of(context), {})

    def is_sandboxed(self, context: ToolContext) -> bool:
        """Return whether the thread or the assistant wants a sandbox, or the thread had one."""
        wish = sandbox_wish_of(context)
        if kernel_id_of(context) is not None:
            return bool(wish)
        return self.parts.executors.is_sandboxed(context.thread.id, wish)

    def output_folder(self, context: ToolContext) -> Path | None:
        """Return where long outputs are saved for later code."""
        return None

    @abstractmethod
    def approval_id(self, context: ToolContext) -> str:
        """Return the id that approvals are bound to: the kernel's, or that of its thread."""

    @abstractmethod
    def needs_approval(self, executor: Executor, context: ToolContext) -> bool:
        """Return whether a person has to approve code before it runs, unless they did for all."""

    async def call(
        self, call_id: str, code: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Hand out the question whether the code may run, or run it where that is settled."""
        executor = await self.open(context)
        if not self.needs_approval(executor, context) or await self._is_trusted(context):
            async with self._stoppable(call_id, code, executor, context):
                result = await self.execute(executor, code, context, progress)
            return await self._write(call_id, code, executor, result, context)
        # In a thread, because the code, which may be long, is read for its hints.
        return await asyncio.to_thread(
            question,
            code,
            kernel_id=self.approval_id(context),
            place=executor.place,
            max_approval=self.parts.max_approval,
            language=self.language(context),
            files=[file.filename for file in context.files],
            own=not executor.live,
        )

    async def _is_trusted(self, context: ToolContext) -> bool:
        """Return whether code may run without a question where an approval is needed."""
        if context.run.jupyter.approval == "auto":
            return self.parts.max_approval == "auto"
        if self.parts.max_approval == "ask":
            return False
        # Read again, because the person may have said "always" while this run was waiting.
        thread = await asyncio.to_thread(self.parts.storage.get, Thread, context.thread.id)
        return thread.trusts(self.approval_id(context))

    async def resume(
        self,
        call_id: str,
        code: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Run the code that a person has approved.

        The question is checked against the kernel of this moment: the thread may name another one,
        or none, than when the person was asked.
        """
        asked = context.run.handed.get(call_id)
        kernel_id = self.approval_id(context)
        verdict = decide(posted, asked, code=code, kernel_id=kernel_id, now=now())
        if not verdict.code:
            return self._rejected(call_id, code, verdict, context)
        executor = await self.open(context)
        note = await self.remember(context) if verdict.always else ""
        async with self._stoppable(call_id, verdict.code, executor, context):
            # The approval holds for some minutes only, also while a busy kernel lets it wait.
            until = time.monotonic() + VALID_SECONDS
            result = await self.execute(executor, verdict.code, context, progress, until)
        result = replace(
            result,
            note=" ".join(filter(None, [note, result.note])),
            code="" if verdict.code == code else verdict.code,
        )
        return await self._write(call_id, code, executor, result, context)

    async def remember(self, context: ToolContext) -> str:
        """Record that later code of the thread needs no question; return a note for the person."""
        if self.parts.max_approval == "ask":
            return "'Always in this thread' is switched off here, so it holds for this code only."
        trusted, storage = self.approval_id(context), self.parts.storage

        def mark() -> None:
            thread = storage.get(Thread, context.thread.id)
            always = list(dict.fromkeys([*(thread.jupyter.always or []), trusted]))
            extension = thread.jupyter.model_copy(update={"always": always})
            storage.save(thread.changed(jupyter=extension), owner=context.owner)

        await asyncio.to_thread(mark)
        return ""

    async def open(self, context: ToolContext) -> Executor:
        """Return the executor of the run's thread."""
        return await self.parts.executors.open(
            context.thread.id, kernel_id=kernel_id_of(context), sandbox=sandbox_wish_of(context)
        )

    async def execute(
        self,
        executor: Executor,
        code: str,
        context: ToolContext,
        progress: Progress,
        until: float | None = None,
    ) -> Result:
        """Put the run's files into the folder, run code, and publish outputs as they come."""
        await executor.prepare([self._input_file(file) for file in context.files])

        def store(mime: str, data: bytes) -> Awaitable[File]:
            return self.results.store_image(mime, data, context)

        live = LiveOutputs(store, self.results.masker, progress)
        publishing = asyncio.create_task(live.publish())
        try:
            result = await executor.run(code, live.queue.put_nowait, context.attendant, until=until)
        finally:
            live.queue.put_nowait(None)
            # Also when the run is cancelled: what came is published before its end.
            await asyncio.shield(publishing)
        if isinstance(result, Handout):
            raise ToolError("the kernel's executor handed the code out")
        return result

    def _input_file(self, file: File) -> InputFile:
        digest = file.jupyter.sha256
        storage = self.parts.storage
        return InputFile(
            file.id, file.filename, file.bytes, digest, lambda: storage.open_file(digest)
        )

    @contextlib.asynccontextmanager
    async def _stoppable(
        self, call_id: str, code: str, executor: Executor, context: ToolContext
    ) -> AsyncIterator[None]:
        """Turn code that was stopped into a call that ends with its partial result."""
        try:
            yield
        except Stopped as stopped:
            result = await self._write(call_id, code, executor, stopped.result, context)
            raise CallStopped(result) from None

    async def _write(
        self, call_id: str, code: str, executor: Executor, result: Result, context: ToolContext
    ) -> ToolResult:
        return await self.results.write(
            call_id,
            code,
            result,
            context,
            place=executor.place,
            language=self.language(context),
            folder=self.output_folder(context),
            live=self.is_live,
        )

    def _rejected(
        self, call_id: str, code: str, verdict: Verdict, context: ToolContext
    ) -> ToolResult:
        """Return the answer for rejected code; it needs no kernel, which may be gone by now."""
        result = Result("rejected", note=self.results.masker.text(verdict.reason))
        return ToolResult(
            details=CodeInterpreterCall(id=call_id, code_interpreter=CodeInterpreter(input=code)),
            output=model_text(result, [], ""),
            extension=CallExtension(
                seconds=0.0,
                status=result.status,
                note=result.note or None,
                place=f"kernel {self.approval_id(context)}",
                language=foreign_title(self.language(context)),
            ),
        )
