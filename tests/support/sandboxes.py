"""Whether a sandbox can be made on this machine."""

from __future__ import annotations

import os

import pytest

from jupyter_assistants.kernels import sandbox

PROBLEM = sandbox.problem(sandbox.Sandbox(), os.environ)
needs_sandbox = pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM)
