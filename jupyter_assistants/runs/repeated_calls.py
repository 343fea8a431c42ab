"""Notices a model that goes round in circles: the same code, the same error (models.md section 7.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jupyter_assistants.protocol.steps import CallExtension, CodeInterpreterCall, RunStep
from jupyter_assistants.tools.base import ToolResult

AGAIN = "This is the same error again; change the approach."
MOST = 3
"""So often in a row, and the model may call no tool any more."""
STOP_NOTE = (
    "The same code failed with the same error several times: call no tool any more. Answer now with "
    "what you have, and say what did not work."
)


@dataclass
class Repeats:
    """The failures at the end of a run.

    Parameters
    ----------
    count
        How often in a row the same code gave the same error.
    """

    count: int = 0
    _last: tuple[str, str] | None = None

    @property
    def too_many(self) -> bool:
        """Whether the model has to stop."""
        return self.count >= MOST

    def take(self, result: ToolResult) -> ToolResult:
        """Count a result; give it with a note for the model where it repeats itself."""
        if isinstance(result.details, CodeInterpreterCall):
            self._count(result.details, result.extension)
            if self.count > 1:
                return replace(result, output=f"{result.output}\n{AGAIN}")
        return result

    def restore(self, step: RunStep) -> None:
        """Count a step of an earlier drive of the run."""
        for call in getattr(step.step_details, "tool_calls", []):
            if isinstance(call, CodeInterpreterCall) and call.id in step.jupyter.calls:
                self._count(call, step.jupyter.calls[call.id])

    def _count(self, call: CodeInterpreterCall, extension: CallExtension | None) -> None:
        failure = None
        if extension is not None and extension.status == "error":
            error = [
                f"{each.get('ename')}: {each.get('evalue')}"
                for each in extension.outputs
                if each.get("output_type") == "error"
            ]
            failure = call.code_interpreter.input, "\n".join(error)
        same = failure is not None and failure == self._last
        self.count = self.count + 1 if same else int(failure is not None)
        self._last = failure
