"""Code in a person's live kernel: it runs only after that person has approved exactly this code.

The rules are those of docs/internals/approvals.md, "What an approval is bound to". A person may
allow all later code of the thread in this kernel, as far as the administrator's ceiling goes.
"""

from __future__ import annotations

import asyncio

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.tools.base import Progress, ToolContext, ToolResult
from jupyter_assistants.tools.code_interpreter.approval import question
from jupyter_assistants.tools.code_interpreter.kernel_strategy import KernelStrategy
from jupyter_assistants.tools.code_interpreter.strategy import kernel_id_of


class LiveKernelStrategy(KernelStrategy):
    """Asks the person, then runs the code in the kernel that they work in."""

    async def call(
        self, call_id: str, code: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Hand out the question whether the code may run, or run it where that is settled."""
        executor = await self.open(context)
        if await self._is_trusted(context):
            return await self.run(call_id, code, executor, context, progress)
        # In a thread, because the code, which may be long, is read for its hints.
        return await asyncio.to_thread(
            question,
            code,
            kernel_id=kernel_id_of(context) or "",
            place=executor.place,
            max_approval=self.parts.max_approval,
            language=self.language(context),
            files=[file.filename for file in context.files],
        )

    async def _is_trusted(self, context: ToolContext) -> bool:
        """Return whether code may run in the live kernel without a question."""
        if context.run.jupyter.approval == "auto":
            return self.parts.max_approval == "auto"
        if self.parts.max_approval == "ask":
            return False
        # Read again, because the person may have said "always" while this run was waiting.
        thread = await asyncio.to_thread(self.parts.storage.get, Thread, context.thread.id)
        return thread.trusts(kernel_id_of(context) or "")

    async def remember(self, context: ToolContext) -> str:
        """Mark the kernel as trusted by the thread, where the ceiling allows that."""
        if self.parts.max_approval == "ask":
            return "'Always in this thread' is switched off here, so it holds for this code only."
        kernel_id, storage = kernel_id_of(context) or "", self.parts.storage

        def mark() -> None:
            thread = storage.get(Thread, context.thread.id)
            always = [*(thread.jupyter.always or []), kernel_id]
            trusted = thread.jupyter.model_copy(update={"always": list(dict.fromkeys(always))})
            storage.save(thread.changed(jupyter=trusted), owner=context.owner)

        await asyncio.to_thread(mark)
        return ""
