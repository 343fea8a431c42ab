"""The ledger of a kernel: what each step of an assistant changed, and how to undo it.

It runs in the kernel, beside the user's variables: for the magic, and for the server, which calls
the functions here by silent executions (docs/internals/approvals.md, "The ledger"). It needs the standard library only; pandas and numpy are
used where the kernel has imported them already.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels.figures import watch_figures
from jupyter_assistants.kernels.ledger.ledger import Ledger, Step
from jupyter_assistants.kernels.ledger.snapshot import LIBRARY_ERRORS
from jupyter_assistants.kernels.surrogates import accept_surrogates
from jupyter_assistants.protocol.errors import AssistantsError, UndoRefused

__all__ = [
    "Ledger",
    "Step",
    "UndoRefused",
    "begin",
    "end_as_json",
    "finish",
    "ledger",
    "undo",
    "undo_as_json",
]

_LEDGER = Ledger()


def ledger() -> Ledger:
    """Return the ledger of this process; cells and the server write into the same one."""
    return _LEDGER


def begin(shell: Any, code: str = "") -> None:
    """Snapshot the namespace before code runs in a shell, and watch its figures; never raises.

    Parameters
    ----------
    code
        The code, as the shell will get it.
    """
    accept_surrogates(shell)
    _LEDGER.figures = watch_figures(shell, code)
    try:
        _LEDGER.begin(shell.user_ns, shell.user_ns_hidden, code, Path.cwd())
    except (*LIBRARY_ERRORS, OSError):
        _LEDGER.drop()


def finish(shell: Any) -> dict[str, Any] | None:
    """Return what the code has changed, as the step's ``changes``; None if nobody could tell."""
    try:
        step = _LEDGER.finish(shell.user_ns, shell.user_ns_hidden)
    except (*LIBRARY_ERRORS, OSError):
        return None
    return None if step is None else step.wire()


def undo(shell: Any, which: str = "", *, force: bool = False) -> dict[str, Any]:
    """Undo a step of this kernel; see :meth:`Ledger.undo`."""
    return _LEDGER.undo(shell.user_ns, shell.user_ns_hidden, which, force=force)


def end_as_json(shell: Any) -> str:
    """Return :func:`finish` as text, for callers outside the kernel."""
    return json.dumps(finish(shell))


def undo_as_json(shell: Any, which: str, force: bool) -> str:
    """Return :func:`undo` as text, with a refusal as ``refused``, for callers outside the kernel."""
    try:
        return json.dumps(undo(shell, which, force=force))
    except AssistantsError as error:
        return json.dumps({"refused": error.message, "status": error.status})
