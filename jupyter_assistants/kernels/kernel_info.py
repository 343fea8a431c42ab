"""Asks kernels what they are, without starting one and without waiting for a busy one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels import facts as kernel_facts
from jupyter_assistants.kernels.connection import KernelGone
from jupyter_assistants.kernels.evaluation import evaluated
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel

SECONDS = 20.0
PATIENCE = 1.0

_SOURCE = Path(kernel_facts.__file__).read_text(encoding="utf-8")
_NAMES = ("python", "folder", "packages")


def facts_of_python(executable: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Ask the Python that kernels of a kernelspec run on. Blocking."""
    code = f"{_SOURCE}\nimport json\nprint(json.dumps(facts()))"
    try:
        done = subprocess.run(
            [executable, "-c", code],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        answer = json.loads(done.stdout)
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
    expression = f"(lambda n: (exec({_SOURCE!r}, n), n['facts']())[1])({{'__name__': 'facts'}})"
    async with kernel.turn:
        connection = await kernel.connect()
        try:
            if not await connection.idle(PATIENCE, lambda: None):
                return {}
            if connection.language != "python":
                return {"language": connection.language}
            return _checked(await evaluated(connection, expression))
        except KernelGone:
            return {}


def _checked(answer: Any) -> dict[str, str]:
    if not isinstance(answer, dict):
        return {}
    return {name: str(answer[name])[:2000] for name in _NAMES if name in answer}
