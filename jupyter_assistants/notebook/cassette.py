"""Recordings of runs, as plain JSON: in the metadata of a notebook's outputs, or in a file.

A recording holds the prompt, the answers, the code and what its outputs said, so that the code can
be run again without a model. What looks like a secret is taken out before anything is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_assistants.agreement import facts
from jupyter_assistants.masking import Masker
from jupyter_assistants.notebook.errors import AssistantError
from jupyter_assistants.notebook.files import sha256_of
from jupyter_assistants.notebook.render import Execution
from jupyter_assistants.transcript import CallEntry, MessageEntry, View

FORMAT = "jupyter_assistants.cassette"
VERSION = 1
SESSION = "JPY_SESSION_NAME"
MAX_HASHED = 256 * 1024 * 1024

Json = dict[str, Any]


def key_of(prompt: str) -> str:
    """Give what a recording is found by: the prompt as it stands in the cell."""
    return hashlib.sha256(prompt.strip().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def recording(
    prompt: str, view: View, executions: Mapping[str, Execution], folder: Path, masker: Masker
) -> Json | None:
    """Give the recording of a finished run; None if there is no run."""
    run = view.run
    if run is None:
        return None
    return {
        "format": FORMAT,
        "version": VERSION,
        "key": key_of(prompt),
        "prompt": masker.text(prompt.strip()),
        "run_id": run.id,
        "thread_id": run.thread_id,
        "model": run.model,
        "recorded_at": int(time.time()),
        "usage": run.usage,
        "entries": list(_entries(view, executions, folder, masker)),
    }


def _entries(
    view: View, executions: Mapping[str, Execution], folder: Path, masker: Masker
) -> Iterator[Json]:
    for entry in view.entries:
        if isinstance(entry, MessageEntry):
            yield {"type": "message", "text": masker.text(entry.text)}
        elif entry.kind == "code_interpreter":
            yield _code(entry, executions.get(entry.id), folder, masker)
        else:
            yield {"type": "call", "name": entry.name or entry.kind, "output": entry.output or ""}


def _code(entry: CallEntry, execution: Execution | None, folder: Path, masker: Masker) -> Json:
    code = masker.text(entry.code)
    outputs = execution.outputs if execution else entry.outputs
    return {
        "type": "code",
        "code": code,
        "sha256": hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest(),
        "masked": code != entry.code,
        "status": entry.result or (execution.status if execution else entry.status),
        "outputs": facts(outputs),
        "files": [_file(folder, str(file["filename"])) for file in entry.files],
        "note": masker.text(entry.note or ""),
    }


def _file(folder: Path, name: str) -> Json:
    path, found = folder / name, {"name": name}
    with contextlib.suppress(OSError):
        if path.stat().st_size <= MAX_HASHED:
            found["sha256"] = sha256_of(path)
    return found


def write(file: Path, made: Json, number: int) -> None:
    """Put a recording into a file: the ``number``-th of its prompt, from 0, or else at the end.

    Raises
    ------
    AssistantError
        If the file is there and is no cassette, or cannot be written.
    """
    known = read(file) if file.exists() else []
    same = [index for index, each in enumerate(known) if each["key"] == made["key"]]
    if number < len(same):
        known[same[number]] = made
    else:
        known.append(made)
    cassette = {"format": FORMAT, "version": VERSION, "recordings": known}
    part = file.with_name(f".{file.name}.{os.urandom(4).hex()}.part")
    try:
        part.write_text(json.dumps(cassette, indent=1, ensure_ascii=False), "utf-8")
        os.replace(part, file)
    except OSError as error:
        raise AssistantError(f"--record {file}: it cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def read(file: Path) -> list[Json]:
    """Give the recordings of a cassette or of a notebook, in order.

    Raises
    ------
    AssistantError
        If the file is neither, or of a version that is not known here.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise AssistantError(f"No recordings can be read from {file}: {error.strerror}") from None
    except ValueError:
        raise AssistantError(f"{file} is no JSON, so neither a cassette nor a notebook.") from None
    if isinstance(content, dict) and isinstance(content.get("cells"), list):
        found = list(_of_notebook(content["cells"]))
    elif isinstance(content, dict) and content.get("format") == FORMAT:
        found = [each for each in content.get("recordings") or [] if isinstance(each, dict)]
    else:
        raise AssistantError(f"{file} is neither a cassette nor a notebook.")
    for each in found:
        if each.get("version") != VERSION:
            raise AssistantError(
                f"{file} has a recording of version {each.get('version')}; this package reads "
                f"version {VERSION}."
            )
    return found


def _of_notebook(cells: Sequence[Any]) -> Iterator[Json]:
    for cell in cells:
        for output in (cell.get("outputs") if isinstance(cell, dict) else None) or []:
            mark = (output.get("metadata") or {}).get("jupyter_assistants") or {}
            found = mark.get("recording") if isinstance(mark, dict) else None
            if isinstance(found, dict) and found.get("format") == FORMAT:
                yield found


def find(prompt: str, number: int, file: str, folder: Path) -> tuple[Json, Path]:
    """Give the ``number``-th recording of a prompt, and where it was found.

    Parameters
    ----------
    file
        Where to look; if empty, in the notebook of this kernel and then in the cassettes and
        notebooks of the folder, the newest first.

    Raises
    ------
    AssistantError
        If there is none; the text names what there is.
    """
    known: list[Json] = []
    looked = [Path(file).expanduser()] if file else list(_places(folder))
    for path in looked:
        try:
            recordings = read(path)
        except AssistantError:
            if file:
                raise
            continue
        same = [each for each in recordings if each.get("key") == key_of(prompt)]
        if same:
            return same[min(number, len(same) - 1)], path
        known += recordings
    raise AssistantError(_missing(prompt, looked, known))


def _places(folder: Path) -> Iterator[Path]:
    session = os.environ.get(SESSION, "")
    if session.endswith(".ipynb"):
        for path in (Path(session), folder / Path(session).name):
            if path.is_file():
                yield path
    found = [*folder.glob("*.cassette.json"), *folder.glob("*.ipynb")]
    yield from sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _missing(prompt: str, looked: Sequence[Path], known: Sequence[Json]) -> str:
    first = " ".join(prompt.split())[:60]
    where = ", ".join(str(path) for path in looked[:3]) or "this folder, which has no recordings"
    text = f"There is no recording of the prompt {first!r} in {where}."
    prompts = [" ".join(str(each.get("prompt", "")).split())[:40] for each in known[:5]]
    if prompts:
        text += f" There are recordings of {', '.join(map(repr, prompts))}."
    return f"{text} Run the cell once with a model, or name the file: --replay --record FILE."
