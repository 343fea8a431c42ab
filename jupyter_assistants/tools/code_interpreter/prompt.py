"""What the model is told of the kernel, and the outputs that it can read again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.workspace import MOUNT

OUTPUTS = ".jupyter_assistants/outputs"
LONG = 400
"""Characters from which on an output may be cleared to save space."""
_WHOLE = 100_000_000


def whole_text(result: Result) -> str:
    """Return the text of an execution without any cut."""
    return nb.model_text(result.outputs, result.note, _WHOLE)


def keep_text(folder: Path, name: str, result: Result) -> str:
    """Write a long output into the working folder and give the path that the model knows it by.

    The folder is hidden, so its files are none that code has written.
    """
    text = whole_text(result)
    if len(text) < LONG:
        return ""
    outputs = folder / OUTPUTS
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        (outputs / f"{name}.txt").write_text(text, encoding="utf-8", errors="replace")
    except OSError:
        # Code may have put something in its place; the model can run it again.
        return ""
    return f"{MOUNT}/{OUTPUTS}/{name}.txt"


def model_text(result: Result, files: Sequence[tuple[str, int]], kept_at: str) -> str:
    """Return what the model is told of an execution.

    Parameters
    ----------
    files
        Name and size of each file that the code wrote.
    kept_at
        Where the whole output can be read again; empty if it is nowhere.
    """
    if result.status == "rejected":
        reason = f": {result.note}" if result.note else "."
        return f"The user rejected this code{reason}"
    text = nb.model_text(result.outputs, result.note)
    if kept_at and len(whole_text(result)) > len(text):
        text += f"\n[the whole output: {kept_at}]"
    if files:
        listed = ", ".join(f"{MOUNT}/{name} ({size:,} bytes)" for name, size in files)
        text += f"\n[files written: {listed}]"
    if result.code:
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", result.code))])
        ran = f"{fence}python\n{result.code.rstrip()}\n{fence}"
        text = f"[the user edited the code before it ran; this is what ran:]\n{ran}\n{text}"
    return text
