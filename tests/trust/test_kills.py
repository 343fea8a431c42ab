"""Nothing that was acknowledged is lost, and nothing is made twice, however the service is killed."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.kills import Kills

pytestmark = pytest.mark.slow


def test_kills_lose_nothing_double_nothing_and_leave_nothing_stuck() -> None:
    campaign = Kills()
    outcome = campaign.run(campaign.small, 0, Deadline(600))
    assert outcome.failures == []
    assert outcome.cases == campaign.small
