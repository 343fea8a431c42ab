"""The folders of threads' own kernels, and which of them hold what sandboxed code wrote."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_assistants.kernels.workspace import safe_name
from jupyter_assistants.protocol.errors import ExecutorError

SET_ASIDE = "from-sandbox"
"""Subfolder for what a sandbox left. Its name is no module's, so nothing in it is imported by chance."""


class ThreadFolders:
    """Working folders by thread.

    Parameters
    ----------
    root
        Where they are; nobody else can enter it.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        # Beside the folders: code owns what is in them.
        self._marks = self.root / ".sandboxed"

    def create_root(self) -> None:
        """Create the folder of the folders."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def folder(self, thread_id: str) -> Path:
        """Return the working folder of a thread's own kernel."""
        if safe_name(thread_id) != thread_id:
            raise ExecutorError(f"'{thread_id}' cannot be the name of a folder.")
        return self.root / thread_id

    def is_sandboxed(self, thread_id: str) -> bool:
        """Return whether code in a sandbox may have written to the folder."""
        return (self._marks / self.folder(thread_id).name).exists()

    def mark_sandboxed(self, thread_id: str) -> None:
        """Remember that code in a sandbox can write to the folder, before it can."""
        self._marks.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._marks / self.folder(thread_id).name).touch()

    def release(self, thread_id: str) -> bool:
        """Set aside what a sandbox left, for a kernel that is none; return whether there was any.

        A kernel imports from its working folder: ``pandas.py`` of a sandbox would run outside.
        """
        folder = self.folder(thread_id)
        if not self.is_sandboxed(thread_id):
            return False
        aside = self.root / f".{thread_id}.aside"
        # It may be there from a process that ended in between.
        if folder.exists() and not aside.exists():
            # Renamed as a whole, and not file by file: code has no name to put a link under.
            os.rename(folder, aside)
        if aside.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            os.rename(aside, folder / SET_ASIDE)
        (self._marks / folder.name).unlink()
        return True

    def remove(self, thread_id: str) -> None:
        """Remove a thread's folder and what is remembered of it."""
        shutil.rmtree(self.folder(thread_id), ignore_errors=True)
        (self._marks / thread_id).unlink(missing_ok=True)
