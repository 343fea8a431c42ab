"""A small version of the campaign of payloads; `make trust` runs the whole one."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.payloads import Payloads

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop alone: the browser has its own."""


def test_no_text_runs_loads_or_hides_anything_in_a_view_or_an_export() -> None:
    outcome = Payloads().run(Payloads.small, 0, Deadline(500))
    assert outcome.failures == []
    assert outcome.cases == Payloads.small
