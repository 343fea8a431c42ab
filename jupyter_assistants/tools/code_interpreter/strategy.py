"""The port of executors as the code interpreter sees them: one strategy for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.protocol.own_paths import with_own_paths
from jupyter_assistants.tools.base import Progress, ToolContext, ToolParts, ToolResult
from jupyter_assistants.tools.code_interpreter import prompt
from jupyter_assistants.tools.code_interpreter.results import ResultWriter


class CodeStrategy(ABC):
    """How code of a run is executed, by one kind of executor.

    Attributes
    ----------
    is_live
        Whether a person works in the kernel.
    """

    is_live: ClassVar[bool] = True

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
        """Return what the model has to know, from what never changes to what may change."""
        language, facts = find_language(self.language(context)), self.facts(context)
        texts = [prompt.ANALYSIS, prompt.CONTEXT]
        if language.name != "python":
            # Files are placed, and named alike in code, for Python only.
            texts += [prompt.OTHER_LANGUAGE.format(title=language.title), language.advice]
        else:
            texts.append(prompt.LIVE_FILES if self.is_live else prompt.OWN_FILES)
            texts.append(prompt.SANDBOX if self.is_sandboxed(context) else "")
            texts.append(_facts_text(facts))
        return "\n".join(text for text in [*texts, facts.get("limits", "")] if text)

    def is_sandboxed(self, context: ToolContext) -> bool:
        """Return whether the code runs locked down."""
        return False

    def runnable(self, code: str, context: ToolContext) -> str:
        """Return the code as it runs here.

        In a person's kernel that is what their own cell would hold: it names files by their paths.
        """
        if not self.is_live:
            return code
        own = context.run.context.files if context.run.context else {}
        # Models write the usual folder from habit, in front of the name as well as of the id.
        paths = {file.id: own.get(file.id, file.filename) for file in context.files}
        for file in (file for file in context.files if file.id in own):
            paths[file.filename.rpartition("/")[2]] = paths[file.filename] = own[file.id]
        return with_own_paths(code, paths, folder=self.facts(context).get("folder", ""))

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


def _facts_text(facts: Mapping[str, str]) -> str:
    """Return what a Python kernel said about itself, in sentences."""
    sentences = {"python": prompt.VERSION, "folder": prompt.FOLDER, "packages": prompt.PACKAGES}
    told = [text.format(**{n: facts[n]}) for n, text in sentences.items() if facts.get(n)]
    return " ".join(told)


def sandbox_wish_of(context: ToolContext) -> bool | None:
    """Return whether the code of a run has to run in a sandbox; None: as in its thread before.

    All that starts a kernel or hands code out goes by this (docs/internals/sandbox.md, "It holds
    everywhere or the run fails").
    """
    return context.run.tool_resources.sandboxed(context.thread.tool_resources)


def kernel_id_of(context: ToolContext) -> str | None:
    """Return the live kernel that the thread or the assistant names."""
    return context.run.tool_resources.live_kernel(context.thread.tool_resources)
