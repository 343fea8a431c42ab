"""Replays of recordings: their code runs again without a model, and outputs are compared."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import check_files, sha256_of
from jupyter_assistants.ipython.cell_files import ProducedFiles
from jupyter_assistants.ipython.code_runner import CodeResult
from jupyter_assistants.ipython.code_step import CodeStep
from jupyter_assistants.ipython.recorder import digest as digest_of
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.ipython.view import Display
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

_REPEATED = ("ok", "error")
"""Endings after which code runs again; code that was stopped or rejected does not."""

_ENDINGS = {
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
        state: ShellState,
        display: Display,
        recording: Json,
        source: Path,
        *,
        unasked: bool,
        strict: bool,
    ) -> None:
        self._state = state
        self._display = display
        self._recording = recording
        self._source = source
        self._unasked = unasked
        self._strict = strict
        self._entries: list[MessageEntry | CallEntry] = []
        self._progress: dict[str, CallProgress] = {}
        self._files = ProducedFiles(state.home, None)
        self._differences: list[str] = []
        self._notes: list[str] = []
        self._masker = Masker()
        self._started = time.monotonic()

    async def play(self, files: Sequence[str]) -> str:
        """Show the recording, run its code, compare; return the text of the answer.

        Raises
        ------
        AssistantError
            If code that worked fails now, or, with ``strict``, if an output differs.
        """
        given = check_files(files)
        await asyncio.to_thread(_copy_files, given, self._inputs, Path.cwd())
        self._differences += await asyncio.to_thread(_other_inputs, self._inputs, Path.cwd())
        failure = ""
        for entry in self._recording.get("entries") or []:
            if entry.get("type") == "code":
                failure = failure or await self._run_code(entry)
            else:
                self._add_message(entry)
        self._note_ending()
        self._draw(ended=self._verdict())
        if failure:
            raise AssistantError(failure)
        if self._differences and self._strict:
            raise AssistantError(f"The replay differs: {self._differences[0]}")
        texts = [e.text for e in self._entries if isinstance(e, MessageEntry)]
        return "\n\n".join(texts)

    @property
    def _inputs(self) -> dict[str, str]:
        """Return the hash of each recorded file by the path that code reads it from."""
        return {
            str(each["name"]): str(each["sha256"])
            for each in self._recording.get("inputs") or []
            if each.get("sha256")
        }

    def _note_ending(self) -> None:
        """Add a note about a recorded run that did not complete: its replay ends well all the same."""
        status = str(self._recording.get("status") or "completed")
        if status != "completed":
            why = str(self._recording.get("error") or "")
            sentence = f"The recorded run {_ENDINGS.get(status, f'ended as {status}')}"
            self._notes.append(f"{sentence}: {why}" if why else f"{sentence}.")

    def _add_message(self, entry: Json) -> None:
        text = str(entry.get("text") or entry.get("output") or "")
        number = len(self._entries)
        part = TranscriptPart("text", text)
        self._entries.append(
            MessageEntry(f"replay_{number}", "assistant", "completed", None, [part], [])
        )
        self._draw()

    async def _run_code(self, entry: Json) -> str:
        """Run one recorded piece of code; return why the replay fails, if it does."""
        number = 1 + sum(isinstance(each, CallEntry) for each in self._entries)
        code, status = str(entry.get("code") or ""), str(entry.get("status") or "")
        self._check_code(entry, number)
        self._entries.append(_call(f"replay_{number}", code, entry))
        if status not in _REPEATED:
            self._notes.append(f"Step {number} was {status} and is not run again.")
            return ""
        step = CodeStep(self._state, self._masker, lambda now: self._draw(now=now))
        self._progress[f"replay_{number}"] = step.progress
        decision = await step.approve(code, thread_id="replay", unasked=self._unasked)
        if not decision.approved:
            raise AssistantError(f"Step {number} was not approved, so the replay ends here.")
        folder = Path.cwd()
        result = await step.execute(code, decision, folder)
        for name in result["files"]:
            self._files.add(folder, name, None)
        self._draw()
        if result["status"] == "interrupted":
            raise KeyboardInterrupt("Stopped by the user")
        return self._compare(number, entry, result, folder)

    def _check_code(self, entry: Json, number: int) -> None:
        """Refuse code that differs from what was recorded."""
        code = str(entry.get("code") or "")
        if entry.get("masked"):
            raise AssistantError(
                f"Step {number} held a secret, which was removed from the recording: it cannot run "
                "again."
            )
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
        if digest != entry.get("sha256"):
            raise AssistantError(
                f"The code of step {number} in {self._source} was changed after it was recorded: its "
                "SHA-256 does not match. Record the run again."
            )

    def _compare(self, number: int, entry: Json, result: CodeResult, folder: Path) -> str:
        agreement = compare(entry.get("outputs") or [], facts(result["outputs"]))
        self._differences += [f"Step {number}: {each}." for each in agreement.differences]
        self._notes += [f"Step {number}: {each}." for each in agreement.notes]
        for file in entry.get("files") or []:
            name = str(file.get("name"))
            if name not in result["files"]:
                self._differences.append(f"Step {number}: {name} was not written.")
            elif file.get("sha256") and sha256_of(folder / name) != file["sha256"]:
                self._notes.append(f"Step {number}: {name} differs in the bytes.")
        if result["status"] == "error" and entry.get("status") == "ok":
            error = next((o for o in result["outputs"] if o["output_type"] == "error"), {})
            return (
                f"Step {number} worked when it was recorded and fails now: "
                f"{error.get('ename', 'an error')}: {error.get('evalue', '')}"
            )
        return ""

    def _verdict(self) -> str:
        count = len(self._differences)
        if not self._progress:
            return "Replayed"
        agree = "every output agrees" if not count else f"{count} difference{'s'[: count != 1]}"
        return f"Replayed: {agree}"

    def _draw(self, *, now: bool = True, ended: str | None = None) -> None:
        recording = self._recording
        when = time.strftime("%Y-%m-%d", time.gmtime(int(recording.get("recorded_at") or 0)))
        small_print = [f"recorded {when}", f"from {self._source.name}"]
        if ended is not None:
            small_print.append(f"{time.monotonic() - self._started:.1f} s")
        scene = Scene(
            link=self._files.href,
            progress=self._progress,
            files=self._files.links,
            facts=small_print,
            notes=[*self._differences, *dict.fromkeys(self._notes)],
            ended=ended,
            # The notebook that is replayed may be the only file that has the recording.
            recording=recording if ended is not None else None,
        )
        self._display.show(self._view(), scene, now=now)

    def _view(self) -> View:
        recording = self._recording
        run = RunState(
            id=str(recording.get("run_id") or ""),
            thread_id=str(recording.get("thread_id") or ""),
            assistant_id="",
            model=str(recording.get("model") or ""),
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


def _copy_files(paths: Sequence[Path], inputs: Mapping[str, str], folder: Path) -> None:
    """Copy files to where the recorded code reads them, unless something is there already."""
    for path in paths:
        name = next((each for each in inputs if PurePosixPath(each).name == path.name), path.name)
        # Recorded code may have read it from anywhere; only the folder of the notebook is written to.
        target = folder / name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            target = folder / path.name
        if target.exists() or target.resolve() == path.resolve():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        place(target.parent, target.name, lambda path=path: path.open("rb"), sha256_of(path))  # type: ignore[misc]


def _other_inputs(inputs: Mapping[str, str], folder: Path) -> list[str]:
    """Return a sentence for each file that is missing, or not the one that was recorded."""
    found = []
    for name, sha256 in inputs.items():
        digest = digest_of(folder / name)
        if digest is None:
            found.append(f"The file {name} that the recorded code could read is not here.")
        elif digest != sha256:
            found.append(
                f"The file {name} is not the one that was recorded: its SHA-256 is {digest[:12]}…, "
                f"and was {sha256[:12]}…."
            )
    return found
