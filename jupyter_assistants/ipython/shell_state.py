"""The state of the magics between cells: the server, the thread, the uploads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_assistants.client.assistants import DEFAULT_ASSISTANT
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.discovery import ChosenClient, KernelIdentity, find
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import LocalUpload
from jupyter_assistants.ipython.last_error import Failures

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_assistants.ipython.approval import Approvals


async def _no_cell(line: str, body: str) -> str | None:
    raise AssistantError("No magics are loaded in this shell.")


async def _no_replay(made: dict[str, Any], source: Path, yes: bool, strict: bool) -> str:
    raise AssistantError("No magics are loaded in this shell.")


@dataclass(frozen=True)
class StepId:
    """The ids under which the server has a step that ran here."""

    thread_id: str
    run_id: str
    step_id: str


@dataclass
class ShellState:
    """The state of one kernel's magics.

    Parameters
    ----------
    assistant
        Name or id of the assistant that cells ask when they name none.
    thread_id
        The thread that cells continue when they name none; None before the first.
    store
        The vector store that cells search; None leaves it to the assistant and the thread.
    context, context_rows
        Whether models see the names and types of variables, and how many rows of each data frame.
    home
        The folder of the notebook: where the kernel was when the magics were loaded.
    uploads
        By the file's id: the same content is sent once.
    placed
        Names in the working folder by (folder, file id).
    steps
        Steps that ran here, by their ids in the kernel's ledger.
    failures
        Remembers the last cell that failed.
    ask_cell
        Asks as a cell does, with the options of its first line and its prompt.
    play
        Replays a recording (its file, whether its code runs unasked, whether a difference fails).
    recordings
        Of the runs of this kernel, oldest first.
    counts
        How often a prompt was recorded or replayed, by the purpose and the prompt's key.
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
    uploads: dict[str, LocalUpload] = field(default_factory=dict)
    placed: dict[tuple[Path, str], str] = field(default_factory=dict)
    steps: dict[str, StepId] = field(default_factory=dict)
    failures: Failures | None = None
    ask_cell: Callable[[str, str], Awaitable[str | None]] = field(default=_no_cell, repr=False)
    play: Callable[[dict[str, Any], Path, bool, bool], Awaitable[str]] = field(
        default=_no_replay, repr=False
    )
    recordings: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    chosen: ChosenClient | None = None

    async def client(self) -> Client:
        """Return the client; the server is searched for once."""
        if self.chosen is None:
            self.chosen = await find(kernel_of(self.shell), url=self.url, token=self.token)
        return self.chosen.client

    def thread_of(self, name: str) -> str:
        """Return the named thread, or else the one that cells continue.

        Raises
        ------
        AssistantError
            If there is neither.
        """
        thread_id = name or self.thread_id
        if thread_id is None:
            raise AssistantError("No thread yet: ask something with %%assistant, or name a thread.")
        return thread_id

    def code_paths(self, folder: Path) -> dict[str, str]:
        """Return the paths that the ids of files stand for in code that runs in this folder."""
        return {
            id_: str(where / name) for (where, id_), name in self.placed.items() if where == folder
        }

    def own_paths(self, folder: Path) -> dict[str, str]:
        """Return the paths of the person's own files for code that runs in this folder, by file id."""
        return {
            upload.file_id: upload.own_path(folder)
            for upload in self.uploads.values()
            if upload.path.is_file()
        }

    def count_use(self, purpose: str, key: str) -> int:
        """Count one more use of a prompt; return how many there were before."""
        number = self.counts.get((purpose, key), 0)
        self.counts[purpose, key] = number + 1
        return number

    def forget_client(self) -> None:
        """Close the client; the next cell searches for the server again."""
        if self.chosen is not None:
            self.chosen.client.close()
            self.chosen = None

    @property
    def in_kernel(self) -> bool:
        """Whether a kernel shows what is displayed; a terminal prints it."""
        return getattr(self.shell, "kernel", None) is not None


def kernel_of(shell: Any) -> KernelIdentity:
    """Return the identity of a shell's kernel, as far as the kernel knows it."""
    if getattr(shell, "kernel", None) is None:
        return KernelIdentity()
    from ipykernel.connect import get_connection_file

    try:
        return KernelIdentity(Path(get_connection_file()))
    except RuntimeError:
        return KernelIdentity()
