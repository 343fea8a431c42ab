"""Code in a thread's own kernel: a person is asked where they are there and nothing holds the code."""

from __future__ import annotations

from pathlib import Path

from jupyter_assistants.kernels.base import Executor
from jupyter_assistants.tools.base import ToolContext
from jupyter_assistants.tools.code_interpreter.kernel_strategy import KernelStrategy


class OwnKernelStrategy(KernelStrategy):
    """Runs code in a kernel that the pool starts for the thread."""

    is_live = False

    def output_folder(self, context: ToolContext) -> Path:
        """Return the folder beside the thread's, where later code can read long outputs."""
        return self.parts.executors.outputs_folder(context.thread.id)

    def approval_id(self, context: ToolContext) -> str:
        """Return the thread's id: kernels of its own come and go, and hold nothing but its code."""
        return context.thread.id

    def needs_approval(self, executor: Executor, context: ToolContext) -> bool:
        """Return whether the code would have the person's rights, and the person can be asked.

        Programs and the command line are not asked: nobody there would answer, and they have
        always run code unasked (docs/internals/approvals.md, "Who is asked").
        """
        return bool(context.run.jupyter.attended) and not executor.sandboxed
