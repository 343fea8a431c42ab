"""One run in one cell: starts it, executes the model's code here, shows it, ends it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_assistants.client.assistants import (
    KERNEL,
    PASSAGES,
    find_assistant,
    run_path,
    thread_of_kernel,
    thread_path,
)
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import (
    ProducedFiles,
    attach,
    check_files,
    prepare,
    upload_produced,
)
from jupyter_assistants.client.vector_stores import find_store, use_store
from jupyter_assistants.ipython.code_runner import execute
from jupyter_assistants.ipython.display_updates import INTERVAL
from jupyter_assistants.ipython.options import CellOptions
from jupyter_assistants.ipython.output_capture import apply
from jupyter_assistants.ipython.render import Execution, Scene
from jupyter_assistants.ipython.sent_preview import not_seen_yet
from jupyter_assistants.ipython.shell_state import State, StepId, kernel_of
from jupyter_assistants.ipython.view import Display
from jupyter_assistants.kernels.facts import facts
from jupyter_assistants.kernels.outputs import Output, OutputList
from jupyter_assistants.kernels.variables import MAX_MENTIONS, mentioned, summary, value_of
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.transcript import (
    CallEntry,
    MessageEntry,
    PendingCall,
    RunState,
    Transcript,
)
from jupyter_assistants.redaction import Masker, StreamMasker
from jupyter_assistants.storage import liveness

CANCEL_SECONDS = 5.0
_TITLE_CHARACTERS = 60


class Answer(str):
    """The text of an answer (``-o VAR``), and where it came from."""

    run_id: str = ""
    thread_id: str = ""
    model: str = ""
    files: tuple[str, ...] = ()
    usage: Mapping[str, int] = {}


class CellRun:
    """The run of one cell."""

    def __init__(
        self, state: State, client: Client, options: CellOptions, display: Display
    ) -> None:
        self._state = state
        self._client = client
        self._options = options
        self._display = display
        self._transcript = Transcript()
        self._executions: dict[str, Execution] = {}
        self._files = ProducedFiles(state.home, client)
        self._notes: list[str] = []
        self._started = time.monotonic()
        self._run: Json | None = None
        self._dirty = False
        self._executing = False
        self._assistant = ""
        self._sent = ""
        self._masker = Masker()
        self._prompt = ""
        self._recording: Json | None = None

    @property
    def made(self) -> Json | None:
        """The recording of the run, once it is over."""
        return self._recording

    async def ask(self, prompt: str, notes: list[str], *, written: str = "") -> Answer:
        """Ask and give the answer; whatever ends this ends the run as well.

        Parameters
        ----------
        written
            The prompt as it stands in the cell, by which its recording is found.

        Raises
        ------
        AssistantError
            If the run ends in another state than completed.
        """
        self._notes += notes
        self._prompt = written or prompt
        paths = check_files(self._options.file)
        self._show()
        try:
            async with asyncio.timeout(self._options.timeout), self._drawing():
                await self._drive(prompt, paths)
        except TimeoutError:
            await self._cancel("Cancelled: it took too long")
            limit = f"{self._options.timeout:g}"
            raise AssistantError(f"The run was cancelled after {limit} s (--timeout).") from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            await self._cancel("Cancelled")
            raise
        except BaseException:
            await self._cancel("Stopped by an error")
            raise
        return self._finish()

    async def _drive(self, prompt: str, paths: list[Path]) -> None:
        assistant = await self._find_assistant()
        attachments = await attach(self._state, self._client, paths)
        thread_id = await self._thread(prompt)
        message = {"role": "user", "content": prompt, "attachments": attachments}
        body: Json = {
            "assistant_id": assistant["id"],
            "stream": True,
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
        if (store := await self._store()) is not None:
            body |= await use_store(self._client, thread_id, assistant, store)
        self._sent = await not_seen_yet(self._client, thread_id, body)
        self._show()
        path = f"{thread_path(thread_id)}/runs"
        while True:
            await self._read(path, body)
            waiting = self._transcript.view().waiting
            if not waiting or self._run is None:
                return
            outputs = [await self._answer(call) for call in waiting]
            path = f"{run_path(thread_id, self._run['id'])}/submit_tool_outputs"
            body = {"stream": True, "tool_outputs": outputs}

    def _context(self, prompt: str) -> Json:
        """Return what the model is told of this kernel, and nobody else."""
        if self._options.no_context or not self._state.context:
            return {"kernel": facts()}
        shell = self._state.shell
        text = summary(shell.user_ns, hidden=shell.user_ns_hidden, rows=self._state.context_rows)
        values = {
            name: self._masker.text(value_of(shell.user_ns, name))
            for name in mentioned(prompt)[:MAX_MENTIONS]
            if name in shell.user_ns
        }
        return {"kernel": facts(), "variables": self._masker.text(text), "mentions": values}

    async def _find_assistant(self) -> Json:
        options, state = self._options, self._state
        name = options.name or state.assistant
        assistant = await find_assistant(self._client, name, model=state.model)
        self._assistant = assistant.get("name") or assistant["id"]
        return assistant

    async def _store(self) -> str | None:
        if self._options.store:
            self._state.store = (await find_store(self._client, self._options.store))["id"]
        return self._state.store

    async def _thread(self, prompt: str) -> str:
        if self._options.thread:
            return self._options.thread
        kernel_id = kernel_of(self._state.shell).id
        if self._state.thread_id is None and not self._options.new:
            self._state.thread_id = await thread_of_kernel(self._client, kernel_id)
        if self._state.thread_id is None or self._options.new:
            title = " ".join(prompt.split())[:_TITLE_CHARACTERS]
            metadata = {"title": title, **({KERNEL: kernel_id} if kernel_id else {})}
            # Rows are sent in this thread, which its server has to know.
            rows = {"jupyter": {"context": "rows"}} if self._state.context_rows else {}
            body = {"metadata": metadata, **rows}
            thread = await self._client.request("POST", "/threads", body=body)
            self._state.thread_id = thread["id"]
        return self._state.thread_id

    async def _read(self, path: str, body: Json) -> None:
        events = self._client.stream("POST", path, body, query={"include": PASSAGES})
        async for event, data in events:
            self._transcript.fold(event, data)
            if isinstance(data, dict) and data.get("object") == "thread.run":
                self._run = data
            self._dirty = not self._show(now=False)
        self._show()

    async def _answer(self, call: PendingCall) -> Json:
        if call.name != "run_python":
            error = f"no function {call.name} is defined in this notebook"
            return {"tool_call_id": call.id, "output": json.dumps({"error": error})}
        try:
            arguments = json.loads(call.arguments)
            code = arguments["code"]
        except (ValueError, KeyError, TypeError):
            return {"tool_call_id": call.id, "output": "the arguments hold no code"}
        self._executing = True
        try:
            limit = str(arguments.get("max_approval", "auto"))
            ours = await self._run_code(call.id, str(code), may_always=limit != "ask")
        finally:
            self._executing = False
        return {"tool_call_id": call.id, "output": "", "jupyter": ours}

    async def _run_code(self, call_id: str, code: str, *, may_always: bool) -> Json:
        assert self._run is not None
        execution = self._executions[call_id] = Execution()
        self._show()
        decision = await self._state.approvals.decide(
            code,
            thread_id=self._run["thread_id"],
            policy="auto" if self._options.yes else None,
            may_always=may_always,
        )
        if not decision.approved:
            execution.status, execution.note = "rejected", decision.reason
            self._show()
            return {"status": "rejected", "note": decision.reason}
        code = decision.code or code
        folder = Path.cwd()
        self._notes += await prepare(self._state, self._client, self._run, folder)
        outcome = await execute(
            self._state.shell,
            code,
            decision=decision,
            folder=folder,
            on_output=self._live(execution),
            live=not self._state.in_kernel,
        )
        outcome["outputs"] = [self._masker.output(each) for each in outcome["outputs"]]
        files, notes = await upload_produced(self._client, folder, outcome["files"])
        ids = {file["name"]: file["file_id"] for file in files}
        for name in outcome["files"]:
            self._files.add(folder, name, ids.get(name))
        execution.status, execution.outputs = outcome["status"], outcome["outputs"]
        execution.seconds, execution.changes = outcome["seconds"], outcome["changes"]
        self._remember(call_id, outcome["changes"])
        execution.note = " ".join(filter(None, [outcome["note"], *notes]))
        self._show()
        if outcome["status"] == "interrupted":
            raise KeyboardInterrupt("Stopped by the user")
        return {**outcome, "files": files, "note": execution.note, "code": decision.code}

    def _remember(self, call_id: str, changes: Json | None) -> None:
        """Keep where the server has this step, for an undo."""
        for entry in self._transcript.view().entries:
            if changes and self._run and isinstance(entry, CallEntry) and entry.id == call_id:
                step = StepId(self._run["thread_id"], self._run["id"], entry.step_id)
                self._state.steps[str(changes["id"])] = step

    def _live(self, execution: Execution) -> Any:
        """Return what takes the code's outputs as they come, from whichever thread."""
        outputs = OutputList()
        execution.status = "running"
        self._show()

        streams: dict[str, StreamMasker] = {}

        def take(output: Output) -> None:
            apply(outputs, self._masked(output, streams))
            if self._state.in_kernel:
                execution.outputs = outputs.outputs
                self._show(now=False)

        return take

    def _masked(self, output: Output, streams: dict[str, StreamMasker]) -> Output:
        """Return an output that may be shown; the end of a stream waits for what follows it."""
        if output["output_type"] != "stream":
            return self._masker.output(output)
        stream = streams.setdefault(output["name"], StreamMasker(self._masker))
        return {**output, "text": stream.add(output["text"])}

    @asynccontextmanager
    async def _drawing(self) -> AsyncIterator[None]:
        """Draw what arrived between two updates, also when nothing more comes for a while."""

        async def draw() -> None:
            while True:
                await asyncio.sleep(INTERVAL)
                # While code runs, what this task shows would count as shown by the code.
                if self._dirty and not self._executing:
                    self._dirty = not self._show(now=False)

        drawing = asyncio.create_task(draw())
        try:
            yield
        finally:
            drawing.cancel()

    def _show(self, *, now: bool = True, ended: str | None = None) -> bool:
        facts = []
        if ended is not None:
            facts = [f"{time.monotonic() - self._started:.1f} s", self._assistant]
            facts += [f"thread {self._run['thread_id']}"] if self._run else []
        scene = Scene(
            link=self._files.href,
            executions=self._executions,
            files=self._files.links,
            facts=[fact for fact in facts if fact],
            notes=list(dict.fromkeys(self._notes)),
            sent=self._sent,
            ended=ended,
            view_of=self._client.url_of_view,
            recording=self._recording,
        )
        return self._display.show(self._transcript.view(), scene, now=now)

    async def _cancel(self, ended: str) -> None:
        """End the run at the server, and show what came of it."""
        run = self._run
        if run is not None and (self._transcript.view().run or _OVER).live:
            path = f"{run_path(run['thread_id'], run['id'])}/cancel"
            with suppress(AssistantsError, TimeoutError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    cancelled = await self._client.request("POST", path)
                    self._transcript.fold(
                        "thread.run.cancelled", {**cancelled, "status": "cancelled"}
                    )
        for execution in self._executions.values():
            if execution.status in ("waiting", "running"):
                execution.status = "interrupted"
        self._record()
        self._show(ended=ended)

    def _record(self) -> None:
        """Keep what there is of the run, however it ended."""
        # Not at load: it is needed with the first answer only.
        from jupyter_assistants.ipython.recordings import recording

        view = self._transcript.view()
        self._recording = recording(self._prompt, view, self._executions, Path.cwd(), self._masker)

    def _finish(self) -> Answer:
        view = self._transcript.view()
        run = view.run
        self._record()
        if run is None or run.status != "completed":
            problem = view.error or (_problem(run) if run else "The run did not start.")
            self._show(ended=run.status.capitalize() if run else "Failed")
            raise AssistantError(problem)
        # Not at load: it is needed with the first answer only.
        from jupyter_assistants.ipython.undo import offer_undo

        self._show(ended="")
        offer_undo(self._state, [each.changes for each in self._executions.values()])
        texts = [entry.text for entry in view.entries if isinstance(entry, MessageEntry)]
        answer = Answer("\n\n".join(texts))
        answer.run_id, answer.thread_id, answer.model = run.id, run.thread_id, run.model
        answer.files = tuple(link.name for link in self._files.links)
        answer.usage = dict(run.usage or {})
        return answer


_OVER = RunState("", "", "", "", "completed", None, None, None, None, None)


def _problem(run: RunState) -> str:
    if run.status == "failed":
        return f"The run failed: {run.error or 'no reason was given'}"
    if run.status == "incomplete":
        return f"The answer is incomplete: the run's {run.incomplete or 'budget'} was used up."
    if run.status == "expired":
        return "The run expired before it was done. Ask again, or raise JupyterAssistantsApp.run_expiry."
    return f"The run ended as {run.status}."
