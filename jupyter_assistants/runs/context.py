"""A run while this process drives it: what is fixed, and the parts that keep what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_assistants.models.base import ModelClient, ToolSpec
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import FunctionTool
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.runs.repeated_calls import RepeatedCalls
from jupyter_assistants.runs.stdin import InputRequests, attendant
from jupyter_assistants.runs.thread_files import ThreadFiles
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.tools.base import Tool, ToolContext

STEPS_OF_A_RUN = 1000
MOST_HISTORY = 2000
LEAST_HISTORY = 100
TOKENS_OF_AN_ENTRY = 10


@dataclass(frozen=True)
class ResolvedModel:
    """The model behind a requested name.

    Parameters
    ----------
    note
        One sentence for the person when it is not the one that was asked for.
    """

    client: ModelClient
    model: str
    note: str | None = None

    @property
    def name(self) -> str:
        """Return the name that people see: ``endpoint/model``."""
        return self.model if self.model == self.client.id else f"{self.client.id}/{self.model}"


@dataclass(frozen=True)
class RunSettings:
    """The server's settings for all runs.

    Parameters
    ----------
    max_turns
        Model calls of a run; in the last one no tool may be called.
    prompt_budget
        The most tokens of a prompt.
    summaries
        Whether the model writes down what is in turns that are dropped from its prompts.
    max_answer_characters
        The most characters that one answer of a model may have, with the arguments of its calls.
    """

    max_turns: int = 24
    prompt_budget: int = 100_000
    summaries: bool = False
    max_answer_characters: int = 4_000_000


@dataclass(frozen=True)
class RunContext:
    """One run: its writer, its thread and its tools. Built from storage, also after a restart.

    Parameters
    ----------
    registered
        All hosted tools by type; :attr:`hosted` are those of this run.
    notes
        What the person is told of this run, by subject.
    """

    recorder: Recorder
    thread: Thread
    registered: Mapping[str, Tool]
    settings: RunSettings
    files: ThreadFiles
    repeats: RepeatedCalls = field(default_factory=RepeatedCalls)
    inputs: InputRequests = field(default_factory=InputRequests)
    notes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        recorder: Recorder,
        thread: Thread,
        registered: Mapping[str, Tool],
        settings: RunSettings,
    ) -> RunContext:
        """Return the context of a run that nothing is known of yet."""
        files = ThreadFiles(recorder.storage, recorder.owner, recorder.run, thread)
        return cls(recorder, thread, registered, settings, files)

    @property
    def run(self) -> Run:
        """Return the run as it is stored."""
        return self.recorder.run

    @property
    def storage(self) -> Storage:
        """Return where its objects are."""
        return self.recorder.storage

    @property
    def hosted(self) -> dict[str, Tool]:
        """Return the hosted tools of this run, by the name the model calls them with."""
        types = {tool.type for tool in self.run.tools if not isinstance(tool, FunctionTool)}
        chosen = [tool for type, tool in self.registered.items() if type in types]
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

    def tool_context(self, *, number: int = 0, room: int | None = None) -> ToolContext:
        """Return what a tool call may use; see :class:`.ToolContext`."""
        return ToolContext(
            self.run,
            self.thread,
            self.recorder.owner,
            self.files.mounted,
            number=number,
            attendant=attendant(self.recorder, self.inputs),
            room=room,
        )

    def note(self, subject: str, text: str) -> None:
        """Set or remove what the person is told about one subject; whoever calls this saves the run."""
        self.notes.setdefault("model", self.run.jupyter.note or "")
        if text or subject in self.notes:
            self.notes[subject] = text
            self.recorder.note(note=" ".join(filter(None, self.notes.values())) or None)

    def history(self) -> Sequence[Message | Item]:
        """Return the newest entries of the thread, and its first message. Blocking."""
        # More than fits is not even read: hardly any entry has fewer tokens than this.
        fitting = self.settings.prompt_budget // TOKENS_OF_AN_ENTRY
        limit = max(LEAST_HISTORY, min(MOST_HISTORY, fitting))
        history = self.storage.history(self.thread.id, limit=limit)
        if len(history) < limit:
            return history
        # The task of a very long thread stays in view.
        first = self.storage.list(Message, parent=self.thread.id, limit=1, order="asc").data
        return [*(each for each in first if each.id != history[0].id), *history]

    def fresh_thread(self) -> Thread:
        """Return the thread as it is by now. Blocking.

        A person may lower how much of the notebook models see while the run waits for an approval.
        """
        try:
            return self.storage.get(Thread, self.thread.id)
        except NotFound:
            # A preview's, or one that was deleted meanwhile.
            return self.thread

    def restore(self) -> None:
        """Read what an earlier drive of the run knew: its steps, and the thread's files. Blocking."""
        for step in self.recorder.stored_steps(limit=STEPS_OF_A_RUN):
            self.repeats.restore(step)
            self.files.restore(step)
        self.files.load(self.history())
