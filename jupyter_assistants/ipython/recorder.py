"""The recording of a cell's run, with what this kernel knows better than the server."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jupyter_assistants.client.base import Json
from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.client.files import sha256_of
from jupyter_assistants.kernels.recording import recording as recording_of
from jupyter_assistants.protocol.transcript import CallEntry, View
from jupyter_assistants.redaction import Masker

MAX_HASHED = 256 * 1024 * 1024
"""Bytes of a produced file above which a recording does without its hash."""


def recording(
    prompt: str,
    view: View,
    progress: Mapping[str, CallProgress],
    folder: Path,
    masker: Masker,
    inputs: Mapping[str, str | None],
) -> Json | None:
    """Return the recording of a run of this kernel; None if there is no run.

    Parameters
    ----------
    progress
        The calls that this kernel ran; the server may not have heard of the last one.
    inputs
        The SHA-256 of each file that the code could read, by its path.
    """
    entries = [
        _with_progress(entry, progress.get(entry.id)) if isinstance(entry, CallEntry) else entry
        for entry in view.entries
    ]
    return recording_of(
        prompt,
        replace(view, entries=entries),
        masker,
        lambda file: digest(folder / str(file["filename"])),
        inputs,
    )


def _with_progress(entry: CallEntry, progress: CallProgress | None) -> CallEntry:
    if progress is None:
        return entry
    result = entry.result or progress.status
    return replace(entry, outputs=list(progress.outputs), result=result)


def digest(path: Path) -> str | None:
    """Return a file's SHA-256; None if it is not there, or very large."""
    with contextlib.suppress(OSError):
        if path.stat().st_size <= MAX_HASHED:
            return sha256_of(path)
    return None
