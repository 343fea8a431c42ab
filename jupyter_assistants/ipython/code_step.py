"""One piece of a model's code in this kernel: asked for, executed, and shown while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.ipython.approval import Policy
from jupyter_assistants.ipython.card import Decision
from jupyter_assistants.ipython.code_runner import CodeResult, execute
from jupyter_assistants.ipython.output_capture import OnOutput, apply
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.kernels.outputs import Output, OutputList, without_tables
from jupyter_assistants.redaction import Masker, StreamMasker

Redraw = Callable[[bool], object]
"""Draws the run again; with False only if an update is due."""


class CodeStep:
    """Runs one call's code and keeps its progress up to date.

    A cell and a replay both run code through this, so that approval, masking and live outputs are
    the same in both.

    Parameters
    ----------
    masker
        Removes secrets from outputs, before they are shown, stored or sent.
    """

    def __init__(self, state: ShellState, masker: Masker, redraw: Redraw) -> None:
        self.progress = CallProgress()
        self._state = state
        self._masker = masker
        self._redraw = redraw
        self._streams: dict[str, StreamMasker] = {}

    async def approve(
        self,
        code: str,
        *,
        thread_id: str,
        unasked: bool,
        may_always: bool = True,
        explain: str = "",
    ) -> Decision:
        """Ask the person whether the code may run; with ``unasked`` it may."""
        policy: Policy | None = "auto" if unasked else None
        self._redraw(True)
        decision = await self._state.approvals.decide(
            code, thread_id=thread_id, explain=explain, policy=policy, may_always=may_always
        )
        if not decision.approved:
            self.progress.status, self.progress.note = "rejected", decision.reason
            self._redraw(True)
        return decision

    async def execute(self, code: str, decision: Decision, folder: Path) -> CodeResult:
        """Run approved code, or the person's edited version of it, and return its result."""
        progress = self.progress
        result = await execute(
            self._state.shell,
            decision.code or code,
            decision=decision,
            folder=folder,
            on_output=self._live_outputs(),
            live=not self._state.in_kernel,
            paths=self._state.code_paths(folder),
        )
        result["outputs"] = self._masker.outputs(result["outputs"])
        # The result goes to the server, and with it what only models read of tables.
        progress.status, progress.outputs = result["status"], without_tables(result["outputs"])
        progress.seconds, progress.changes = result["seconds"], result["changes"]
        progress.note = result["note"]
        return result

    def _live_outputs(self) -> OnOutput:
        """Return a callback that shows outputs as they come, from whichever thread."""
        outputs = OutputList()
        self.progress.status = "running"
        self._redraw(True)

        def show(output: Output) -> None:
            apply(outputs, self._masked(output))
            if self._state.in_kernel:
                self.progress.outputs = outputs.outputs
                self._redraw(False)

        return show

    def _masked(self, output: Output) -> Output:
        """Return an output that may be shown.

        The end of a stream is held back: a secret may begin in it and go on in the next piece.
        """
        if output["output_type"] != "stream":
            (shown,) = without_tables([self._masker.output(output)])
            return shown
        stream = self._streams.setdefault(output["name"], StreamMasker(self._masker))
        return {**output, "text": stream.add(output["text"])}
