"""Whether a sandbox can be made on this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.protocol.errors import ExecutorError


def problem() -> str:
    """Return why no sandbox can be made here; empty if one can."""
    folder = Path(tempfile.gettempdir())
    try:
        sandbox.prepare(folder, folder, os.environ)
    except ExecutorError as error:
        return error.message
    return ""


PROBLEM = problem()
needs_sandbox = pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM)
