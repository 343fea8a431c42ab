"""Files of this machine to index, compared with the files that a vector store has."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import sha256_of

Json = dict[str, Any]

SOURCE, PATH, SHA256 = "source_folder", "path", "sha256"
"""Attributes of a vector store's file that name its origin."""
_MAX_ATTRIBUTE = 512
_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True)
class LocalFile:
    """A file to index.

    Parameters
    ----------
    source
        The folder that was named, or the folder of a named file.
    path
        The path below it, with slashes.
    """

    source: str
    path: str

    @property
    def location(self) -> Path:
        """Return its path."""
        return Path(self.source) / self.path

    @property
    def attributes(self) -> dict[str, str]:
        """Return the attributes of its vector store file, without the hash."""
        return {SOURCE: self.source[-_MAX_ATTRIBUTE:], PATH: self.path[-_MAX_ATTRIBUTE:]}


@dataclass
class SyncPlan:
    """The changes that make a vector store equal to the folders.

    Parameters
    ----------
    add
        New and changed files with their hashes, and the ids of those that they replace.
    removed
        Ids of the vector store's files that no longer exist in the folders.
    failed
        Files that could not be indexed before and have not changed, with the reasons.
    """

    add: list[tuple[LocalFile, str, str | None]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def local_files(names: Sequence[str]) -> list[LocalFile]:
    """Return the files behind paths, folders (with everything in them) and patterns.

    Hidden files and folders are skipped, and so are links that leave a folder.

    Raises
    ------
    AssistantError
        If a name matches nothing.
    """
    files_by_path: dict[Path, LocalFile] = {}
    for name in names:
        path = Path(os.path.expanduser(name))
        if path.is_dir():
            for file in _walk(path.resolve()):
                files_by_path.setdefault(file.location, file)
            continue
        paths = [path] if path.is_file() else [Path(each) for each in sorted(glob.glob(str(path)))]
        files = [each.resolve() for each in paths if each.is_file()]
        if not files:
            raise AssistantError(f"{name}: there is no such file or folder")
        for each in files:
            files_by_path.setdefault(each, LocalFile(str(each.parent), each.name))
    return list(files_by_path.values())


def sources(names: Sequence[str]) -> set[str]:
    """Return the folders among these names, from which deleted files leave the store as well."""
    paths = (Path(os.path.expanduser(name)) for name in names)
    return {str(path.resolve())[-_MAX_ATTRIBUTE:] for path in paths if path.is_dir()}


def _walk(root: Path) -> Iterator[LocalFile]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        )
        for name in sorted(names):
            path = Path(folder) / name
            inside = path.is_file() and path.resolve().is_relative_to(root)
            if not name.startswith(".") and inside:
                yield LocalFile(str(root), path.relative_to(root).as_posix())


class Hashes:
    """The hashes of files; a file is read again only when its size or time has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def of(self, path: Path) -> str | None:
        """Return a file's SHA-256; None if it cannot be read."""
        try:
            status = path.stat()
            stamp = (status.st_size, status.st_mtime_ns)
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = self._known[path] = (stamp, sha256_of(path))
            return known[1]
        except OSError:
            return None


def plan(
    files: Sequence[LocalFile],
    entries: Sequence[Json],
    folders: set[str],
    hashes: Hashes,
) -> SyncPlan:
    """Compare files with the entries of a vector store.

    Parameters
    ----------
    folders
        Entries from these folders that are not among the files are removed.
    """
    changes = SyncPlan()
    known: dict[tuple[str, str], Json] = {}
    for entry in entries:
        attributes: Mapping[str, Any] = entry.get("attributes") or {}
        if SOURCE in attributes and PATH in attributes:
            key = (str(attributes[SOURCE]), str(attributes[PATH]))
            if key in known:
                changes.removed.append(entry["id"])
            known.setdefault(key, entry)
    for file in files:
        digest = hashes.of(file.location)
        if digest is None:
            changes.failed[file.path] = "The file cannot be opened."
            continue
        key = (file.attributes[SOURCE], file.attributes[PATH])
        old = known.pop(key, {})
        if (old.get("attributes") or {}).get(SHA256) != digest or old["status"] == "cancelled":
            changes.add.append((file, digest, old.get("id")))
        elif old["status"] == "failed":
            changes.failed[file.path] = (old.get("last_error") or {}).get("message") or "failed"
        else:
            changes.unchanged += 1
    changes.removed += [entry["id"] for (source, _), entry in known.items() if source in folders]
    return changes
