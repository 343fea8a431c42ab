"""How far a vector store's files are: the events of ``GET /vector_stores/{vector_store_id}/events``."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_assistants.protocol.base import Sparse
from jupyter_assistants.protocol.vector_stores import FileCounts

PROGRESS_EVENT = "vector_store.progress"


class IngestedFile(Sparse):
    """A file that is being read or indexed.

    Parameters
    ----------
    stage
        ``reading`` or ``indexing``.
    done, total
        Parts (pages, slides, sheets) that are read, and how many there are; absent if unknown.
    chunks
        How many passages were cut.
    seconds_left
        An estimate; absent if nothing is known yet.
    """

    file_id: str
    filename: str
    stage: Literal["waiting", "reading", "indexing"]
    done: int | None = None
    total: int | None = None
    chunks: int | None = None
    seconds_left: float | None = None


class VectorStoreProgress(Sparse):
    """Data of the event ``vector_store.progress``.

    Parameters
    ----------
    files
        What the answering process works on; other processes' files are in the counts only.
    seconds_left
        An estimate for all files; absent if nothing is known yet.
    """

    object: Literal["vector_store.progress"] = "vector_store.progress"
    vector_store_id: str
    status: Literal["expired", "in_progress", "completed"]
    file_counts: FileCounts
    files: list[IngestedFile] = []
    seconds_left: float | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
