"""Files of this machine that a person gives to a run."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_assistants.client.assistants import suggestion
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.errors import AssistantError


@dataclass(frozen=True)
class LocalUpload:
    """A file of this machine that was uploaded.

    Parameters
    ----------
    path
        Where it is, without links.
    named
        The path by which the person named it.
    """

    path: Path
    file_id: str
    sha256: str
    named: Path

    def own_path(self, folder: Path) -> str:
        """Return the path by which code in a folder names the file: as the person would."""
        if not self.named.is_absolute() and (folder / self.named).resolve() == self.path:
            return self.named.as_posix()
        inside = self.path.is_relative_to(folder.resolve())
        return (self.path.relative_to(folder.resolve()) if inside else self.path).as_posix()


def check_files(names: Sequence[str]) -> list[Path]:
    """Return the paths of files that a person names.

    Raises
    ------
    AssistantError
        If a file does not exist; the text names similar ones.
    """
    paths = []
    for name in names:
        path = Path(os.path.expanduser(name))
        if path.name.startswith("."):
            raise AssistantError(
                f"--file {name}: hidden files are not sent, because they often hold secrets. Copy it "
                "under another name to send it."
            )
        if path.is_dir():
            raise AssistantError(f"--file {name}: this is a folder; name its files instead")
        if not path.is_file():
            raise AssistantError(f"--file {name}: no such file{_similar(path)}")
        paths.append(path)
    return paths


def _similar(path: Path) -> str:
    try:
        known = [entry.name for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return f"; there is no folder {path.parent}"
    return suggestion(path.name, known).rstrip(".")


async def attach(
    client: Client, paths: Sequence[Path], uploads: MutableMapping[str, LocalUpload]
) -> list[Json]:
    """Return the attachments of a message, uploading each file that is not in ``uploads``.

    Parameters
    ----------
    uploads
        Earlier uploads by the file's id; the new ones are added. The same content of the same file
        is sent once.
    """
    attachments = []
    for path in paths:
        digest, where = await asyncio.to_thread(sha256_of, path), path.resolve()
        same = (each for each in uploads.values() if (each.path, each.sha256) == (where, digest))
        known = next(same, None)
        if known is None:
            file = await client.upload(path, purpose="assistants")
            known = uploads[file["id"]] = LocalUpload(where, file["id"], digest, path)
        attachments.append({"file_id": known.file_id, "tools": [{"type": "code_interpreter"}]})
    return attachments


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
