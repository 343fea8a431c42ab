"""What a kernel remembers between cells: its server, its thread, what it uploaded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_assistants.client.assistants import DEFAULT_ASSISTANT
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.discovery import Found, Kernel, find
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.last_error import Failures

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_assistants.ipython.approval import Approvals


@dataclass
class Upload:
    """A file of this machine that the server has."""

    path: Path
    file_id: str


async def _no_cell(line: str, body: str) -> str | None:
    raise AssistantError("There are no cells here.")


async def _no_replay(made: dict[str, Any], source: Path, yes: bool, strict: bool) -> str:
    raise AssistantError("There are no cells here.")


@dataclass(frozen=True)
class StepId:
    """Where the server keeps a step that ran here."""

    thread_id: str
    run_id: str
    step_id: str


@dataclass
class State:
    """The state of one kernel's magics.

    Parameters
    ----------
    assistant
        Name or id of the assistant that cells ask when they name none.
    thread_id
        The thread that cells continue when they name none; None before the first.
    store
        The vector store that cells search; None if only what the assistant or the thread has.
    context, context_rows
        Whether models are told of the variables, and how many rows they see of each data frame.
    home
        The folder of the notebook: where the kernel was when the magics were loaded.
    uploads
        By SHA-256: the same content is sent once.
    placed
        Names in the working folder by (folder, file id).
    steps
        Steps that ran here, by their ids in the kernel's ledger.
    failures
        Knows the last cell that failed.
    cell, play
        What the magics do with a cell's first line and prompt, and with a recording (where it is
        from, whether its code runs unasked, whether it has to agree).
    recordings
        Of the runs of this kernel, oldest first.
    counts
        How often a prompt was recorded or replayed, by what was done and its key.
    """

    shell: InteractiveShell
    approvals: Approvals
    home: Path = field(default_factory=Path.cwd)
    assistant: str = DEFAULT_ASSISTANT
    model: str | None = None
    thread_id: str | None = None
    store: str | None = None
    context: bool = True
    context_rows: int = 0
    url: str = ""
    token: str = field(default="", repr=False)
    uploads: dict[str, Upload] = field(default_factory=dict)
    placed: dict[tuple[Path, str], str] = field(default_factory=dict)
    steps: dict[str, StepId] = field(default_factory=dict)
    failures: Failures | None = None
    cell: Callable[[str, str], Awaitable[str | None]] = field(default=_no_cell, repr=False)
    play: Callable[[dict[str, Any], Path, bool, bool], Awaitable[str]] = field(
        default=_no_replay, repr=False
    )
    recordings: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    found: Found | None = None

    async def client(self) -> Client:
        """Return the client; the server is looked for once."""
        if self.found is None:
            self.found = await find(kernel_of(self.shell), url=self.url, token=self.token)
        return self.found.client

    def count(self, what: str, key: str) -> int:
        """Return how often this was done with a prompt before, and count it."""
        number = self.counts.get((what, key), 0)
        self.counts[what, key] = number + 1
        return number

    def forget_client(self) -> None:
        """Look for the server again next time."""
        if self.found is not None:
            self.found.client.close()
            self.found = None

    @property
    def in_kernel(self) -> bool:
        """Whether a kernel shows what is displayed; a terminal prints it."""
        return getattr(self.shell, "kernel", None) is not None


def kernel_of(shell: Any) -> Kernel:
    """Return what the kernel of a shell knows of itself."""
    if getattr(shell, "kernel", None) is None:
        return Kernel()
    from ipykernel.connect import get_connection_file

    try:
        return Kernel(Path(get_connection_file()))
    except RuntimeError:
        return Kernel()
