"""The port of executors as the code interpreter sees them: one strategy for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.tools.base import Progress, ToolContext, ToolParts, ToolResult
from jupyter_assistants.tools.code_interpreter.results import ResultWriter


class CodeStrategy(ABC):
    """How code of a run is executed, by one kind of executor."""

    def __init__(self, parts: ToolParts, results: ResultWriter) -> None:
        self.parts = parts
        self.results = results

    async def prepare(self, context: ToolContext) -> None:
        """Get ready, before the model is asked for the first time."""
        return

    @abstractmethod
    def facts(self, context: ToolContext) -> Mapping[str, str]:
        """Return what the kernel said about itself; empty if nobody knows."""

    def language(self, context: ToolContext) -> str:
        """Return the name of the kernel's language."""
        return self.facts(context).get("language", "python")

    def briefing(self, context: ToolContext) -> str:
        """Return what the model has to know about the kernel and its folder."""
        language = find_language(self.language(context))
        facts, sandbox = self.facts(context), self.is_sandboxed(context)
        text = language.briefing(facts, self.parts.code_timeout, sandbox=sandbox)
        return " ".join(filter(None, [text, facts.get("limits", "")]))

    def is_sandboxed(self, context: ToolContext) -> bool:
        """Return whether the code runs locked down."""
        return False

    @abstractmethod
    async def call(
        self, call_id: str, code: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Run code, or hand it out."""

    @abstractmethod
    async def resume(
        self,
        call_id: str,
        code: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Continue a call that was handed out, with what the client posted."""


def sandbox_wish_of(context: ToolContext) -> bool | None:
    """Return whether the code of a run has to run in a sandbox; None: as in its thread before.

    All that starts a kernel or hands code out goes by this (docs/internals/sandbox.md, "It holds
    everywhere or the run fails").
    """
    return context.run.tool_resources.sandboxed(context.thread.tool_resources)


def kernel_id_of(context: ToolContext) -> str | None:
    """Return the live kernel that the thread or the assistant names."""
    return context.run.tool_resources.live_kernel(context.thread.tool_resources)
