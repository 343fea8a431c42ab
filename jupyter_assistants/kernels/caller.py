"""The caller as an executor: the client runs the code and posts its outputs back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast, get_args

from pydantic import ValidationError

from jupyter_assistants.kernels.base import (
    NOBODY,
    Attendant,
    Handout,
    InputFile,
    Output,
    Produced,
    Result,
    Status,
)
from jupyter_assistants.kernels.outputs import OutputList, checked
from jupyter_assistants.kernels.workspace import safe_name
from jupyter_assistants.protocol.errors import ExecutorError
from jupyter_assistants.protocol.steps import Changes

MAX_FILES = 100
MAX_NOTE = 2_000
MAX_CODE = 1_000_000


class CallerExecutor:
    """The kernel that runs the magic, or any other client that executes for itself.

    Parameters
    ----------
    place
        Its name for people.
    """

    live: Literal[True] = True
    sandboxed: Literal[False] = False

    def __init__(self, place: str = "caller") -> None:
        self.place = place

    async def prepare(self, files: Sequence[InputFile]) -> None:
        """Return: the caller fetches the files of its run itself."""

    async def run(
        self,
        code: str,
        on_output: Callable[[Output], None],
        attendant: Attendant = NOBODY,
        *,
        until: float | None = None,
    ) -> Handout:
        """Return the code as a required action."""
        return Handout("run_python", {"code": code})

    async def interrupt(self) -> None:
        """Return: the caller stops its code itself when its run is cancelled."""

    async def undo(self, step: str, *, force: bool) -> dict[str, Any]:
        """Refuse: only the kernel that ran the code can undo it."""
        raise ExecutorError("Only the kernel that ran this code can undo it.")

    def receive(self, posted: dict[str, Any]) -> Result:
        """Return the result that the caller posted.

        Nobody vouches for what was posted: what is no valid output is left out, and what is too
        much is cut. A client that knows nothing of Jupyter posts its text alone.

        Parameters
        ----------
        posted
            ``{"output": str, "jupyter": {"status", "outputs", "note", "files", "seconds", "code"} |
            None}``; the code only where a person has edited it.
        """
        given = posted.get("jupyter")
        if not isinstance(given, dict):
            text = posted.get("output")
            outputs = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
            given = {"outputs": outputs}
        kept = OutputList()
        for output in _listed(given.get("outputs")):
            valid = checked(output)
            if valid is not None:
                kept.add(valid)
        note, code = given.get("note"), given.get("code")
        notes = [note[:MAX_NOTE] if isinstance(note, str) else "", kept.note]
        return Result(
            status=_status(given.get("status"), kept.outputs),
            outputs=kept.outputs,
            note=" ".join(filter(None, notes)),
            files=_files(given.get("files")),
            seconds=_seconds(given.get("seconds")),
            changes=_changes(given.get("changes")),
            code=code[:MAX_CODE] if isinstance(code, str) else "",
        )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _status(value: object, outputs: Sequence[Output]) -> Status:
    if isinstance(value, str) and value in get_args(Status):
        return cast(Status, value)
    failed = any(output["output_type"] == "error" for output in outputs)
    return "error" if failed else "ok"


def _changes(value: object) -> dict[str, Any] | None:
    """Return what the caller's ledger says, if that is well-formed."""
    try:
        return Changes.model_validate(value).model_dump() if isinstance(value, dict) else None
    except ValidationError:
        return None


def _files(value: object) -> list[Produced]:
    files = []
    for file in _listed(value)[:MAX_FILES]:
        if not isinstance(file, dict):
            continue
        name, file_id = file.get("name"), file.get("file_id")
        if isinstance(name, str) and isinstance(file_id, str):
            parts = [safe_name(part) for part in name.split("/") if part.strip(". ")]
            files.append(Produced("/".join(parts) or "file", file_id=file_id))
    return files


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and math.isfinite(value) and value > 0:
        return float(value)
    return 0.0
