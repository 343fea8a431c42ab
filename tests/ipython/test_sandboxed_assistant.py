"""``%%assistant`` with an assistant whose code has to run in a sandbox."""

from __future__ import annotations

import pytest
from support.kernel_session import KernelSession
from support.sandboxes import needs_sandbox

pytestmark = [pytest.mark.slow, needs_sandbox]

CREATE = """
from jupyter_assistants.client.in_process import InProcessClient
client = InProcessClient()
await client.request("POST", "/assistants", body={
    "name": "locked", "model": "default", "tools": [{"type": "code_interpreter"}],
    "tool_resources": {"code_interpreter": {"sandbox": True}},
})
"""
ASK = "%%assistant locked --new\n```python\nimport os\nmine = 1\nprint(os.environ['USER'])\n```"


def test_its_code_does_not_run_in_the_notebooks_kernel(coder_kernel: KernelSession) -> None:
    assert coder_kernel.run(CREATE).status == "ok"
    # Nobody is asked, since nothing of the person is in the sandbox.
    ran = coder_kernel.run(ASK)
    assert ran.status == "ok", ran.outputs
    shown = str(ran.outputs)
    assert "sandbox\\n" in shown and "Done." in shown
    assert coder_kernel.run("print('mine' in globals())").text.strip() == "False"
