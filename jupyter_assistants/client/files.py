"""Files of a run: given by the user, put where code finds them, written by code."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from jupyter_assistants.client.assistants import every, meant, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.render import FileLink
from jupyter_assistants.ipython.shell_state import State, Upload
from jupyter_assistants.kernels.workspace import mount_names, place
from jupyter_assistants.protocol.errors import AssistantsError

MAX_EMBEDDED = 256 * 1024


def check_files(names: Sequence[str]) -> list[Path]:
    """Return the paths of files that the user names.

    Raises
    ------
    AssistantError
        If one is not there; the text names similar files.
    """
    paths = []
    for name in names:
        path = Path(os.path.expanduser(name))
        if path.name.startswith("."):
            raise AssistantError(
                f"--file {name}: hidden files are not sent, because they often hold secrets. Copy it "
                "under another name if you mean it."
            )
        if path.is_dir():
            raise AssistantError(f"--file {name}: that is a folder; give its files one by one")
        if not path.is_file():
            raise AssistantError(f"--file {name}: no such file{_similar(path)}")
        paths.append(path)
    return paths


def _similar(path: Path) -> str:
    try:
        known = [entry.name for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return f"; there is no folder {path.parent}"
    return meant(path.name, known).rstrip(".")


async def attach(state: State, client: Client, paths: Sequence[Path]) -> list[Json]:
    """Return the attachments of a message; a content that was sent before is not sent again."""
    attachments = []
    for path in paths:
        digest = await asyncio.to_thread(sha256_of, path)
        known = state.uploads.get(digest)
        if known is None or known.path.name != path.name:
            file = await client.upload(path, purpose="assistants")
            known = state.uploads[digest] = Upload(path.resolve(), file["id"])
        attachments.append(
            {"file_id": known.file_id, "tools": [{"type": "code_interpreter"}]},
        )
    return attachments


async def prepare(state: State, client: Client, run: Json, folder: Path) -> list[str]:
    """Put the files of a run into the working folder, under the names the model was told.

    Gives one sentence for each file that was copied there.
    """
    files = [
        await client.request("GET", f"/files/{quote(i, safe='')}") for i in await _ids(client, run)
    ]
    hashes = {file["id"]: (file.get("jupyter") or {}).get("sha256") for file in files}
    names = mount_names([(file["id"], file["filename"], hashes[file["id"]]) for file in files])
    notes = []
    for file in files:
        key = (folder, file["id"])
        if key in state.placed:
            continue
        digest, name = hashes[file["id"]] or "", names[file["id"]]
        there = os.path.lexists(folder / name)
        source = await _source(state, client, file["id"], digest)
        state.placed[key] = await asyncio.to_thread(place, folder, name, source, digest)
        if not there or state.placed[key] != name:
            notes.append(f"{file['filename']} was copied to {folder / state.placed[key]}.")
    return notes


async def _ids(client: Client, run: Json) -> list[str]:
    """Return the ids of a run's files for code, in the server's own order."""
    path = thread_path(run["thread_id"])
    thread = await client.request("GET", path)
    ids = [*_of_code(run), *_of_code(thread)]
    async for message in every(client, f"{path}/messages", order="asc"):
        for attachment in message.get("attachments") or []:
            if any(tool["type"] == "code_interpreter" for tool in attachment.get("tools") or []):
                ids.append(attachment["file_id"])
    return list(dict.fromkeys(ids))


def _of_code(holder: Json) -> list[str]:
    resources = (holder.get("tool_resources") or {}).get("code_interpreter") or {}
    return list(resources.get("file_ids") or [])


async def _source(state: State, client: Client, file_id: str, digest: str) -> Any:
    upload = state.uploads.get(digest)
    if upload is not None and await asyncio.to_thread(_still, upload.path, digest):
        path = upload.path
        return lambda: path.open("rb")
    data = await client.download(file_id)

    def opened() -> BinaryIO:
        return BytesIO(data)

    return opened


def _still(path: Path, digest: str) -> bool:
    try:
        return sha256_of(path) == digest
    except OSError:
        return False


async def upload_produced(
    client: Client, folder: Path, names: Sequence[str]
) -> tuple[list[Json], list[str]]:
    """Store files that code wrote; give what the run is told, and what could not be stored."""
    files, notes = [], []
    for name in names:
        try:
            stored = await client.upload(
                folder / name, purpose="assistants_output", filename=Path(name).name
            )
            files.append({"name": name, "file_id": stored["id"]})
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
        """Take a file into the list; a later one of the same name replaces it."""
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


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
