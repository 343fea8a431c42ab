"""The folders of threads' own kernels, and which of them hold what sandboxed code wrote."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_assistants.kernels.service_folder import ServiceFolder, service_folder_of
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
        self._default_marks = self.root / ".sandboxed-by-default"
        self._service_folders = self.root / ".service"

    def create_root(self) -> None:
        """Create the folder that holds the threads' folders."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def folder(self, thread_id: str) -> Path:
        """Return the working folder of a thread's own kernel."""
        if safe_name(thread_id) != thread_id:
            raise ExecutorError(f"'{thread_id}' cannot be the name of a folder.")
        return self.root / thread_id

    def service_folder(self, thread_id: str) -> ServiceFolder:
        """Return what is remembered of a thread's folder."""
        folder = self.folder(thread_id)
        return ServiceFolder(self._service_folders / folder.name, folder)

    def service_folder_of(self, folder: Path) -> ServiceFolder:
        """Return what is remembered of the working folder of a live kernel."""
        return service_folder_of(self._service_folders, folder)

    def is_sandboxed(self, thread_id: str) -> bool:
        """Return whether code in a sandbox may have written to the folder."""
        return (self._marks / self.folder(thread_id).name).exists()

    def mark_sandboxed(self, thread_id: str, *, strict: bool = True) -> None:
        """Record, before it can happen, that code in a sandbox may write to the folder.

        Parameters
        ----------
        strict
            Whether somebody asked for the sandbox. Only then the thread has to keep it.
        """
        marks = self._marks if strict else self._default_marks
        marks.mkdir(mode=0o700, parents=True, exist_ok=True)
        # 0600 whatever the umask, as everything in the data folder.
        (marks / self.folder(thread_id).name).touch(mode=0o600)

    def release(self, thread_id: str, *, sandboxed: bool = False) -> bool:
        """Set aside what a sandbox left, for a kernel with more rights; return whether there was any.

        A kernel imports from its working folder: ``pandas.py`` of a sandbox would run outside.

        Parameters
        ----------
        sandboxed
            Whether that kernel is in the default sandbox: what another one of those left may stay.
        """
        folder = self.folder(thread_id)
        by_default = self._default_marks / folder.name
        if not self.is_sandboxed(thread_id) and (sandboxed or not by_default.exists()):
            return False
        aside = self.root / f".{thread_id}.aside"
        # It may be there from a process that ended in between.
        if folder.exists() and not aside.exists():
            # Renamed as a whole, and not file by file: code has no name to put a link under.
            os.rename(folder, aside)
        if aside.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            os.rename(aside, folder / SET_ASIDE)
        (self._marks / folder.name).unlink(missing_ok=True)
        by_default.unlink(missing_ok=True)
        return True

    def remove(self, thread_id: str) -> None:
        """Remove a thread's folder and what is remembered of it."""
        shutil.rmtree(self.folder(thread_id), ignore_errors=True)
        self.service_folder(thread_id).remove()
        for marks in (self._marks, self._default_marks):
            (marks / thread_id).unlink(missing_ok=True)
