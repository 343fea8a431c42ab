"""Code in a person's live kernel: it runs only after that person has approved exactly this code."""

from __future__ import annotations

from jupyter_assistants.kernels.base import Executor
from jupyter_assistants.tools.base import ToolContext
from jupyter_assistants.tools.code_interpreter.kernel_strategy import KernelStrategy
from jupyter_assistants.tools.code_interpreter.strategy import kernel_id_of


class LiveKernelStrategy(KernelStrategy):
    """Asks the person, then runs the code in the kernel that they work in."""

    def approval_id(self, context: ToolContext) -> str:
        """Return the kernel's id: "always" ends with the kernel."""
        return kernel_id_of(context) or ""

    def needs_approval(self, executor: Executor, context: ToolContext) -> bool:
        """Return True: their variables are in it, and it may do whatever they may."""
        return True
