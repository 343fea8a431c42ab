"""Checks of what is stored besides the database: the search index, and the bytes of files."""

from __future__ import annotations

import time

from jupyter_assistants.protocol.doctor import Check, check
from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.files import File
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.retrieval.ingestion.cleanup import IndexCleanup
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.pages import every

READ_SECONDS = 120.0
"""How long files are read; after that the report says how many were not."""
_NAMED = 10


def check_index(index: SearchIndex, cleanup: IndexCleanup, *, whole: bool) -> Check:
    """Check that the index can be used and has every file that it should have. Blocking.

    Parameters
    ----------
    whole
        Whether all of it is read.
    """
    id, title = "index", "Search index"
    try:
        damage = index.find_damage() if whole else ""
        lost = [f"{each.vector_store_id}/{each.id}" for each in cleanup.lost_files()]
        number = len(index.documents())
    except StorageError as error:
        remedy = "Fix what the message names; the server then fills the index by itself."
        return check(id, title, "problem", error.message, remedy)
    wait = "Nothing: the server ingests the files again. Run the doctor again in a while."
    if damage:
        detail = f"It was damaged ({damage}) and is built again from the files."
        return check(id, title, "problem", detail, wait)
    if lost:
        detail = f"{len(lost)} files of vector stores are missing in it: {_listed(lost)}."
        return check(id, title, "problem", detail, wait)
    read = " and is intact" if whole else ""
    return check(id, title, "ok", f"It has {number} files of vector stores{read}.")


def check_files(storage: Storage) -> Check:
    """Read every uploaded file and compare it with its hash. Blocking."""
    id, title = "files", "Files"
    deadline = time.monotonic() + READ_SECONDS
    verdicts: dict[str, bool] = {}
    damaged: list[str] = []
    left = 0
    try:
        for file in every(storage, File):
            sha256 = file.jupyter.sha256
            if sha256 not in verdicts:
                if time.monotonic() > deadline:
                    left += 1
                    continue
                verdicts[sha256] = _is_whole(storage, sha256)
            if not verdicts[sha256]:
                damaged.append(file.id)
    except StorageError as error:
        return check(id, title, "problem", error.message, "See the check of the database.")
    if damaged:
        remedy = "Upload the same files again, which repairs them, or put them back from a backup."
        detail = f"{len(damaged)} files are missing or damaged: {_listed(damaged)}."
        return check(id, title, "problem", detail, remedy)
    rest = f" {left} were not read, because this took {READ_SECONDS:g} s." if left else ""
    return check(id, title, "ok", f"The bytes of {len(verdicts)} files are as uploaded.{rest}")


def _is_whole(storage: Storage, sha256: str) -> bool:
    try:
        storage.check_file(sha256)
    except StorageError:
        return False
    return True


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
