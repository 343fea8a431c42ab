"""What the model is told of the kernel, and the outputs that it can read again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.workspace import MOUNT

OUTPUTS = ".jupyter_assistants/outputs"
LONG = 400
"""Characters from which on an output may be cleared to save space."""
_WHOLE = 100_000_000


def briefing(facts: Mapping[str, str], timeout: float, *, sandbox: bool = False) -> str:
    """Return what the model has to know before it writes code.

    Parameters
    ----------
    facts
        What the kernel said of itself; see :mod:`jupyter_assistants.kernels.facts`.
    timeout
        Seconds that one piece of code may run.
    sandbox
        Whether the kernel is locked down.
    """
    language = facts.get("language", "python")
    if language != "python":
        return (
            f"You can run code with the tool run_python. The kernel behind it is a Jupyter kernel of "
            f"the language {language}: write {language}, not Python. Names stay defined between "
            f"calls, and a call has a time limit of {timeout:.0f} seconds. Take every number that "
            "you state from an output."
        )
    texts = [
        f"You can run Python code with the tool run_python. Code runs in a stateful Jupyter "
        f"kernel with a time limit of {timeout:.0f} seconds a call. {MOUNT} is its working folder: "
        "attached files are there, and files that you write there are given to the user. Link to "
        f"such a file as sandbox:{MOUNT}/<name>. Look at the data before you work with it, and "
        "take every number that you state from an output."
    ]
    if facts.get("python"):
        texts.append(f"The kernel runs Python {facts['python']}.")
    if sandbox:
        texts.append(
            "The kernel is a sandbox: it has no network, so nothing can be installed or fetched, and "
            f"{MOUNT} is the only folder that it can write to."
        )
    if facts.get("folder"):
        texts.append(f"{MOUNT} stands for {facts['folder']} in its code.")
    if facts.get("packages"):
        texts.append(f"Installed packages: {facts['packages']}.")
    return " ".join(texts)


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
