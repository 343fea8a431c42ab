"""The objects that the ids of a path stand for."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.uploads import Upload
from jupyter_assistants.protocol.vector_stores import (
    VectorStore,
    VectorStoreFile,
    VectorStoreFileBatch,
    entry_id,
)
from jupyter_assistants.storage.base import Storage

# From the outside in: of a path with several wrong ids, the outermost is named.
_KINDS: dict[str, type[WireObject]] = {
    "assistant_id": Assistant,
    "thread_id": Thread,
    "message_id": Message,
    "run_id": Run,
    "step_id": RunStep,
    "vector_store_id": VectorStore,
    "batch_id": VectorStoreFileBatch,
    "file_id": File,
    "upload_id": Upload,
}
_PARENTS = {
    "message_id": "thread_id",
    "run_id": "thread_id",
    "step_id": "run_id",
    "batch_id": "vector_store_id",
}
PARAMETERS = {name: name.removesuffix("_id") for name in _KINDS}
"""The parameter of an operation that takes the object behind a name of its path."""


def load(storage: Storage, owner: str, names: Mapping[str, str]) -> dict[str, WireObject]:
    """Return the objects of a path by parameter, each read once. Blocking.

    Raises
    ------
    NotFound
        For the first id that names no object of this owner under its parent.
    """
    found: dict[str, WireObject] = {}
    for name, kind in _KINDS.items():
        if name not in names:
            continue
        if name == "file_id" and "vector_store_id" in names:
            found["vector_store_file"] = _entry(storage, owner, names)
        else:
            found[PARAMETERS[name]] = _object(storage, owner, names, name, kind)
    return found


def _object(
    storage: Storage, owner: str, names: Mapping[str, str], name: str, kind: type[WireObject]
) -> WireObject:
    id, parent = names[name], names.get(_PARENTS.get(name, ""), "")
    try:
        found = storage.get(kind, id, owner=owner)
    except NotFound:
        raise NotFound.of(kind.kind, id, parent=parent) from None
    if parent and found.parent != parent:
        raise NotFound.of(kind.kind, id, parent=parent)
    return found


def _entry(storage: Storage, owner: str, names: Mapping[str, str]) -> VectorStoreFile:
    # Not the file itself: it may be deleted while its entry is still listed.
    parent, id = names["vector_store_id"], names["file_id"]
    try:
        return storage.get(VectorStoreFile, entry_id(parent, id), owner=owner)
    except NotFound:
        raise NotFound.of(VectorStoreFile.kind, id, parent=parent) from None
