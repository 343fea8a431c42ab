"""The run of one cell: what a cell adds to the client loop of :mod:`~..client.conversation`.

That is the kernel's context for the model, the code that runs here after an approval, and the
drawing of all this as outputs of the cell.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from jupyter_assistants.client.assistants import find_assistant, thread_of_kernel
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.client.conversation import Conversation, new_thread, problem_of
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import attach, check_files
from jupyter_assistants.client.vector_stores import attach_store, find_store
from jupyter_assistants.ipython.cell_files import (
    AttachedFile,
    ProducedFiles,
    attached_files,
    copy_to_folder,
    name_new,
    upload_produced,
)
from jupyter_assistants.ipython.code_step import CodeStep
from jupyter_assistants.ipython.display_updates import INTERVAL
from jupyter_assistants.ipython.earlier_cells import earlier_cells
from jupyter_assistants.ipython.options import CellOptions
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.sent_preview import preview_once
from jupyter_assistants.ipython.shell_state import ShellState, StepId, kernel_of
from jupyter_assistants.ipython.view import Display
from jupyter_assistants.kernels.facts import facts
from jupyter_assistants.kernels.variables import MAX_MENTIONS, mentioned, summary, value_of
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.notebook_keys import KERNEL
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, PendingCall
from jupyter_assistants.redaction import Masker
from jupyter_assistants.storage import liveness

MOST_OWN_PATHS = 1000


class AnswerText(str):
    """The text of an answer (``-o VAR``), and where it came from."""

    run_id: str = ""
    thread_id: str = ""
    model: str = ""
    files: tuple[str, ...] = ()
    usage: Mapping[str, int] = {}


class CellRun:
    """The run of one cell."""

    def __init__(
        self, state: ShellState, client: Client, options: CellOptions, display: Display
    ) -> None:
        self.recording: Json | None = None
        """The recording of the run, once it is over."""
        self._state = state
        self._client = client
        self._options = options
        self._display = display
        self._conversation = Conversation(
            client,
            responders={"run_python": self._run_python},
            on_change=self._draw_if_due,
            where="in this notebook",
        )
        self._progress: dict[str, CallProgress] = {}
        self._files = ProducedFiles(state.home, client)
        self._notes: list[str] = []
        self._started = time.monotonic()
        self._stale = False
        self._executing = False
        self._assistant = ""
        self._sent = ""
        self._masker = Masker()
        self._prompt = ""
        self._own_paths: dict[str, str] = {}
        self._inputs: dict[str, str | None] = {}

    async def ask(self, prompt: str, notes: list[str], *, written: str = "") -> AnswerText:
        """Ask and return the answer; whatever interrupts this cancels the run as well.

        Parameters
        ----------
        written
            The prompt as written in the cell, by which its recording is found.

        Raises
        ------
        AssistantError
            If the run ends in another state than completed.
        """
        self._notes += notes
        self._prompt = written or prompt
        paths = check_files(self._options.file)
        self._draw()
        try:
            async with asyncio.timeout(self._options.timeout), self._redrawing():
                await self._converse(prompt, paths)
        except TimeoutError:
            self._draw_interrupted("Cancelled: it took too long")
            limit = f"{self._options.timeout:g}"
            raise AssistantError(f"The run was cancelled after {limit} s (--timeout).") from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            self._draw_interrupted("Cancelled")
            raise
        except BaseException:
            self._draw_interrupted("Stopped by an error")
            raise
        return self._finish()

    async def _converse(self, prompt: str, paths: list[Path]) -> None:
        assistant = await self._find_assistant()
        attachments = await attach(self._client, paths, self._state.uploads)
        # The newest, as far as a request may name them; the others are copied.
        self._own_paths = dict([*self._state.own_paths(Path.cwd()).items()][-MOST_OWN_PATHS:])
        thread_id = await self._find_thread(prompt)
        message = {"role": "user", "content": prompt, "attachments": attachments}
        body: Json = {
            "assistant_id": assistant["id"],
            "additional_messages": [message],
            "model": self._options.model or self._state.model,
            "additional_instructions": self._options.instructions,
            "jupyter": {
                "place": "caller",
                "process": liveness.mark(),
                "approval": "auto" if self._options.yes else "ask",
                "context": self._context(prompt),
            },
        }
        store = await self._find_store()
        try:
            if store is not None:
                body |= await attach_store(self._client, thread_id, assistant, store)
            self._sent = await preview_once(self._client, thread_id, body)
            self._draw()
            await self._conversation.ask(thread_id, body)
        except NotFound as error:
            raise self._explain_missing(error, thread_id) from None
        self._draw()

    def _explain_missing(self, error: NotFound, thread_id: str) -> NotFound:
        """Return what a person can do about a thread that this server does not have."""
        if thread_id not in error.message:
            return error
        if self._state.thread_id == thread_id:
            self._state.thread_id = None  # or every further cell would fail as well
        return NotFound(
            f"{error.message} It is not in the data folder of {self._client.where}: it was deleted, "
            "or another of your servers has it. A cell with --new begins another thread."
        )

    def _context(self, prompt: str) -> Json:
        """Return the kernel's context, which only the model of this run sees."""
        known = {"kernel": facts(), "files": self._own_paths}
        if self._options.no_context or not self._state.context:
            return known
        shell = self._state.shell
        text = summary(shell.user_ns, hidden=shell.user_ns_hidden, rows=self._state.context_rows)
        values = {
            name: self._masker.text(value_of(shell.user_ns, name))
            for name in mentioned(prompt)[:MAX_MENTIONS]
            if name in shell.user_ns
        }
        return {
            **known,
            "variables": self._masker.text(text),
            "cells": earlier_cells(shell, self._masker.text, outputs=self._state.context_rows > 0),
            "mentions": values,
        }

    async def _find_assistant(self) -> Json:
        name = self._options.name or self._state.assistant
        assistant = await find_assistant(self._client, name, model=self._state.model)
        self._assistant = assistant.get("name") or assistant["id"]
        return assistant

    async def _find_store(self) -> str | None:
        if self._options.store:
            self._state.store = (await find_store(self._client, self._options.store))["id"]
        return self._state.store

    async def _find_thread(self, prompt: str) -> str:
        if self._options.thread:
            return self._options.thread
        kernel_id = kernel_of(self._state.shell).id
        if self._state.thread_id is None and not self._options.new:
            self._state.thread_id = await thread_of_kernel(self._client, kernel_id)
        if self._state.thread_id is None or self._options.new:
            metadata = {KERNEL: kernel_id} if kernel_id else {}
            # The server has to know that this thread's models see rows: it asks for them, too.
            rows = {"jupyter": {"context": "rows"}} if self._state.context_rows else {}
            self._state.thread_id = await new_thread(
                self._client, prompt, metadata=metadata, **rows
            )
        return self._state.thread_id

    async def _run_python(self, call: PendingCall) -> Json:
        """Answer a call of ``run_python``, which the server hands out to this kernel."""
        try:
            arguments = parse_untrusted(call.arguments)
            code = str(arguments["code"])
        except (ValueError, KeyError, TypeError):
            return {"output": "the arguments hold no code"}
        may_always = arguments.get("max_approval", "auto") != "ask"
        self._executing = True
        try:
            return {"jupyter": await self._run_code(call.id, code, may_always=may_always)}
        finally:
            self._executing = False

    async def _run_code(self, call_id: str, code: str, *, may_always: bool) -> Json:
        run = self._conversation.run
        assert run is not None  # it has asked for this call
        step = CodeStep(self._state, self._masker, lambda now: self._draw(now=now))
        self._progress[call_id] = step.progress
        folder = Path.cwd()
        attached = await attached_files(self._client, run)
        copied = [file for file in attached if file.id not in self._own_paths]
        decision = await step.approve(
            code,
            thread_id=run["thread_id"],
            unasked=self._options.yes,
            may_always=may_always,
            explain=name_new(self._state, copied, folder),
        )
        if not decision.approved:
            return {"status": "rejected", "note": decision.reason}
        self._notes += await copy_to_folder(self._state, self._client, copied, folder)
        await self._record_inputs(attached, folder)
        result = await step.execute(code, decision, folder)
        files, notes = await upload_produced(self._client, folder, result["files"])
        ids = {file["name"]: file["file_id"] for file in files}
        for name in result["files"]:
            self._files.add(folder, name, ids.get(name))
        self._remember_step(call_id, result["changes"])
        step.progress.note = " ".join(filter(None, [result["note"], *notes]))
        self._draw()
        if result["status"] == "interrupted":
            raise KeyboardInterrupt("Stopped by the user")
        return {**result, "files": files, "note": step.progress.note, "code": decision.code}

    async def _record_inputs(self, attached: Sequence[AttachedFile], folder: Path) -> None:
        """Note the hash of each file before the run's code can read or change it."""
        # Not at load: it is needed with the first code only.
        from jupyter_assistants.ipython.recorder import digest

        for file in attached:
            path = self._own_paths.get(file.id) or self._state.placed.get((folder, file.id))
            if path is not None and path not in self._inputs:
                self._inputs[path] = await asyncio.to_thread(digest, folder / path)

    def _remember_step(self, call_id: str, changes: Json | None) -> None:
        """Remember which step of the server an entry of the ledger belongs to, for an undo."""
        run = self._conversation.run
        for entry in self._conversation.view.entries:
            if changes and run and isinstance(entry, CallEntry) and entry.id == call_id:
                step = StepId(run["thread_id"], run["id"], entry.step_id)
                self._state.steps[str(changes["id"])] = step

    @asynccontextmanager
    async def _redrawing(self) -> AsyncIterator[None]:
        """Draw what arrived between two updates, also when nothing more comes for a while."""

        async def redraw() -> None:
            while True:
                await asyncio.sleep(INTERVAL)
                # While code runs, what this task shows would count as shown by the code.
                if self._stale and not self._executing:
                    self._draw_if_due()

        drawing = asyncio.create_task(redraw())
        try:
            yield
        finally:
            drawing.cancel()

    def _draw_if_due(self) -> None:
        self._stale = not self._draw(now=False)

    def _draw(self, *, now: bool = True, ended: str | None = None) -> bool:
        run = self._conversation.run
        facts_ = []
        if ended is not None:
            facts_ = [f"{time.monotonic() - self._started:.1f} s", self._assistant]
            facts_ += [f"thread {run['thread_id']}"] if run else []
        scene = Scene(
            link=self._files.href,
            progress=self._progress,
            files=self._files.links,
            facts=[fact for fact in facts_ if fact],
            notes=list(dict.fromkeys(self._notes)),
            sent=self._sent,
            ended=ended,
            view_of=self._client.url_of_view,
            recording=self.recording,
        )
        return self._display.show(self._conversation.view, scene, now=now)

    def _draw_interrupted(self, ended: str) -> None:
        for progress in self._progress.values():
            if progress.is_live:
                progress.status = "interrupted"
        self._record()
        self._draw(ended=ended)

    def _record(self) -> None:
        """Record the run, however it ended."""
        # Not at load: it is needed with the first answer only.
        from jupyter_assistants.ipython.recorder import recording

        view = self._conversation.view
        self.recording = recording(
            self._prompt, view, self._progress, Path.cwd(), self._masker, self._inputs
        )

    def _finish(self) -> AnswerText:
        view = self._conversation.view
        run = view.run
        self._record()
        if run is None or run.status != "completed":
            self._draw(ended=run.status.capitalize() if run else "Failed")
            raise AssistantError(problem_of(view))
        # Not at load: it is needed with the first answer only.
        from jupyter_assistants.ipython.undo import offer_undo

        self._draw(ended="")
        offer_undo(self._state, [each.changes for each in self._progress.values()])
        texts = [entry.text for entry in view.entries if isinstance(entry, MessageEntry)]
        answer = AnswerText("\n\n".join(texts))
        answer.run_id, answer.thread_id, answer.model = run.id, run.thread_id, run.model
        answer.files = tuple(link.name for link in self._files.links)
        answer.usage = dict(run.usage or {})
        return answer
