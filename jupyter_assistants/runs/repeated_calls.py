"""A model that goes round in circles: the same code, the same error, the same wrong calls.

What it is told, and when its run ends: docs/internals/runs.md, "Repeated calls".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.steps import CallExtension, CodeInterpreterCall, RunStep
from jupyter_assistants.tools.base import ToolResult

AGAIN = "This is the same error again; change the approach."
MOST = 3
"""After so many in a row the model may call no tool any more, or its run fails."""
STOP_NOTE = (
    "The same code failed with the same error several times: call no tool any more. Answer now with "
    "what you have, and say what did not work."
)


@dataclass
class RepeatedCalls:
    """The failures at the end of a run.

    Parameters
    ----------
    count
        How often in a row the same code gave the same error.
    wrong_turns
        In how many turns in a row every call was wrong.
    """

    count: int = 0
    wrong_turns: int = 0
    _last: tuple[str, str] | None = None

    @property
    def too_many(self) -> bool:
        """Whether the model has to stop."""
        return self.count >= MOST

    def add_note(self, result: ToolResult) -> ToolResult:
        """Count a result, and return it with a note for the model where it repeats itself."""
        if isinstance(result.details, CodeInterpreterCall):
            self._count(result.details, result.extension)
            if self.count > 1:
                return replace(result, output=f"{result.output}\n{AGAIN}")
        return result

    def restore(self, step: RunStep) -> None:
        """Count the calls of a step that an earlier drive of the run wrote."""
        for call in getattr(step.step_details, "tool_calls", []):
            if isinstance(call, CodeInterpreterCall) and call.id in step.jupyter.calls:
                self._count(call, step.jupyter.calls[call.id])

    def count_turn(self, *, all_wrong: bool) -> None:
        """Count a turn whose calls are answered.

        Raises
        ------
        ProviderError
            If every call was wrong for the third time in a row.
        """
        self.wrong_turns = self.wrong_turns + 1 if all_wrong else 0
        if self.wrong_turns >= MOST:
            raise ProviderError(f"The model called tools wrongly {MOST} times in a row.")

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
