"""The format of recordings: what a finished run asked, answered and ran, as plain JSON.

The server makes one of what it stored, the notebook of what it showed; both import this, so it
needs the standard library only. What looks like a secret is taken out.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jupyter_assistants.kernels.outputs.agreement import facts
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, RunState, View
from jupyter_assistants.redaction import Masker

FORMAT = "jupyter_assistants.cassette"
VERSION = 1

Json = dict[str, Any]
Digest = Callable[[Json], str | None]
"""Gives the SHA-256 of a file that code wrote, if it is known."""


def key_of(prompt: str) -> str:
    """Return what a recording is found by: the prompt as it stands in the cell."""
    return hashlib.sha256(prompt.strip().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def recording_file(recordings: list[Json]) -> Json:
    """Return the content of a file of recordings."""
    return {"format": FORMAT, "version": VERSION, "recordings": recordings}


def recording(
    prompt: str, view: View, masker: Masker, digest: Digest, inputs: Mapping[str, str | None]
) -> Json | None:
    """Return the recording of a run that is over, however it ended; None if there is no run.

    A run that is still live counts as cancelled: whoever records it has given it up.

    Parameters
    ----------
    inputs
        The SHA-256 of each file that the code could read, by the path that code names it by. A replay
        compares them: outputs of other data may agree by chance.
    """
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
        "status": "cancelled" if run.live else run.status,
        "error": masker.text(_why(run, view.error)),
        "recorded_at": int(time.time()),
        "usage": run.usage,
        "inputs": [
            {"name": masker.text(name), **({"sha256": sha256} if sha256 else {})}
            for name, sha256 in inputs.items()
        ],
        "entries": list(_entries(view, masker, digest)),
    }


def _why(run: RunState, error: str | None) -> str:
    if run.status == "completed":
        return ""
    return error or run.error or run.incomplete or ""


def _entries(view: View, masker: Masker, digest: Digest) -> Iterator[Json]:
    for entry in view.entries:
        if isinstance(entry, MessageEntry):
            yield {"type": "message", "text": masker.text(entry.text)}
        elif entry.kind == "code_interpreter":
            yield _code(entry, masker, digest)
        else:
            output = masker.text(entry.output or "")
            yield {"type": "call", "name": entry.name or entry.kind, "output": output}


def _code(entry: CallEntry, masker: Masker, digest: Digest) -> Json:
    code = masker.text(entry.code)
    return {
        "type": "code",
        "code": code,
        "sha256": hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest(),
        "masked": code != entry.code,
        "status": entry.result or entry.status,
        "outputs": facts([masker.output(each) for each in entry.outputs]),
        "files": [_file(file, digest) for file in entry.files],
        "note": masker.text(entry.note or ""),
    }


def _file(file: Json, digest: Digest) -> Json:
    sha256 = digest(file)
    return {"name": str(file["filename"]), **({"sha256": sha256} if sha256 else {})}
