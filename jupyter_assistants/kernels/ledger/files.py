"""The files of the working folder: what a step did to them, and their bytes from before."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_assistants.kernels.scratch import (
    OWNER,
    make_scratch_folder,
    remove_leftovers,
    remove_scratch_folder,
)
from jupyter_assistants.kernels.workspace import Snapshot, snapshot

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_FOLDER_BYTES = 64 * 1024 * 1024
_UNDO = "jupyter_assistants_undo_"
_PIECE = 1 << 20

Stamp = tuple[int, int]
"""Size and time of the last change, in ns."""


@dataclass(frozen=True)
class SavedFile:
    """The saved bytes of a file."""

    sha256: str
    mode: int
    stamp: Stamp


@dataclass
class FolderState:
    """A folder at a moment: what there is, and what of it was saved."""

    folder: Path
    seen: Snapshot
    saved_files: dict[str, SavedFile] = field(default_factory=dict)


@dataclass
class FileChanges:
    """The changes of a step to the files of a folder."""

    folder: Path
    new: dict[str, Stamp] = field(default_factory=dict)
    changed: dict[str, Stamp] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    saved_files: dict[str, SavedFile] = field(default_factory=dict)

    @property
    def lost(self) -> list[str]:
        """Return the files whose bytes from before were not saved."""
        return [name for name in [*self.changed, *self.deleted] if name not in self.saved_files]


class FileSnapshots:
    """Copies of files by their hash, in a private folder that ends with the process."""

    def __init__(self) -> None:
        self._home: Path | None = None
        self._known: dict[tuple[Path, str, Stamp], SavedFile] = {}

    def snapshot_folder(self, folder: Path) -> FolderState:
        """Return the folder's state; bytes that are not saved yet are copied, small files first."""
        seen = snapshot(folder)
        state = FolderState(folder, seen)
        room = MAX_FOLDER_BYTES
        for name, stamp in sorted(seen.files.items(), key=lambda item: item[1][0]):
            if stamp[0] > MAX_FILE_BYTES or stamp[0] > room:
                break
            room -= stamp[0]
            saved_file = self._known.get((folder, name, stamp)) or self._save(folder, name, stamp)
            if saved_file is not None:
                state.saved_files[name] = self._known[folder, name, stamp] = saved_file
        return state

    def changes(self, before: FolderState) -> FileChanges:
        """Return what has happened to the folder since then."""
        after, found = snapshot(before.folder), FileChanges(before.folder)
        for name, stamp in sorted(after.files.items()):
            old = before.seen.files.get(name)
            if old is None:
                # Of a folder that was not seen whole, only a fresh file is surely new.
                if not before.seen.cut or stamp[1] >= before.seen.taken_ns:
                    found.new[name] = stamp
            elif old != stamp:
                found.changed[name] = stamp
        if not after.cut:
            found.deleted = sorted(set(before.seen.files) - set(after.files))
        touched = [*found.changed, *found.deleted]
        found.saved_files = {
            name: before.saved_files[name] for name in touched if name in before.saved_files
        }
        return found

    def conflicts(self, changes: FileChanges) -> list[str]:
        """Return the files that are no longer as the step left them."""
        left = {**changes.new, **changes.changed}
        other = [n for n, stamp in left.items() if _stamp(changes.folder / n) != stamp]
        return other + [n for n in changes.deleted if os.path.lexists(changes.folder / n)]

    def undo(self, changes: FileChanges) -> Iterator[str]:
        """Restore the files; yield those that could not be restored."""
        for name in changes.new:
            with contextlib.suppress(FileNotFoundError):
                (changes.folder / name).unlink()
        for name in [*changes.changed, *changes.deleted]:
            saved_file = changes.saved_files.get(name)
            try:
                if saved_file is None or not self._restore(changes.folder / name, saved_file):
                    yield name
            except OSError:
                yield name

    def forget(self, wanted: Iterable[str], now: Mapping[str, SavedFile]) -> None:
        """Drop the bytes that no step needs and no file has."""
        saved = {*wanted, *(saved_file.sha256 for saved_file in now.values())}
        self._known = {key: b for key, b in self._known.items() if b.sha256 in saved}
        if self._home is not None:
            for path in self._home.iterdir():
                if path.name not in saved and path.name != OWNER:
                    path.unlink(missing_ok=True)

    def _save(self, folder: Path, name: str, stamp: Stamp) -> SavedFile | None:
        path, home = folder / name, self._folder()
        try:
            with (
                path.open("rb") as source,
                tempfile.NamedTemporaryFile(dir=home, delete=False) as saved,
            ):
                found = os.fstat(source.fileno())
                digest = hashlib.sha256()
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    saved.write(piece)
            os.replace(saved.name, home / digest.hexdigest())
        except OSError:
            return None
        # Somebody else may be writing it just now.
        if (found.st_size, found.st_mtime_ns) != stamp or _stamp(path) != stamp:
            return None
        return SavedFile(digest.hexdigest(), stat.S_IMODE(found.st_mode), stamp)

    def _restore(self, path: Path, saved_file: SavedFile) -> bool:
        saved = self._folder() / saved_file.sha256
        if not saved.is_file() or path.is_symlink() or path.is_dir():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.parent / f".{os.urandom(8).hex()}.part"
        try:
            shutil.copyfile(saved, part)
            os.chmod(part, saved_file.mode)
            os.utime(part, ns=(saved_file.stamp[1], saved_file.stamp[1]))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        return True

    def _folder(self) -> Path:
        if self._home is None:
            # A kernel that was killed has left copies of people's files.
            remove_leftovers(_UNDO)
            self._home = make_scratch_folder(_UNDO)
            atexit.register(remove_scratch_folder, self._home)
        return self._home


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None
