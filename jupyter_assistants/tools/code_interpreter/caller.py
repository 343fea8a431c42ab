"""Code that whoever started the run executes: the cell, or a client that runs code itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.tools.base import Progress, ToolContext, ToolResult
from jupyter_assistants.tools.code_interpreter.strategy import CodeStrategy


class CallerStrategy(CodeStrategy):
    """Hands code out; the approval is the caller's business, since the kernel is theirs."""

    def facts(self, context: ToolContext) -> Mapping[str, str]:
        """Return what the caller said about its kernel when it started the run."""
        return context.run.context.kernel if context.run.context else {}

    async def call(
        self, call_id: str, code: str, context: ToolContext, progress: Progress
    ) -> Handout:
        """Hand the code out."""
        handout = await self.parts.caller.run(code, lambda output: None)
        if not isinstance(handout, Handout):
            raise ToolError("the caller's executor did not hand the code out")
        # The caller's card offers no more than the administrator allows.
        ceiling = self.parts.max_approval
        limit = {} if ceiling == "auto" else {"max_approval": ceiling}
        return Handout(handout.name, handout.arguments | limit)

    async def resume(
        self,
        call_id: str,
        code: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Return the outputs that the caller posted."""
        result = self.parts.caller.receive(posted)
        place, language = self.parts.caller.place, self.language(context)
        return await self.results.write(
            call_id, code, result, context, place=place, language=language, live=True
        )
