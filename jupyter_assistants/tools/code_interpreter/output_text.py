"""The outcome of code as text for the model, and outputs that it can read again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.kernels.workspace import MOUNT, OUTPUTS, create_inside
from jupyter_assistants.tools.code_interpreter.prompt import (
    EDITED,
    FILES_WRITTEN,
    REJECTED,
    REJECTED_ADVICE,
    WHOLE_OUTPUT,
)

LONG = 400
"""Characters from which on an output may be cleared to save space."""
_WHOLE = 100_000_000


def whole_text(result: Result) -> str:
    """Return the text of an execution without any cut."""
    return nb.model_text(result.outputs, result.note, _WHOLE)


def save_output_text(folder: Path, name: str, result: Result) -> str:
    """Write a long output into a folder and return the path that the model knows it by.

    The folder is not the working folder, where code that lists its files would take them for data.
    """
    text = whole_text(result)
    if len(text) < LONG:
        return ""
    try:
        create_inside(folder, f"{name}.txt", text.encode(errors="replace"))
    except OSError:
        # Code may have put something in its place; the model can run it again.
        return ""
    return f"{MOUNT}/{OUTPUTS}/{name}.txt"


def model_text(
    result: Result,
    files: Sequence[tuple[str, int]],
    saved_at: str,
    language: str = "python",
    *,
    live: bool = False,
) -> str:
    """Return the text that the model gets for an execution.

    Parameters
    ----------
    files
        Name and size of each file that the code wrote.
    saved_at
        Where the whole output can be read again; empty if it is nowhere.
    live
        Whether the files lie in a person's own folder, so that their names are their paths.
    """
    if result.status == "rejected":
        reason = f": {result.note}" if result.note else "."
        return f"{REJECTED.format(reason=reason)}\n{REJECTED_ADVICE}"
    text = nb.model_text(result.outputs, result.note)
    if saved_at and len(whole_text(result)) > len(text):
        text += f"\n{WHOLE_OUTPUT.format(path=saved_at)}"
    if files:
        below = "" if live else f"{MOUNT}/"
        listed = ", ".join(f"{below}{name} ({size:,} bytes)" for name, size in files)
        text += f"\n{FILES_WRITTEN.format(files=listed)}"
    if result.code:
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", result.code))])
        word = find_language(language).fence
        ran = f"{fence}{word}\n{result.code.rstrip()}\n{fence}"
        text = f"{EDITED}\n{ran}\n{text}"
    return text
