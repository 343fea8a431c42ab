"""Facts about kernels, asked without starting one and without waiting for a busy one."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

from jupyter_assistants.kernels.connection import KernelGone
from jupyter_assistants.kernels.evaluation import evaluate
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.kernels.languages.python import PYTHON
from jupyter_assistants.protocol.json_text import parse_untrusted

SECONDS = 20.0
PATIENCE = 1.0

_NAMES = ("python", "folder", "packages")


def facts_of_python(executable: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Ask the Python that kernels of a kernelspec run on. Blocking."""
    code = f"import json\nprint(json.dumps({PYTHON.facts_expression()}))"
    try:
        done = subprocess.run(
            [executable, "-c", code],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        answer = parse_untrusted(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        # Not Python, or not there: starting the kernel says so better.
        return {}
    found = _checked(answer)
    # Its kernels work in the folders of their threads.
    found.pop("folder", None)
    return found


async def facts_of_kernel(kernel: ExecutorKernel) -> dict[str, str]:
    """Ask a running kernel; empty when it is busy."""
    if kernel.turn.locked():
        return {}
    async with kernel.turn:
        connection = await kernel.connect()
        try:
            if not await connection.idle(PATIENCE, lambda: None):
                return {}
            if not connection.language:
                return {}
            named = {} if connection.language == "python" else {"language": connection.language}
            expression = find_language(connection.language).facts_expression()
            if expression is None:
                return named
            return named | _checked(await evaluate(connection, expression))
        except KernelGone:
            return {}


def _checked(answer: Any) -> dict[str, str]:
    if not isinstance(answer, dict):
        return {}
    return {name: str(answer[name])[:2000] for name in _NAMES if name in answer}
