"""Runs the code of a recording again: no model, no key, no network; says where outputs differ."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import ProducedFiles, check_files, sha256_of
from jupyter_assistants.ipython.card import fingerprint
from jupyter_assistants.ipython.code_runner import Outcome, execute
from jupyter_assistants.ipython.output_capture import apply
from jupyter_assistants.ipython.render import Execution, Scene
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.view import Display
from jupyter_assistants.kernels.outputs import Output, OutputList
from jupyter_assistants.kernels.outputs.agreement import compare, facts
from jupyter_assistants.kernels.workspace import place
from jupyter_assistants.protocol.transcript import (
    CallEntry,
    MessageEntry,
    RunState,
    TranscriptPart,
    View,
)
from jupyter_assistants.redaction import Masker

Json = dict[str, Any]

_RUN_AGAIN = ("ok", "error")
_ENDED = {
    "failed": "failed",
    "cancelled": "was cancelled",
    "expired": "expired",
    "incomplete": "ended incomplete",
}


class Replay:
    """One recording while it is played.

    Parameters
    ----------
    unasked
        Whether its code runs without an approval.
    strict
        Whether a difference fails the cell.
    """

    def __init__(
        self,
        state: State,
        display: Display,
        made: Json,
        source: Path,
        *,
        unasked: bool,
        strict: bool,
    ) -> None:
        self._state = state
        self._display = display
        self._made = made
        self._source = source
        self._unasked = unasked
        self._strict = strict
        self._entries: list[MessageEntry | CallEntry] = []
        self._executions: dict[str, Execution] = {}
        self._files = ProducedFiles(state.home, None)
        self._differences: list[str] = []
        self._notes: list[str] = []
        self._masker = Masker()
        self._started = time.monotonic()

    async def play(self, files: Sequence[str]) -> str:
        """Show the recording, run its code, compare; give the answer's text.

        Raises
        ------
        AssistantError
            If code that worked does not, or, when that is wanted, if anything differs.
        """
        await asyncio.to_thread(_place_all, check_files(files), Path.cwd())
        failure = ""
        for entry in self._made.get("entries") or []:
            if entry.get("type") == "code":
                failure = failure or await self._code(entry)
            else:
                self._tell(entry)
        self._tell_end()
        self._show(ended=self._verdict())
        if failure:
            raise AssistantError(failure)
        if self._differences and self._strict:
            raise AssistantError(f"The replay differs: {self._differences[0]}")
        texts = [e.text for e in self._entries if isinstance(e, MessageEntry)]
        return "\n\n".join(texts)

    def _tell_end(self) -> None:
        """Say of a run that did not complete how it ended: its replay ends well all the same."""
        status = str(self._made.get("status") or "completed")
        if status != "completed":
            why = str(self._made.get("error") or "")
            said = f"The recorded run {_ENDED.get(status, f'ended as {status}')}"
            self._notes.append(f"{said}: {why}" if why else f"{said}.")

    def _tell(self, entry: Json) -> None:
        text = str(entry.get("text") or entry.get("output") or "")
        number = len(self._entries)
        part = TranscriptPart("text", text)
        self._entries.append(
            MessageEntry(f"replay_{number}", "assistant", "completed", None, [part], [])
        )
        self._show()

    async def _code(self, entry: Json) -> str:
        number = 1 + sum(isinstance(each, CallEntry) for each in self._entries)
        code, status = str(entry.get("code") or ""), str(entry.get("status") or "")
        self._check(entry, number)
        self._entries.append(_call(f"replay_{number}", code, entry))
        if status not in _RUN_AGAIN:
            self._notes.append(f"Step {number} was {status} and is not run again.")
            return ""
        execution = self._executions[f"replay_{number}"] = Execution()
        self._show()
        decision = await self._state.approvals.decide(
            code, thread_id="replay", policy="auto" if self._unasked else None
        )
        if not decision.approved:
            raise AssistantError(f"Step {number} was not approved, so the replay ends here.")
        code = decision.code or code
        folder = Path.cwd()
        outcome = await execute(
            self._state.shell,
            code,
            decision=replace(decision, sha256=fingerprint(code)) if decision.code else decision,
            folder=folder,
            on_output=self._live(execution),
            live=not self._state.in_kernel,
        )
        outcome["outputs"] = [self._masker.output(each) for each in outcome["outputs"]]
        execution.status, execution.outputs = outcome["status"], outcome["outputs"]
        execution.seconds, execution.note = outcome["seconds"], outcome["note"]
        execution.changes = outcome["changes"]
        for name in outcome["files"]:
            self._files.add(folder, name, None)
        self._show()
        if outcome["status"] == "interrupted":
            raise KeyboardInterrupt("Stopped by the user")
        return self._compare(number, entry, outcome, folder)

    def _check(self, entry: Json, number: int) -> None:
        """Refuse code that is not as it was recorded."""
        code = str(entry.get("code") or "")
        if entry.get("masked"):
            raise AssistantError(
                f"Step {number} held a secret, which was taken out of the recording: it cannot be "
                "run again."
            )
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
        if digest != entry.get("sha256"):
            raise AssistantError(
                f"The code of step {number} in {self._source} is not what was recorded: its "
                "SHA-256 is another one. Record the run anew."
            )

    def _compare(self, number: int, entry: Json, outcome: Outcome, folder: Path) -> str:
        found = compare(entry.get("outputs") or [], facts(outcome["outputs"]))
        self._differences += [f"Step {number}: {each}." for each in found.differences]
        self._notes += [f"Step {number}: {each}." for each in found.notes]
        for file in entry.get("files") or []:
            name = str(file.get("name"))
            if name not in outcome["files"]:
                self._differences.append(f"Step {number}: {name} was not written.")
            elif file.get("sha256") and sha256_of(folder / name) != file["sha256"]:
                self._notes.append(f"Step {number}: {name} differs in the bytes.")
        if outcome["status"] == "error" and entry.get("status") == "ok":
            error = next((o for o in outcome["outputs"] if o["output_type"] == "error"), {})
            return (
                f"Step {number} worked when it was recorded and fails now: "
                f"{error.get('ename', 'an error')}: {error.get('evalue', '')}"
            )
        return ""

    def _live(self, execution: Execution) -> Any:
        outputs = OutputList()
        execution.status = "running"
        self._show()

        def take(output: Output) -> None:
            apply(outputs, self._masker.output(output))
            if self._state.in_kernel:
                execution.outputs = outputs.outputs
                self._show(now=False)

        return take

    def _verdict(self) -> str:
        count = len(self._differences)
        if not self._executions:
            return "Replayed"
        agree = "every output agrees" if not count else f"{count} difference{'s'[: count != 1]}"
        return f"Replayed: {agree}"

    def _show(self, *, now: bool = True, ended: str | None = None) -> None:
        made = self._made
        when = time.strftime("%Y-%m-%d", time.gmtime(int(made.get("recorded_at") or 0)))
        facts_ = [f"recorded {when}", f"from {self._source.name}"]
        if ended is not None:
            facts_.append(f"{time.monotonic() - self._started:.1f} s")
        scene = Scene(
            link=self._files.href,
            executions=self._executions,
            files=self._files.links,
            facts=facts_,
            notes=[*self._differences, *dict.fromkeys(self._notes)],
            ended=ended,
            # It stays in the notebook that is played, which may be the only one that is kept.
            recording=made if ended is not None else None,
        )
        self._display.show(self._view(), scene, now=now)

    def _view(self) -> View:
        made = self._made
        run = RunState(
            id=str(made.get("run_id") or ""),
            thread_id=str(made.get("thread_id") or ""),
            assistant_id="",
            model=str(made.get("model") or ""),
            status="completed",
            error=None,
            incomplete=None,
            usage=None,
            note=None,
            seen=None,
        )
        return View(run, list(self._entries), [], None)


def _call(id: str, code: str, entry: Json) -> CallEntry:
    return CallEntry(
        id=id,
        step_id=id,
        kind="code_interpreter",
        status="completed",
        result=str(entry.get("status") or ""),
        name="",
        code=code,
        outputs=[],
        output=None,
        files=[],
        seconds=None,
        note=str(entry.get("note") or "") or None,
        place=None,
        error=None,
    )


def _place_all(paths: Sequence[Path], folder: Path) -> None:
    """Put files where the recorded code finds them, under the names that it knows."""
    for path in paths:
        place(folder, path.name, lambda path=path: path.open("rb"), sha256_of(path))  # type: ignore[misc]
