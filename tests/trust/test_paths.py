"""A small version of the campaign of paths; `make trust` runs the whole one."""

from __future__ import annotations

import pytest

from benchmarks.trust.campaign import Deadline
from benchmarks.trust.paths import Paths

pytestmark = pytest.mark.slow


def test_no_name_or_link_leads_the_server_out_of_a_folder_of_code() -> None:
    outcome = Paths().run(Paths.small, 0, Deadline(300))
    assert outcome.failures == []
    assert outcome.cases == Paths.small
