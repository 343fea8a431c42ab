"""Files of recordings, and the recordings in the metadata of a notebook's outputs.

A recording holds the prompt, the answers, the code and what its outputs said, so that the code can
run again without a model. The format is that of :mod:`jupyter_assistants.kernels.recording`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.kernels.recording import FORMAT, VERSION, key_of, recording_file
from jupyter_assistants.protocol.json_text import parse_untrusted

SESSION = "JPY_SESSION_NAME"
"""The variable that names the notebook of a kernel."""

SUFFIX = ".recording.json"
_SUFFIXES = (SUFFIX, ".cassette.json")
"""Endings of files with recordings; the second is that of versions before 0.2, and still read."""

Json = dict[str, Any]


def replace_by_prompt(file: Path, recording: Json, number: int) -> None:
    """Write a recording to a file, as the ``number``-th of its prompt (from 0), or at the end.

    Raises
    ------
    AssistantError
        If the file exists and holds no recordings, or cannot be written.
    """
    known = read(file) if file.exists() else []
    same = [index for index, each in enumerate(known) if each["key"] == recording["key"]]
    if number < len(same):
        known[same[number]] = recording
    else:
        known.append(recording)
    _save(file, known)


def replace_by_run(file: Path, recording: Json) -> int:
    """Write the recording of a run to a file in place of an older one of that run.

    Returns
    -------
    int
        How many recordings the file has.

    Raises
    ------
    AssistantError
        If the file exists and holds no recordings, or cannot be written.
    """
    if file.suffix.lower() == ".ipynb":
        raise AssistantError(f"{file} is a notebook: recordings go into a .json file.")
    known = read(file) if file.exists() else []
    same = [index for index, each in enumerate(known) if each.get("run_id") == recording["run_id"]]
    if same:
        known[same[0]] = recording
    else:
        known.append(recording)
    _save(file, known)
    return len(known)


def _save(file: Path, recordings: list[Json]) -> None:
    part = file.with_name(f".{file.name}.{os.urandom(4).hex()}.part")
    try:
        part.write_text(
            json.dumps(recording_file(recordings), indent=1, ensure_ascii=False), "utf-8"
        )
        os.replace(part, file)
    except OSError as error:
        raise AssistantError(f"The recording {file} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def read(file: Path) -> list[Json]:
    """Return the recordings in a file of recordings or in a notebook, in order.

    Raises
    ------
    AssistantError
        If the file is neither, or has a version that is not known here.
    """
    try:
        content = parse_untrusted(file.read_text("utf-8"))
    except OSError as error:
        raise AssistantError(f"No recordings can be read from {file}: {error.strerror}") from None
    except ValueError:
        raise AssistantError(
            f"{file} is no JSON, so neither a file of recordings nor a notebook."
        ) from None
    if isinstance(content, dict) and isinstance(content.get("cells"), list):
        found = list(_of_notebook(content["cells"]))
    elif isinstance(content, dict) and content.get("format") == FORMAT:
        found = [each for each in content.get("recordings") or [] if isinstance(each, dict)]
    else:
        raise AssistantError(f"{file} is neither a file of recordings nor a notebook.")
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
        The file to search; if empty, the notebook of this kernel, and then the recordings and
        notebooks of the folder, newest first.

    Raises
    ------
    AssistantError
        If there is none; the text names the prompts that were found.
    """
    known: list[Json] = []
    searched = [Path(file).expanduser()] if file else list(_candidate_files(folder))
    for path in searched:
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
    raise AssistantError(_not_found(prompt, searched, known))


def _candidate_files(folder: Path) -> Iterator[Path]:
    session = os.environ.get(SESSION, "")
    if session.endswith(".ipynb"):
        for path in (Path(session), folder / Path(session).name):
            if path.is_file():
                yield path
    found = [path for suffix in (*_SUFFIXES, ".ipynb") for path in folder.glob(f"*{suffix}")]
    yield from sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _not_found(prompt: str, searched: Sequence[Path], known: Sequence[Json]) -> str:
    first = " ".join(prompt.split())[:60]
    where = ", ".join(str(path) for path in searched[:3]) or "this folder, which has no recordings"
    text = f"There is no recording of the prompt {first!r} in {where}."
    prompts = [" ".join(str(each.get("prompt", "")).split())[:40] for each in known[:5]]
    if prompts:
        text += f" There are recordings of {', '.join(map(repr, prompts))}."
    return f"{text} Run the cell once with a model, or name the file: --replay --record FILE."
