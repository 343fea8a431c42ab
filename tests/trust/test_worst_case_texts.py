"""No text makes a server's event loop stand still (the small version of the campaign)."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.worst_case_texts import WorstCaseTexts


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_text_makes_the_event_loop_stand_still() -> None:
    campaign = WorstCaseTexts()
    outcome = campaign.run(campaign.small, seed=0, deadline=Deadline(500))
    assert outcome.cases == campaign.small
    assert outcome.failures == [], outcome.note
