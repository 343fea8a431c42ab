"""One run while it is driven: its objects, its files, and the tools it may use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from jupyter_assistants.kernels.workspace import mount_names
from jupyter_assistants.models.base import (
    HistoryEntry,
    Image,
    Limits,
    ModelClient,
    ModelRequest,
    ToolSpec,
)
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run, Usage
from jupyter_assistants.protocol.steps import CodeInterpreterCall, ImageOutput, RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import FunctionTool
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.runs.citations import Source, sources
from jupyter_assistants.runs.prompt.budget import prompt_budget
from jupyter_assistants.runs.prompt.builder import Shown, attached_block, show
from jupyter_assistants.runs.prompt.calibration import Calibration
from jupyter_assistants.runs.prompt.images import MAX_IMAGE_BYTES, image_of
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.runs.repeated_calls import STOP_NOTE, Repeats
from jupyter_assistants.runs.stdin import Questions, attend
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.tools.base import Tool, ToolContext

HISTORY = 2000
LEAST_HISTORY = 100
TOKENS_OF_AN_ENTRY = 10
LEAST_ROOM = 256
"""Tokens of history that are sent even where there is no room: the endpoint may know better."""
LEAST_OUTPUT = 500
STEP_LIMIT_NOTE = "The step limit of this run is reached: answer now with what you have."


@dataclass(frozen=True)
class Resolved:
    """The model behind a requested name.

    Parameters
    ----------
    note
        One sentence for the person when it is not the one that was asked for.
    """

    client: ModelClient
    model: str
    note: str | None = None


@dataclass
class RunSession:
    """What the loop needs of one run. Built from the storage alone, also after a restart."""

    recorder: Recorder
    tools: Mapping[str, Tool]
    thread: Thread
    max_turns: int
    prompt_budget: int
    summaries: bool = False
    """Whether the model writes down what is in turns that are dropped."""
    images: list[str] = field(default_factory=list)
    """Ids of images made by code that no message shows yet."""
    files: list[File] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    produced: dict[str, str] = field(default_factory=dict)
    """Ids of files that code of this thread wrote, by name; the newest wins."""
    sources: dict[str, Source] = field(default_factory=dict)
    """What file_search found in this thread, by the numbers of the marks."""
    calls_before: int = 0
    """How many calls the thread had when the model was asked."""
    added: Sequence[Message | Item] = ()
    """Entries that the model sees behind the stored ones; only a preview has some."""
    errors_in_a_row: int = 0
    repeats: Repeats = field(default_factory=Repeats)
    asked: Questions = field(default_factory=Questions)
    """What running code asks a person for."""
    resolved: Resolved | None = None
    calibration: Calibration = field(default_factory=Calibration)
    history_tokens: int | None = None
    """How many tokens the history may have; known once a prompt was built."""
    shown_tokens: int = 0
    """The estimated size of the history in the last prompt."""
    fixed_tokens: int = 0
    """The estimated size of what comes before it: instructions and tools."""
    most_tokens: int | None = None
    """A lower budget, learnt from an endpoint that found a prompt too long."""
    dropped: Sequence[HistoryEntry] = ()
    """What was in the turns that the last prompt dropped."""
    room: int = 0
    """How many tokens, as we count them, the history of the last prompt could have."""
    _truncated: Truncation | None = None

    @property
    def run(self) -> Run:
        """Return the run as it is stored."""
        return self.recorder.run

    @property
    def storage(self) -> Storage:
        """Return the storage."""
        return self.recorder.storage

    @property
    def context(self) -> ToolContext:
        """Return what a tool call may use."""
        files = [file.changed(filename=self.names[file.id]) for file in self.files]
        attendant = attend(self.recorder, self.asked)
        return ToolContext(self.run, self.thread, self.recorder.owner, files, attendant=attendant)

    @property
    def hosted(self) -> dict[str, Tool]:
        """Return the hosted tools of this run, by the name the model calls them with."""
        types = {tool.type for tool in self.run.tools if not isinstance(tool, FunctionTool)}
        chosen = [tool for kind, tool in self.tools.items() if kind in types]
        return {tool.spec().name: tool for tool in chosen}

    @property
    def functions(self) -> dict[str, FunctionTool]:
        """Return the client's functions, by name."""
        tools = [tool for tool in self.run.tools if isinstance(tool, FunctionTool)]
        return {tool.function.name: tool for tool in tools}

    def specs(self) -> list[ToolSpec]:
        """Return all that the model can call."""
        specs = [tool.spec() for tool in self.hosted.values()]
        for name, tool in self.functions.items():
            function = tool.function
            parameters = function.parameters or {"type": "object", "properties": {}}
            spec = ToolSpec(name, function.description or "", parameters, bool(function.strict))
            specs.append(spec)
        return specs

    def load(self) -> Sequence[Message | Item]:
        """Read history and files from the storage. Blocking."""
        history = [*self._history(), *self.added]
        self.calls_before = sum(
            isinstance(entry, Item) and entry.type == "function_call" for entry in history
        )
        attached = [i for entry in history if isinstance(entry, Message) for i in _for_code(entry)]
        owned = (
            self.run.tool_resources.code_interpreter,
            self.thread.tool_resources.code_interpreter,
        )
        named = [i for resources in owned if resources for i in resources.file_ids]
        self.files = list(self._existing([*named, *attached]))
        self.names = mount_names([(f.id, f.filename, f.jupyter.sha256) for f in self.files])
        return history

    def _history(self) -> Sequence[Message | Item]:
        thread_id = self.run.thread_id
        # More than fits is not even read: hardly any entry has fewer tokens than this.
        limit = max(LEAST_HISTORY, min(HISTORY, self.prompt_budget // TOKENS_OF_AN_ENTRY))
        history = self.storage.history(thread_id, limit=limit)
        if len(history) < limit:
            return history
        # The task of a very long thread stays in view.
        first = self.storage.list(Message, parent=thread_id, limit=1, order="asc").data
        return [*(each for each in first if each.id != history[0].id), *history]

    def _existing(self, ids: Sequence[str]) -> Sequence[File]:
        found = []
        for file_id in dict.fromkeys(ids):
            try:
                found.append(self.storage.get(File, file_id, owner=self.recorder.owner))
            except NotFound:
                continue
        return found

    def restore(self) -> None:
        """Read from the steps what an earlier drive of this run knew. Blocking."""
        page = self.storage.list(RunStep, parent=self.run.id, limit=1000, order="asc")
        for step in page.data:
            self.repeats.restore(step)
            if step.type == "message_creation":
                self.images.clear()
                continue
            self.note_step(step)

    def find_files(self) -> None:
        """Read which files code of this thread has written in earlier runs. Blocking."""
        produced = self.storage.list(
            File, owner=self.recorder.owner, key="assistants_output", limit=1000
        )
        for file in produced.data:
            if file.jupyter.thread_id == self.run.thread_id:
                self.produced.setdefault(file.filename, file.id)

    def find_sources(self) -> None:
        """Read what file_search has found in earlier runs of this thread. Blocking."""
        steps = self.storage.list(
            RunStep, owner=self.recorder.owner, key=self.run.thread_id, limit=1000
        )
        for step in steps.data:
            self.sources = sources(step) | self.sources

    def note_step(self, step: RunStep) -> None:
        """Take a tool step's images, files and sources into account."""
        for call in getattr(step.step_details, "tool_calls", []):
            if isinstance(call, CodeInterpreterCall):
                outputs = call.code_interpreter.outputs
                self.images += [o.image.file_id for o in outputs if isinstance(o, ImageOutput)]
        self.sources |= sources(step)
        for extension in step.jupyter.calls.values():
            self.produced |= {file.filename: file.file_id for file in extension.files}

    async def request(self, model: str, limits: Limits, *, last: bool) -> ModelRequest:
        """Build what the next model call sends.

        Parameters
        ----------
        last
            Whether the run's step limit is reached, so that no tool may be called any more.
        """
        history = await asyncio.to_thread(self.load)
        instructions = await asyncio.to_thread(self._instructions, last)
        specs = self.specs()
        self.fixed_tokens = estimate(instructions) + estimate(_json(specs))
        shown = await asyncio.to_thread(self._show, history, limits, model)
        self.shown_tokens, self.dropped = shown.tokens, shown.dropped
        await self._keep(shown.state)
        run = self.run
        if run.jupyter.seen != shown.seen:
            run = run.changed(jupyter=run.jupyter.model_copy(update={"seen": shown.seen}))
        self.recorder.run = run.changed(turns=run.turns + 1)
        choice = run.tool_choice or "auto"
        forced = choice not in ("auto", "none")
        budget = run.max_completion_tokens
        return ModelRequest(
            model=model,
            instructions=instructions,
            history=shown.history,
            tools=specs,
            tool_choice="none" if last else "auto" if forced and run.turns else choice,
            parallel_tool_calls=run.parallel_tool_calls,
            temperature=run.temperature if run.temperature != 1.0 else None,
            top_p=run.top_p if run.top_p != 1.0 else None,
            max_output_tokens=budget and max(1, budget - run.spent.completion_tokens),
            reasoning_effort=run.reasoning_effort,
            response_format=run.response_format,
        )

    def _instructions(self, last: bool) -> str:
        texts = [self.run.instructions]
        texts += [tool.briefing(self.context) for tool in self.hosted.values()]
        texts += [STOP_NOTE if self.repeats.too_many else STEP_LIMIT_NOTE] if last else []
        return "\n\n".join(text for text in texts if text)

    def learn(self, usage: Usage) -> None:
        """Take what the endpoint says of the last prompt's size into account."""
        if self.resolved is not None:
            estimated = self.fixed_tokens + self.shown_tokens
            backend, model = self.resolved.client.id, self.resolved.model
            self.calibration.learn(backend, model, estimated=estimated, counted=usage.prompt_tokens)

    @property
    def output_room(self) -> int | None:
        """Return how many tokens an output may have so that the next prompt is not all output."""
        if self.history_tokens is None:
            return None
        return max(LEAST_OUTPUT, self.history_tokens // 2)

    def _room(self, limits: Limits, model: str) -> int:
        """Return how many tokens, as we count them, the history may have."""
        run = self.run
        left = run.max_prompt_tokens and max(0, run.max_prompt_tokens - run.spent.prompt_tokens)
        budget = prompt_budget(limits, model, self.prompt_budget, left)
        backend = self.resolved.client.id if self.resolved else ""
        room = self.calibration.room(backend, model, budget) - self.fixed_tokens
        self.room = max(
            LEAST_ROOM, room if self.most_tokens is None else min(room, self.most_tokens)
        )
        return self.room

    def _truncation(self) -> Truncation:
        strategy = self.run.truncation_strategy
        scope = strategy.type if strategy else "auto"
        fresh = Truncation.of(self.run.thread_id, scope)
        try:
            return self.storage.get(Truncation, fresh.id)
        except NotFound:
            return fresh

    @property
    def summary(self) -> str:
        """Return what the model wrote down of the turns that are not shown."""
        return self._truncated.summary if self._truncated is not None else ""

    async def keep_summary(self, text: str) -> None:
        """Show this from now on in the place of the turns that were dropped."""
        assert self._truncated is not None
        await self._keep(self._truncated.changed(summary=text))

    async def _keep(self, state: Truncation) -> None:
        """Remember how far the thread is truncated, except where the limit is this run's alone."""
        if self.run.max_prompt_tokens is None and state != self._truncated:
            await self.recorder.save(state.changed(created_at=state.created_at or now()))
        self._truncated = state

    def _show(self, history: Sequence[Message | Item], limits: Limits, model: str) -> Shown:
        run = self.run
        if self._truncated is None:
            self._truncated = self._truncation()
        strategy = run.truncation_strategy
        attached = {i for m in history if isinstance(m, Message) for i in _for_code(m)}
        self.history_tokens = self._room(limits, model)
        return show(
            history,
            files={file.id: (self.names[file.id], file) for file in self.files},
            loose=[file.id for file in self.files if file.id not in attached],
            load_image=self._image,
            vision=limits.vision,
            budget=self.history_tokens,
            state=self._truncated,
            last_messages=strategy.last_messages if strategy else None,
        )

    def _image(self, file_id: str) -> Image | None:
        try:
            file = self.storage.get(File, file_id, owner=self.recorder.owner)
        except NotFound:
            return None
        if file.bytes > MAX_IMAGE_BYTES:
            return None
        with self.storage.open_file(file.jupyter.sha256) as stream:
            return image_of(stream.read())


def _json(specs: Sequence[ToolSpec]) -> str:
    return json.dumps([asdict(spec) for spec in specs], ensure_ascii=False)


def _for_code(message: Message) -> list[str]:
    attachments = message.attachments or []
    return [a.file_id for a in attachments if any(t.type == "code_interpreter" for t in a.tools)]


__all__ = ["Resolved", "RunSession", "attached_block"]
