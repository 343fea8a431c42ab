"""Recordings of this kernel's runs: in the metadata of a notebook's outputs, or in a file.

A recording holds the prompt, the answers, the code and what its outputs said, so that the code can
be run again without a model. Their format is that of :mod:`jupyter_assistants.kernels.recording`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.files import sha256_of
from jupyter_assistants.ipython.render import Execution
from jupyter_assistants.kernels.recording import FORMAT, VERSION, cassette, key_of
from jupyter_assistants.kernels.recording import recording as recording_of
from jupyter_assistants.protocol.transcript import CallEntry, View
from jupyter_assistants.redaction import Masker

SESSION = "JPY_SESSION_NAME"
MAX_HASHED = 256 * 1024 * 1024

Json = dict[str, Any]


def recording(
    prompt: str, view: View, executions: Mapping[str, Execution], folder: Path, masker: Masker
) -> Json | None:
    """Return the recording of a run of this kernel; None if there is no run.

    Parameters
    ----------
    executions
        What this kernel knows of the calls that it ran; the server may not have heard of the last.
    """
    entries = [
        _ran_here(entry, executions.get(entry.id)) if isinstance(entry, CallEntry) else entry
        for entry in view.entries
    ]
    return recording_of(
        prompt, replace(view, entries=entries), masker, lambda file: _digest(folder, file)
    )


def _ran_here(entry: CallEntry, execution: Execution | None) -> CallEntry:
    if execution is None:
        return entry
    result = entry.result or execution.status
    return replace(entry, outputs=list(execution.outputs), result=result)


def _digest(folder: Path, file: Json) -> str | None:
    path = folder / str(file["filename"])
    with contextlib.suppress(OSError):
        if path.stat().st_size <= MAX_HASHED:
            return sha256_of(path)
    return None


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
    _save(file, known)


def add(file: Path, made: Json) -> int:
    """Put the recording of a run into a file, instead of an older one of that run; count them all.

    Raises
    ------
    AssistantError
        If the file is there and is no cassette, or cannot be written.
    """
    if file.suffix.lower() == ".ipynb":
        raise AssistantError(f"{file} is a notebook: recordings go into a .json file.")
    known = read(file) if file.exists() else []
    same = [index for index, each in enumerate(known) if each.get("run_id") == made["run_id"]]
    if same:
        known[same[0]] = made
    else:
        known.append(made)
    _save(file, known)
    return len(known)


def _save(file: Path, recordings: list[Json]) -> None:
    part = file.with_name(f".{file.name}.{os.urandom(4).hex()}.part")
    try:
        part.write_text(json.dumps(cassette(recordings), indent=1, ensure_ascii=False), "utf-8")
        os.replace(part, file)
    except OSError as error:
        raise AssistantError(f"The recording {file} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def read(file: Path) -> list[Json]:
    """Return the recordings of a cassette or of a notebook, in order.

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
    """Return the ``number``-th recording of a prompt, and where it was found.

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
        # Of a prompt that was asked again after a failure, the answer is meant.
        same = [each for each in same if each.get("status", "completed") == "completed"] or same
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
