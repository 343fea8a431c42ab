"""A small version of the campaign of the attacking model; `make trust` runs the whole one."""

from __future__ import annotations

import pytest

from benchmarks.trust.attacking_model import AttackingModels
from benchmarks.trust.campaign import Deadline

pytestmark = pytest.mark.slow


def test_nothing_runs_in_a_live_kernel_that_nobody_approved() -> None:
    outcome = AttackingModels().run(AttackingModels.small, 0, Deadline(300))
    assert outcome.failures == []
    assert outcome.cases == AttackingModels.small
