"""No fault of an endpoint leaves a run stuck or a thread locked."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.endpoint_faults import KINDS, EndpointFaults

pytestmark = pytest.mark.slow


def test_each_kind_of_fault_ends_its_run_and_frees_the_thread() -> None:
    campaign = EndpointFaults()
    outcome = campaign.run(campaign.small, 0, Deadline(600))
    assert outcome.failures == []
    assert outcome.cases == len(KINDS) >= 25
