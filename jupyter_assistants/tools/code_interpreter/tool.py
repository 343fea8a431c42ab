"""The tool ``code_interpreter``: one function for the model, one strategy for each executor."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.steps import (
    CallExtension,
    CodeInterpreter,
    CodeInterpreterCall,
)
from jupyter_assistants.tools.base import (
    Following,
    Progress,
    Tool,
    ToolContext,
    ToolParts,
    ToolResult,
)
from jupyter_assistants.tools.code_interpreter.caller import CallerStrategy
from jupyter_assistants.tools.code_interpreter.live_kernel import LiveKernelStrategy
from jupyter_assistants.tools.code_interpreter.own_kernel import OwnKernelStrategy
from jupyter_assistants.tools.code_interpreter.results import ResultWriter, foreign_title
from jupyter_assistants.tools.code_interpreter.strategy import (
    CodeStrategy,
    kernel_id_of,
    sandbox_wish_of,
)
from jupyter_assistants.tools.code_interpreter.streaming import CodeStream

RUN_PYTHON = "run_python"


class HostedCodeInterpreter(Tool):
    """The tool type ``code_interpreter``."""

    type = "code_interpreter"

    def __init__(self, parts: ToolParts) -> None:
        super().__init__(parts)
        results = ResultWriter(parts.storage)
        self._caller = CallerStrategy(parts, results)
        self._live_kernel = LiveKernelStrategy(parts, results)
        self._own_kernel = OwnKernelStrategy(parts, results)

    def spec(self) -> ToolSpec:
        """Return the function that the model sees.

        It is not named ``python``: models with a built-in tool of that name send raw code for it
        and break off.
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
        """Learn what the kernel is."""
        await self._strategy(context).prepare(context)

    def briefing(self, context: ToolContext) -> str:
        """Return the facts about the kernel and its folder."""
        return self._strategy(context).briefing(context)

    def begin(self, call_id: str, arguments: str) -> CodeInterpreterCall:
        """Return the step's tool call."""
        code = code_of(arguments) if arguments else ""
        return CodeInterpreterCall(id=call_id, code_interpreter=CodeInterpreter(input=code))

    def extension(self, context: ToolContext) -> CallExtension | None:
        """Return the language of the code, so that no view takes it for Python meanwhile."""
        title = foreign_title(self._strategy(context).language(context))
        return None if title is None else CallExtension(language=title)

    def follow(self) -> Following:
        """Return what shows code while the model writes it."""
        return CodeStream().more

    async def call(
        self, call_id: str, arguments: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Run the code, or hand it out: for an approval, or for the caller to run."""
        strategy = self._strategy(context)
        return await strategy.call(call_id, code_of(arguments), context, progress)

    async def resume(
        self,
        call_id: str,
        arguments: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Continue with the caller's outputs, or with a person's decision."""
        strategy = self._strategy(context)
        return await strategy.resume(call_id, code_of(arguments), posted, context, progress)

    def _strategy(self, context: ToolContext) -> CodeStrategy:
        # The caller's kernel is somebody's live one. Code that has to be locked down is not handed
        # out, but runs in the thread's own kernel, and the caller shows its outputs.
        if context.run.jupyter.place == "caller" and not sandbox_wish_of(context):
            return self._caller
        return self._own_kernel if kernel_id_of(context) is None else self._live_kernel


def code_of(arguments: str) -> str:
    """Return the code of a call; arguments that are not JSON are the code itself.

    Raises
    ------
    ToolError
        If they are JSON without code.
    """
    try:
        value = parse_untrusted(arguments)
    except ValueError:
        return arguments
    code = value.get("code") if isinstance(value, dict) else value
    if not isinstance(code, str) or not code.strip():
        raise ToolError(f'{RUN_PYTHON} needs {{"code": "…"}} with Python code in it')
    return code
