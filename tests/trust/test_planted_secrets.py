"""Secrets that are planted where a server works are found nowhere else."""

from __future__ import annotations

import sys

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.planted_secrets import PLACES, PlantedSecrets

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_a_secret_in_every_place_is_found_nowhere() -> None:
    campaign = PlantedSecrets()
    outcome = campaign.run(campaign.small, 0, Deadline(600))
    assert outcome.failures == []
    assert outcome.cases == len(PLACES) >= 20
