"""The port of executors: whatever runs code.

Outputs are nbformat output dicts wherever they travel. An executor either runs code and returns a
:class:`Result`, or hands it out for the client to run and returns a :class:`Handout`: the run then
waits as it waits for a function's output.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Output = dict[str, Any]
Status = Literal["ok", "error", "interrupted", "timeout", "died", "rejected"]


@dataclass(frozen=True)
class Produced:
    """A file that code wrote into its working folder.

    Parameters
    ----------
    name
        Path relative to the working folder, with forward slashes.
    path
        Where the bytes are on this machine, or None when they are in the store already.
    file_id
        Its id when it is in the store already.
    """

    name: str
    path: Path | None = None
    file_id: str | None = None


@dataclass
class Result:
    """The result of one execution.

    Parameters
    ----------
    status
        How it ended. ``rejected``: a person said no.
    outputs
        nbformat dicts in order, streams merged, capped.
    note
        One sentence for the model and the person: why it ended, what was cut.
    files
        Files that are new or changed.
    seconds
        How long it ran.
    changes
        What the code changed, where a ledger was kept
        (:class:`~jupyter_assistants.protocol.steps.Changes` as JSON).
    code
        What ran, where a person has edited it; empty if that is what was asked for.
    """

    status: Status
    outputs: list[Output] = field(default_factory=list)
    note: str = ""
    files: list[Produced] = field(default_factory=list)
    seconds: float = 0.0
    changes: dict[str, Any] | None = None
    code: str = ""


class Stopped(asyncio.CancelledError):
    """The task that ran code was cancelled, and the code was stopped.

    Parameters
    ----------
    result
        The partial result.
    """

    def __init__(self, result: Result) -> None:
        super().__init__(result.note)
        self.result = result


@dataclass(frozen=True)
class Handout:
    """A call that the client has to answer: its name on the wire and its arguments."""

    name: str
    arguments: dict[str, Any]

    @property
    def json(self) -> str:
        """Return the arguments as the wire has them."""
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class InputFile:
    """A file that has to be in the working folder before code runs.

    Parameters
    ----------
    name
        The name that it gets, of :func:`.attached_files.attached_names`.
    open
        Gives a new readable binary file object on each call.
    """

    file_id: str
    name: str
    bytes: int
    sha256: str
    open: Callable[[], Any]


@dataclass(frozen=True)
class Attendant:
    """The follower of an execution.

    Parameters
    ----------
    waiting
        Called with the reason why the code does not run yet, and with an empty text once it does.
    reply
        Answers ``input()``: takes the prompt and whether a password is asked for. None where nobody
        can answer.
    """

    waiting: Callable[[str], None] = lambda text: None
    reply: Callable[[str, bool], Awaitable[str]] | None = None


NOBODY = Attendant()


class Executor(Protocol):
    """Runs the code of one thread. Names stay defined between runs."""

    @property
    def place(self) -> str:
        """Return where this is, for people: ``kernel <id>``, or ``caller``."""

    @property
    def live(self) -> bool:
        """Return whether this is a person's own kernel, where code needs an approval."""

    @property
    def sandboxed(self) -> bool:
        """Return whether code is in a sandbox here, of either grade."""

    async def prepare(self, files: Sequence[InputFile]) -> None:
        """Put files into the working folder, under their names and under their ids.

        A file that is there already is left alone.
        """

    async def run(
        self,
        code: str,
        on_output: Callable[[Output], None],
        attendant: Attendant = NOBODY,
        *,
        until: float | None = None,
    ) -> Result | Handout:
        """Run code and report outputs as they come.

        ``/mnt/data`` in the code means the working folder. Cancelling this coroutine interrupts
        the code, and never restarts the kernel.

        Parameters
        ----------
        until
            The time (of ``time.monotonic``) after which the code must not begin any more.

        Raises
        ------
        ExecutorError
            If code cannot be run here at all.
        """

    async def interrupt(self) -> None:
        """Stop the code that runs."""

    async def undo(self, step: str, *, force: bool) -> dict[str, Any]:
        """Undo a step by the id of its ``changes``; return what was restored and removed.

        What the ledger refuses is ``refused`` in the answer.

        Raises
        ------
        ExecutorError
            If this executor keeps no ledger.
        KernelBusy
            If other code runs there.
        """


class Caller(Executor, Protocol):
    """The executor that hands code out, and receives the outcome of its execution."""

    def receive(self, posted: dict[str, Any]) -> Result:
        """Turn what the client posted for a call into a result.

        Parameters
        ----------
        posted
            ``{"output": str, "jupyter": {…} | None}``; the latter is a :class:`Result` as JSON.
        """


@dataclass(frozen=True)
class Namespace:
    """The variables of a live kernel.

    Parameters
    ----------
    state
        ``seen``; ``busy`` where they cannot be read now; ``foreign`` for languages without inspection.
    variables
        ``name``, ``type``, ``text`` and ``rows`` of each (:func:`jupyter_assistants.kernels.variables.describe_variables`).
    left_out
        How many more there are.
    values
        Of the names that were asked for.
    """

    state: Literal["seen", "busy", "foreign"]
    variables: Sequence[dict[str, str]] = ()
    left_out: int = 0
    values: Mapping[str, str] = field(default_factory=dict)


class Executors(Protocol):
    """Opens executors for threads."""

    async def open(
        self, thread_id: str, *, kernel_id: str | None, sandbox: bool | None
    ) -> Executor:
        """Return the live kernel of this id, or the thread's own kernel, started if need be.

        Parameters
        ----------
        sandbox
            Whether the thread's own kernel is to be locked down. It has no default, so that nobody
            who starts a kernel forgets it. None: if it was locked down before.

        Raises
        ------
        ExecutorError
            If there is no such kernel, or it does not start.
        """

    async def end_idle(self) -> None:
        """End the threads' own kernels that ran no code for long."""

    def is_sandboxed(self, thread_id: str, wish: bool | None) -> bool:
        """Return whether the thread's own kernel is or would be locked down.

        Parameters
        ----------
        wish
            As ``sandbox`` of :meth:`open`.
        """

    async def sandbox_problem(self) -> tuple[str, str]:
        """Return the setting ``sandbox``, and why sandboxes cannot be made; empty if they can."""

    async def counts_processes(self) -> bool:
        """Return whether the system itself limits the processes of a sandbox."""

    def folder(self, thread_id: str) -> Path:
        """Return the working folder of the thread's own kernel."""

    def outputs_folder(self, thread_id: str) -> Path:
        """Return where long outputs of the thread's own kernel are saved for later code."""

    async def facts(self, kernel_id: str | None) -> dict[str, str]:
        """Return what a kernel is (:mod:`jupyter_assistants.kernels.facts`), asked once.

        Empty if it cannot say so soon, because it is busy or not there.

        Parameters
        ----------
        kernel_id
            A live kernel; None for those that threads have of their own.
        """

    async def inspect_variables(
        self, kernel_id: str, *, names: Sequence[str] = (), rows: int = 0, head: int = 0
    ) -> Namespace:
        """Return what is defined in a live kernel, without waiting for a busy one.

        Parameters
        ----------
        names
            Variables whose values are wanted.
        rows
            So many first rows of each table.
        head
            So many first rows of the tables that are named; 0 for what they are alone, no values.

        Raises
        ------
        ExecutorError
            If there is no such kernel.
        """

    async def forget(self, thread_id: str) -> None:
        """End the thread's own kernel and remove its folder."""

    async def close(self) -> None:
        """End every kernel that was started here."""
