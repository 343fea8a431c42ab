"""The tool ``code_interpreter``: one function for the model, one strategy for each executor."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.models.lenient_json import unfence
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.steps import (
    CallExtension,
    CodeInterpreter,
    CodeInterpreterCall,
)
from jupyter_assistants.tools.arguments import (
    kind_of,
    normalized,
    read_value,
    wrong_arguments,
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
from jupyter_assistants.tools.code_interpreter.prompt import DEFAULT_INSTRUCTIONS, DESCRIPTION
from jupyter_assistants.tools.code_interpreter.results import ResultWriter, foreign_title
from jupyter_assistants.tools.code_interpreter.strategy import (
    CodeStrategy,
    kernel_id_of,
    sandbox_wish_of,
)
from jupyter_assistants.tools.code_interpreter.streaming import CodeStream

RUN_PYTHON = "run_python"

# It is not named ``python``: models with a built-in tool of that name send raw code for it and
# break off.
_SPEC = ToolSpec(
    name=RUN_PYTHON,
    description=DESCRIPTION,
    parameters={
        "type": "object",
        "properties": {"code": {"type": "string", "description": "Python code"}},
        "required": ["code"],
        "additionalProperties": False,
    },
    strict=True,
)
_JSON_BEGINS = re.compile(r"""[\s\["'`(]*+\{""")


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
        """Return the function that the model sees."""
        description = DESCRIPTION.format(timeout=self.parts.code_timeout)
        return replace(_SPEC, description=description)

    def accept(self, arguments: str, context: ToolContext) -> str:
        """Return the arguments as JSON with the code that runs: this is what people see and approve."""
        code = self._strategy(context).runnable(code_of(arguments), context)
        return normalized(arguments, {"code": code})

    async def prepare(self, context: ToolContext) -> None:
        """Learn what the kernel is."""
        await self._strategy(context).prepare(context)

    def default_instructions(self) -> str:
        """Return role and manner of a data analyst."""
        return DEFAULT_INSTRUCTIONS

    def briefing(self, context: ToolContext) -> str:
        """Return how to work with code, and the facts about the kernel and its folder."""
        return self._strategy(context).briefing(context)

    def begin(self, call_id: str, arguments: str) -> CodeInterpreterCall:
        """Return the step's tool call; arguments without code are shown as they are."""
        try:
            code = code_of(arguments) if arguments else ""
        except ToolError:
            code = arguments
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
    """Return the code of a call; a text that neither is JSON nor looks like it is the code itself.

    Raises
    ------
    ToolError
        If there is no code, or it is not clear what the code is.
    """
    if not _is_json_like(arguments):
        return unfence(arguments)
    value = read_value(arguments, _SPEC)
    code = value.get("code") if isinstance(value, dict) else value
    if isinstance(value, dict) and "code" not in value:
        named = ", ".join(map(json.dumps, list(value)[:5])) or "nothing"
        raise wrong_arguments(_SPEC, f'there is no "code" in the arguments, but {named}')
    if not isinstance(code, str):
        raise wrong_arguments(_SPEC, f"the code has to be a text, and is {kind_of(code)}")
    code = _unwrapped(unfence(code))
    if not code.strip():
        raise wrong_arguments(_SPEC, "the code is empty")
    return code


def _is_json_like(arguments: str) -> bool:
    """Return whether arguments are JSON, or an attempt at it, which must never run as Python."""
    text = unfence(arguments)
    if not text.strip() or ("code" in text and _JSON_BEGINS.match(text)):
        return True
    try:
        parse_untrusted(text)
    except ValueError:
        return False
    return True


def _unwrapped(code: str) -> str:
    """Return the code in code that is a call's arguments once more."""
    if "code" not in code or not _JSON_BEGINS.match(code):
        return code
    try:
        value = read_value(code, _SPEC)
    except ToolError:
        return code
    inner = value.get("code") if isinstance(value, dict) and len(value) == 1 else None
    return unfence(inner) if isinstance(inner, str) else code
