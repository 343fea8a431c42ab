"""From talk to notebook, for the magic and the command line: cells, documents, programs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_assistants.client.assistants import every, run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import AssistantsError, NotFound

MAX_UPLOAD = 64 * 1024 * 1024
_OVER = ("completed", "failed", "cancelled", "incomplete", "expired")
FORMATS = {".ipynb": "notebook", ".md": "markdown", ".json": "json"}


async def newest_cells(client: Client, thread_id: str, run_id: str = "") -> Json:
    """Return the clean cells of a run; of the newest of the thread that ran code if none is named.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    if run_id:
        return await client.request("GET", f"{run_path(thread_id, run_id)}/cells")
    async for run in every(client, f"{thread_path(thread_id)}/runs"):
        try:
            return await client.request("GET", f"{run_path(thread_id, run['id'])}/cells")
        except NotFound:
            continue
    raise NotFound(f"No run of {thread_id} has run code that worked.")


async def record(client: Client, thread_id: str, run_id: str, file: str) -> tuple[Json, Path, int]:
    """Put a run into a cassette file; give its recording, the file, and how many are in there.

    Parameters
    ----------
    run_id
        If empty, the newest run of the thread that is over.
    file
        If empty, one that is called after the run.

    Raises
    ------
    AssistantsError
        If there is no such run, it is not over yet, or the file cannot be written.
    """
    from jupyter_assistants.ipython.recordings import add

    if not run_id:
        async for run in every(client, f"{thread_path(thread_id)}/runs"):
            if run["status"] in _OVER:
                run_id = str(run["id"])
                break
        else:
            raise NotFound(f"No run of {thread_id} is over, so there is nothing to record.")
    found = await client.request("GET", f"{run_path(thread_id, run_id)}/cassette")
    [made] = found["recordings"]
    path = Path(file or f"{run_id}.cassette.json").expanduser()
    return made, path, add(path, made)


def recorded(made: Json, file: Path, count: int) -> str:
    """Return the sentence that says what was recorded."""
    codes = sum(entry["type"] == "code" for entry in made["entries"])
    of = f"a {made['status']} run" if made["status"] != "completed" else "a run"
    steps = f"{codes} step{'' if codes == 1 else 's'} of code"
    more = f"; the file has {count} recordings" if count > 1 else ""
    return f"Recorded {of} with {steps} in {file}{more}."


async def write_document(
    client: Client, path: str, query: Mapping[str, Any], file: Path, *, force: bool
) -> int:
    """Write what an operation gives into a file; give its size in bytes.

    Raises
    ------
    AssistantsError
        If the file is there already and ``force`` is not given, or cannot be written.
    """
    if file.exists() and not force:
        raise AssistantsError(f"{file} is there already: give another name, or --force.")
    data = await client.document(path, query=query)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise AssistantsError(f"{file} cannot be written: {error.strerror}.") from None
    return len(data)


async def export(client: Client, thread_id: str, file: Path, *, force: bool) -> int:
    """Write a thread into a file, in the format of its name."""
    kind = FORMATS.get(file.suffix.lower())
    if kind is None:
        known = ", ".join(FORMATS)
        raise AssistantsError(f"{file}: a thread is written as {known}, by the file's ending.")
    path = f"{thread_path(thread_id)}/export"
    return await write_document(client, path, {"format": kind}, file, force=force)


async def program(client: Client, assistant_id: str, language: str) -> Json:
    """Return the program of an assistant."""
    path = f"/assistants/{quote(assistant_id, safe='')}/program"
    return await client.request("GET", path, query={"language": language})


async def check(client: Client, cells: Json, folder: Path) -> Json:
    """Run cells in a fresh kernel of the service, with the files of this folder that they name."""
    sources = [cell["source"] for cell in cells["cells"]]
    ids = [
        (await client.upload(path, purpose="assistants"))["id"]
        for path in _named_files(sources, folder)
    ]
    path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells/check"
    return await client.request("POST", path, body={"file_ids": ids})


def verdicts(checked: Json) -> list[list[str]]:
    """Return a row for each checked cell: which it is, how it ended, what differs."""
    rows = []
    for number, cell in enumerate(checked["cells"], 1):
        first = next((line for line in cell["source"].splitlines() if line.strip()), "")
        said = [*cell["differences"], *cell["notes"]]
        verdict = "agrees" if cell["agrees"] else "differs"
        rows.append([str(number), first[:60], verdict, "; ".join(said)])
    return rows


VERDICT_COLUMNS = ("Cell", "Begins", "Outputs", "What is different")


def _named_files(sources: Sequence[str], folder: Path) -> Iterator[Path]:
    """Yield the files of the folder that the code names in its strings, and that it only reads."""
    named: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named[node.value.removeprefix("./")] = None
    for name in named:
        if not name or "/" in name or "\\" in name or name.startswith(".") or len(name) > 200:
            continue
        path = folder / name
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_UPLOAD:
            yield path
