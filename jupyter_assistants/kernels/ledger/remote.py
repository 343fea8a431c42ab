"""The ledger of a live kernel, written and read from outside by silent executions.

Nothing is left in the user's namespace: each expression imports what it needs. In a kernel whose
Python lacks this package there is no ledger, and the step says so.
"""

from __future__ import annotations

from typing import Any

from jupyter_assistants.kernels.connection import KernelConnection
from jupyter_assistants.kernels.evaluation import evaluate
from jupyter_assistants.protocol.errors import ExecutorError
from jupyter_assistants.protocol.json_text import parse_untrusted

_LEDGER = "__import__('jupyter_assistants.kernels.ledger', fromlist=['ledger'])"
_OFF = "jupyter_assistants is not installed in this kernel, so nobody wrote down what the code changed."


async def begin(connection: KernelConnection, code: str) -> bool:
    """Snapshot the namespace before code runs; return False if this kernel keeps no ledger."""
    if connection.language != "python":
        return False
    expression = f"{_LEDGER}.begin(get_ipython(), {code!r}) or 1"
    return bool(await evaluate(connection, expression))


async def finish(connection: KernelConnection, begun: bool) -> dict[str, Any] | None:
    """Return what the code changed, or why nobody knows; None in other languages than Python."""
    if connection.language != "python":
        return None
    if not begun:
        return {"undo": "none", "note": _OFF}
    answer = await evaluate(connection, f"{_LEDGER}.end_as_json(get_ipython())")
    found = parse_untrusted(answer) if isinstance(answer, str) else None
    return found if isinstance(found, dict) else None


async def undo(connection: KernelConnection, step: str, force: bool) -> dict[str, Any]:
    """Undo a step, or give why it was not: ``refused``.

    Raises
    ------
    ExecutorError
        If the kernel keeps no ledger.
    """
    if connection.language != "python":
        raise ExecutorError("Nothing can be undone: only Python kernels keep a ledger.")
    expression = f"{_LEDGER}.undo_as_json(get_ipython(), {step!r}, {bool(force)})"
    answer = await evaluate(connection, expression)
    found = parse_untrusted(answer) if isinstance(answer, str) else None
    if not isinstance(found, dict):
        raise ExecutorError(f"Nothing can be undone: {_OFF}")
    return found
