"""Exports of threads and runs: documents and recordings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_assistants.client.assistants import every, run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.recordings import SUFFIX, replace_by_run
from jupyter_assistants.protocol.errors import AssistantsError, NotFound

FORMATS = {".ipynb": "notebook", ".md": "markdown", ".json": "json"}
_ENDED = ("completed", "failed", "cancelled", "incomplete", "expired")


async def record(client: Client, thread_id: str, run_id: str, file: str) -> tuple[Json, Path, int]:
    """Write the recording of a run to a file.

    Parameters
    ----------
    run_id
        If empty, the newest run of the thread that has ended.
    file
        If empty, a file named after the run.

    Returns
    -------
    tuple
        The recording, the file, and the number of recordings that the file has.

    Raises
    ------
    AssistantsError
        If there is no such run, it has not ended, or the file cannot be written.
    """
    if not run_id:
        async for run in every(client, f"{thread_path(thread_id)}/runs"):
            if run["status"] in _ENDED:
                run_id = str(run["id"])
                break
        else:
            raise NotFound(f"No run of {thread_id} has ended, so there is nothing to record.")
    answer = await client.request("GET", f"{run_path(thread_id, run_id)}/recording")
    [recording] = answer["recordings"]
    path = Path(file or f"{run_id}{SUFFIX}").expanduser()
    return recording, path, replace_by_run(path, recording)


def recording_text(recording: Json, file: Path, count: int) -> str:
    """Return a sentence about a run that was recorded."""
    codes = sum(entry["type"] == "code" for entry in recording["entries"])
    of = f"a {recording['status']} run" if recording["status"] != "completed" else "a run"
    steps = f"{codes} step{'' if codes == 1 else 's'} of code"
    more = f"; the file has {count} recordings" if count > 1 else ""
    return f"Recorded {of} with {steps} in {file}{more}."


async def write_document(
    client: Client, path: str, query: Mapping[str, Any], file: Path, *, force: bool
) -> int:
    """Write the document that an operation exports to a file; return its size in bytes.

    Raises
    ------
    AssistantsError
        If the file exists and ``force`` is not given, or the file cannot be written.
    """
    if file.exists() and not force:
        raise AssistantsError(f"{file} exists already: use another name, or --force.")
    data = await client.document(path, query=query)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise AssistantsError(f"{file} cannot be written: {error.strerror}.") from None
    return len(data)


async def export_thread(client: Client, thread_id: str, file: Path, *, force: bool) -> int:
    """Write a thread to a file, in the format of the file's ending; return its size in bytes."""
    kind = FORMATS.get(file.suffix.lower())
    if kind is None:
        known = ", ".join(FORMATS)
        raise AssistantsError(f"{file}: the ending of the file must be one of {known}.")
    path = f"{thread_path(thread_id)}/export"
    return await write_document(client, path, {"format": kind}, file, force=force)
