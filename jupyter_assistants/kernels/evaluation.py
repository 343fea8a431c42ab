"""Asks an idle Python kernel for the value of an expression, without a trace in its notebook."""

from __future__ import annotations

import ast
import asyncio
from typing import Any

from jupyter_assistants.kernels.connection import KernelConnection


async def evaluated(
    connection: KernelConnection,
    expression: str,
    *,
    seconds: float | None = None,
    subshell: str | None = None,
) -> Any:
    """Return the value of an expression in an idle Python kernel; None if it gives no literal.

    Parameters
    ----------
    seconds
        How long to wait for it.
    subshell
        The id of a subshell in which a busy kernel evaluates it.
    """
    if connection.language != "python":
        return None
    replied: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def take(channel: str, message: dict[str, Any]) -> None:
        if channel == "shell" and not replied.done():
            replied.set_result(message["content"])

    content = {"code": "", "silent": True, "store_history": False, "allow_stdin": False}
    request = connection.execute(
        {**content, "user_expressions": {"asked": expression}, "stop_on_error": False},
        take,
        subshell=subshell,
    )
    try:
        if not await connection.wait(replied, seconds):
            return None
    finally:
        connection.forget(request)
    expressions = replied.result().get("user_expressions") or {}
    answer = expressions.get("asked", {}).get("data", {}).get("text/plain", "")
    try:
        return ast.literal_eval(answer)
    except (SyntaxError, ValueError, TypeError):
        return None
