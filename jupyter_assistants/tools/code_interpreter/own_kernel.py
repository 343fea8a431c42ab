"""Code in a thread's own kernel: nobody is asked, because nothing of a person is in it."""

from __future__ import annotations

from pathlib import Path

from jupyter_assistants.tools.base import Progress, ToolContext, ToolResult
from jupyter_assistants.tools.code_interpreter.kernel_strategy import KernelStrategy


class OwnKernelStrategy(KernelStrategy):
    """Runs code in a kernel that the pool starts for the thread."""

    is_live = False

    def output_folder(self, context: ToolContext) -> Path:
        """Return the thread's folder, where later code can read long outputs."""
        return self.parts.executors.folder(context.thread.id)

    async def call(
        self, call_id: str, code: str, context: ToolContext, progress: Progress
    ) -> ToolResult:
        """Run the code."""
        executor = await self.open(context)
        return await self.run(call_id, code, executor, context, progress)
