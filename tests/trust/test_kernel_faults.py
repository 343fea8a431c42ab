"""Each kind of fault of a kernel once: nothing is stuck."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.kernel_faults import KernelFaults


@pytest.mark.slow
def test_no_fault_of_a_kernel_leaves_a_call_or_a_thread_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The campaign sets it for the process that it runs in.
    monkeypatch.setenv("JUPYTER_PATH", "")
    outcome = KernelFaults().run(KernelFaults.small, 0, Deadline(600))
    assert outcome.failures == []
    assert outcome.cases == KernelFaults.small
