"""What the service remembers of a working folder, in a folder of its own beside it.

Code that lists its working folder sees files of people and of code, and nothing of ours: a loop over
the listing would take each of those for data. Whatever is written here is also out of the reach of code
in a sandbox, which can read it and no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from jupyter_assistants.kernels.workspace import OUTPUTS, is_placed_name, safe_name


@dataclass(frozen=True)
class ServiceFolder:
    """The service's folder for one working folder.

    Parameters
    ----------
    path
        Where it is; created with the first thing that is written to it.
    folder
        The working folder.
    """

    path: Path
    folder: Path

    @property
    def links(self) -> Path:
        """The folder of links to attached files, by their ids."""
        return self.path / "links"

    @property
    def outputs(self) -> Path:
        """The folder of long outputs, which later code can read again."""
        return self.path / "outputs"

    @property
    def packages(self) -> Path:
        """The folder of what is installed in a sandbox with the network."""
        return self.path / "packages"

    @property
    def _names(self) -> Path:
        return self.path / "names"

    def create(self) -> None:
        """Create all folders: a sandbox shows what is there when it starts."""
        # `parents=True` would make the folders above by the umask.
        missing = [each for each in (self.path, *self.path.parents) if not each.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.links, self.outputs, self.packages, self._names):
            folder.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Remove the folder with all that is remembered."""
        shutil.rmtree(self.path, ignore_errors=True)

    def mark_kernel(self) -> bool:
        """Record that a kernel works in the folder; return whether one did before."""
        try:
            (self.path / "had-a-kernel").touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return True
        return False

    def add_file(self, file_id: str, name: str) -> None:
        """Record that an attached file was placed under this name, and link to it by its id.

        Raises
        ------
        ValueError
            If the id or the name is no plain file name.
        """
        if safe_name(file_id) != file_id or not is_placed_name(name):
            raise ValueError(f"{file_id!r} -> {name!r}: both must be plain file names.")
        self.create()
        note = self._names / file_id
        note.touch(mode=0o600)
        note.write_text(name, encoding="utf-8")
        # Systems without links do with the names.
        with contextlib.suppress(OSError, NotImplementedError):
            (self.links / file_id).unlink(missing_ok=True)
            os.symlink(self.folder / name, self.links / file_id)

    def placed_name(self, file_id: str) -> str | None:
        """Return the name under which a file was placed before, if it is still there."""
        if safe_name(file_id) != file_id:
            return None
        try:
            name = (self._names / file_id).read_text(encoding="utf-8")
            there = is_placed_name(name) and os.lstat(self.folder / name)
        except (OSError, ValueError):
            return None
        return name if there and stat.S_ISREG(there.st_mode) else None

    def code_paths(self) -> dict[str, str]:
        """Return what code means by names below ``/mnt/data`` that are not in the working folder.

        A file's id means the file. Its link stands for it where its name would need quotes.
        """
        paths = {OUTPUTS: str(self.outputs)} if self.outputs.is_dir() else {}
        with contextlib.suppress(OSError):
            for file_id in sorted(os.listdir(self._names)):
                name = self.placed_name(file_id)
                if name is not None:
                    paths[file_id] = str(
                        self.folder / name if _is_bare(name) else self.links / file_id
                    )
        return paths


def _is_bare(name: str) -> bool:
    """Return whether a name can stand in any code, also in a line for a shell."""
    return name.isascii() and not set(name) - _BARE


_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=,@/")


def service_folder_of(root: Path, folder: Path) -> ServiceFolder:
    """Return the service's folder for a person's working folder, which is not ours to write to."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return ServiceFolder(root / f"live-{digest}", folder)
