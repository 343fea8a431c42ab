"""Files of a cell's run: copied to where its code finds them, and written by its code."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from jupyter_assistants.client.assistants import every, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.files import sha256_of
from jupyter_assistants.ipython.scene import FileLink
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.kernels.attached_files import attached_names, name_apart
from jupyter_assistants.kernels.workspace import place
from jupyter_assistants.protocol.errors import AssistantsError

MAX_EMBEDDED = 256 * 1024


@dataclass(frozen=True)
class AttachedFile:
    """A file for code, and the name that the model knows it by."""

    id: str
    filename: str
    sha256: str
    name: str


async def attached_files(client: Client, run: Json) -> list[AttachedFile]:
    """Return the files that a run's code may read."""
    files = [
        await client.request("GET", f"/files/{quote(i, safe='')}")
        for i in await _file_ids(client, run)
    ]
    known = [(file["id"], file["filename"], file.get("jupyter") or {}) for file in files]
    names = attached_names(
        (id, filename, mark.get("sha256"), bool(mark.get("apart"))) for id, filename, mark in known
    )
    return [
        AttachedFile(id, filename, mark.get("sha256") or "", names[id])
        for id, filename, mark in known
    ]


def name_new(state: ShellState, files: Sequence[AttachedFile], folder: Path) -> str:
    """Return a sentence on files that will be set apart in the folder; empty if there are none."""
    return name_apart(file.name for file in files if (folder, file.id) not in state.placed)


async def copy_to_folder(
    state: ShellState, client: Client, files: Sequence[AttachedFile], folder: Path
) -> list[str]:
    """Copy files to the working folder, under the names that the model knows.

    Returns
    -------
    list
        A sentence for each file that was copied.
    """
    notes = []
    for file in files:
        key = (folder, file.id)
        if key in state.placed:
            continue
        existed = os.path.lexists(folder / file.name)
        source = await _opener(state, client, file.id, file.sha256)
        below, _, name = file.name.rpartition("/")
        state.placed[key] = await asyncio.to_thread(
            place, folder, name, source, file.sha256, below=below
        )
        if not existed or state.placed[key] != file.name:
            notes.append(f"{file.filename} was copied to {folder / state.placed[key]}.")
    return notes


async def _file_ids(client: Client, run: Json) -> list[str]:
    """Return the ids of a run's files for code, in the server's own order."""
    path = thread_path(run["thread_id"])
    thread = await client.request("GET", path)
    ids = [*_code_file_ids(run), *_code_file_ids(thread)]
    async for message in every(client, f"{path}/messages", order="asc"):
        for attachment in message.get("attachments") or []:
            if any(tool["type"] == "code_interpreter" for tool in attachment.get("tools") or []):
                ids.append(attachment["file_id"])
    return list(dict.fromkeys(ids))


def _code_file_ids(holder: Json) -> list[str]:
    resources = (holder.get("tool_resources") or {}).get("code_interpreter") or {}
    return list(resources.get("file_ids") or [])


async def _opener(state: ShellState, client: Client, file_id: str, digest: str) -> Any:
    for upload in state.uploads.values():
        if upload.sha256 == digest and await asyncio.to_thread(_is_unchanged, upload.path, digest):
            path = upload.path
            return lambda: path.open("rb")
    data = await client.download(file_id)

    def opened() -> BinaryIO:
        return BytesIO(data)

    return opened


def _is_unchanged(path: Path, digest: str) -> bool:
    try:
        return sha256_of(path) == digest
    except OSError:
        return False


async def upload_produced(
    client: Client, folder: Path, names: Sequence[str]
) -> tuple[list[Json], list[str]]:
    """Upload files that code wrote.

    Returns
    -------
    tuple
        The files for the tool output, and a sentence for each file that could not be uploaded.
    """
    files, notes = [], []
    for name in names:
        try:
            uploaded = await client.upload(
                folder / name, purpose="assistants_output", filename=Path(name).name
            )
            files.append({"name": name, "file_id": uploaded["id"]})
        except (OSError, AssistantsError) as error:
            notes.append(f"{name} was not stored: {error}")
    return files, notes


class ProducedFiles:
    """The files that code of a run wrote, and how a reader of the notebook gets them.

    Parameters
    ----------
    home
        The notebook's folder: links to files in it are relative, so that they still work when
        the folder moves, on a code host for example.
    """

    def __init__(self, home: Path, client: Client | None) -> None:
        self._home = home
        self._client = client
        self._links: dict[str, FileLink] = {}

    @property
    def links(self) -> list[FileLink]:
        """Return the files in the order of their first writing."""
        return list(self._links.values())

    def add(self, folder: Path, name: str, file_id: str | None) -> None:
        """Add a file to the list; a later one of the same name replaces it."""
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError:
            return
        self._links[name] = FileLink(name, size, self._href(path, file_id, size))

    def href(self, name: str) -> str | None:
        """Return a produced file's address by the name the model uses, for Markdown."""
        link = self._links.get(name) or self._links.get(name.rsplit("/", 1)[-1])
        if link is None or link.href is None or link.href.startswith("data:"):
            return None
        return link.href

    def _href(self, path: Path, file_id: str | None, size: int) -> str | None:
        try:
            return quote(path.resolve().relative_to(self._home.resolve()).as_posix())
        except ValueError:
            pass
        url = self._client.url_of_file(file_id) if file_id and self._client else None
        if url is None and size <= MAX_EMBEDDED:
            mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            url = f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode()}"
        return url
