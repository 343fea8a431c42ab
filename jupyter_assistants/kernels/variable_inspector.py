"""The variables of a live kernel; while it is busy, seen through a subshell where it has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_assistants.kernels import variables
from jupyter_assistants.kernels.base import Namespace
from jupyter_assistants.kernels.connection import KernelConnection, KernelGone
from jupyter_assistants.kernels.evaluation import evaluate
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel
from jupyter_assistants.kernels.languages import find_language

PATIENCE = 0.5
SECONDS = 3.0
SUBSHELLS = "kernel subshells"


async def inspect_variables(
    kernel: ExecutorKernel, names: Sequence[str], rows: int, head: int
) -> Namespace:
    """Return what is defined in a kernel."""
    try:
        answer = await _answer(kernel, names, rows, head)
    except KernelGone:
        return Namespace("busy")
    if isinstance(answer, Namespace):
        return answer
    if not isinstance(answer, dict):
        return Namespace("busy")
    return _checked(answer)


async def _answer(kernel: ExecutorKernel, names: Sequence[str], rows: int, head: int) -> Any:
    idle = False
    if kernel.turn.locked():
        connection = kernel.connected
    else:
        async with kernel.turn:
            connection = await kernel.connect()
            idle = await connection.idle(PATIENCE, lambda: None)
    # Whoever wants to execute now need not wait for a look: the lock is free again.
    if connection is None:
        return None
    if not connection.language:
        await connection.introduced(PATIENCE)
    if not connection.language:
        # A kernel of an unknown language would run whatever it is sent.
        return None
    expression = find_language(connection.language).variables_expression(names, rows, head)
    if expression is None:
        return Namespace("foreign")
    if idle:
        return await evaluate(connection, expression, seconds=SECONDS)
    return await _through_subshell(connection, expression)


async def _through_subshell(connection: KernelConnection, expression: str) -> Any:
    if not connection.features:
        await connection.introduced(PATIENCE)
    if SUBSHELLS not in connection.features:
        return None
    reply = await connection.ask("create_subshell_request", {}, seconds=SECONDS)
    subshell = (reply or {}).get("subshell_id")
    if not isinstance(subshell, str):
        return None
    try:
        return await evaluate(connection, expression, seconds=SECONDS, subshell=subshell)
    finally:
        # The person's kernel is left as it was.
        await connection.ask("delete_subshell_request", {"subshell_id": subshell}, seconds=SECONDS)


def _checked(answer: dict[str, Any]) -> Namespace:
    """Return the answer of a kernel with every field checked: code in it could have answered anything."""
    given, values, left_out = (answer.get(k) for k in ("variables", "values", "left_out"))
    keys = ("name", "type", "text", "rows")
    found = [
        {key: str(each.get(key, "")) for key in keys}
        for each in (given if isinstance(given, list) else [])[: variables.MAX_VARIABLES]
        if isinstance(each, dict)
    ]
    texts = {
        str(name): str(text)[: variables.MAX_VALUE * 2]
        for name, text in (values if isinstance(values, dict) else {}).items()
    }
    return Namespace("seen", found, left_out if isinstance(left_out, int) else 0, texts)
