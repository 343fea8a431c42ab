"""Values of expressions in kernels, without a trace in their notebooks."""

from __future__ import annotations

import ast
import asyncio
import contextlib
from typing import Any

from jupyter_assistants.kernels.connection import KernelConnection
from jupyter_assistants.protocol.json_text import parse_untrusted

_ABORTS = 5
"""How often a question is sent that failing cells abort."""


async def evaluate(
    connection: KernelConnection,
    expression: str,
    *,
    seconds: float | None = None,
    subshell: str | None = None,
) -> Any:
    """Return the value of an expression in an idle kernel; None if it is no literal or JSON.

    Whoever calls this knows the kernel's language: other languages would run what they are sent.

    Parameters
    ----------
    seconds
        How long to wait for it.
    subshell
        The id of a subshell in which a busy kernel evaluates it.
    """
    reply: dict[str, Any] | None = {}
    for _ in range(_ABORTS):
        reply = await _ask(connection, expression, seconds, subshell)
        if reply is None:
            return None
        if reply.get("status") != "aborted":
            break
        # A person's cell that was before this in the kernel's queue failed, and took it along.
    expressions = (reply or {}).get("user_expressions") or {}
    answer = expressions.get("asked", {}).get("data", {}).get("text/plain", "")
    for parse in (ast.literal_eval, parse_untrusted):
        with contextlib.suppress(SyntaxError, ValueError, TypeError):
            return parse(answer)
    return None


async def _ask(
    connection: KernelConnection, expression: str, seconds: float | None, subshell: str | None
) -> dict[str, Any] | None:
    """Return the reply to a silent execution; None if the time is over."""
    replied: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def note_reply(channel: str, message: dict[str, Any]) -> None:
        if channel == "shell" and not replied.done():
            replied.set_result(message["content"])

    content = {"code": "", "silent": True, "store_history": False, "allow_stdin": False}
    request = connection.execute(
        {**content, "user_expressions": {"asked": expression}, "stop_on_error": False},
        note_reply,
        subshell=subshell,
    )
    try:
        return replied.result() if await connection.wait(replied, seconds) else None
    finally:
        connection.forget(request)
